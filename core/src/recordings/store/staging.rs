//! Staging directories, where trees are put together: blocking, for one thread.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use uuid::Uuid;

use super::{StoreError, failed, tree};

/// Begins the name of every staging directory.
const STAGED: &str = ".import-";
/// Begins the name of what is to be removed.
pub(super) const DISCARDED: &str = ".discarded-";
/// Begins the name of a tree that is being copied from another file system.
pub(super) const COPIED: &str = ".copy-";
/// Begins the name of a directory that tells whether a rename is possible.
pub(super) const PROBE: &str = ".probe-";
/// No copy takes longer than this.
const LONGEST_COPY: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes a staging directory below `root`.
pub(super) fn make(root: &Path, name: &str) -> Result<PathBuf, StoreError> {
    let path = root.join(format!("{STAGED}{name}"));
    fs::create_dir(&path).map_err(failed("make", &path))?;
    Ok(path)
}

/// Removes a staging directory with all that is in it.
pub(super) fn remove(root: &Path, name: &str) -> Result<(), StoreError> {
    let path = root.join(format!("{STAGED}{name}"));
    tree::remove(&path).map_err(failed("remove", &path))
}

/// The names of the staging directories below `root`.
pub(super) fn names(root: &Path) -> Result<Vec<String>, StoreError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root).map_err(failed("read", root))? {
        let name = entry.map_err(failed("read", root))?.file_name();
        names.extend(name.to_str().and_then(|name| name.strip_prefix(STAGED)).map(str::to_owned));
    }
    Ok(names)
}

/// Removes what is left below `root` by processes that died, among it the staging directories that are `lost`.
/// Gives how many things that were.
pub(super) fn sweep(root: &Path, lost: &[String]) -> Result<usize, StoreError> {
    let (mut swept, mut failure) = (0, None);
    for entry in fs::read_dir(root).map_err(failed("read", root))? {
        let path = entry.map_err(failed("read", root))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_lost = match name.strip_prefix(STAGED) {
            Some(staged) => lost.iter().any(|lost| lost == staged),
            None if name.starts_with(DISCARDED) => true,
            None => {
                [COPIED, PROBE].iter().any(|begin| name.starts_with(begin)) && is_older(&path, LONGEST_COPY)
            }
        };
        if is_lost {
            match discard(root, &path).map_err(failed("remove", &path)) {
                Ok(()) => swept += 1,
                Err(error) => failure = Some(error),
            }
        }
    }
    failure.map_or(Ok(swept), Err)
}

/// Removes what is at `path`, under another name: whoever may still be at it finds that it is gone, and never a part
/// of it.
fn discard(root: &Path, path: &Path) -> io::Result<()> {
    let old = root.join(format!("{DISCARDED}{}", Uuid::new_v4()));
    match fs::rename(path, &old) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        renamed => renamed.and_then(|()| tree::remove(&old)),
    }
}

fn is_older(path: &Path, age: Duration) -> bool {
    let made = fs::symlink_metadata(path).and_then(|metadata| metadata.modified());
    made.ok().and_then(|made| made.elapsed().ok()).is_some_and(|elapsed| elapsed > age)
}
