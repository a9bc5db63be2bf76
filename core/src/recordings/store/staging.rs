//! Staging directories, where trees are put together: blocking, for one thread.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{StoreError, failed, tree};

/// Begins the name of every staging directory.
const STAGED: &str = ".import-";
/// Begins the name of what is to be removed.
pub(super) const DISCARDED: &str = ".discarded-";
/// Begins the name of a tree that is being copied from another file system.
pub(super) const COPIED: &str = ".copy-";
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

/// Removes what is left below `root` by processes that died; not the staging directories of the names to
/// `keep`. Gives how many things that were.
pub(super) fn sweep(root: &Path, keep: &[String]) -> Result<usize, StoreError> {
    let keep: Vec<String> = keep.iter().map(|name| format!("{STAGED}{name}")).collect();
    let mut swept = 0;
    for entry in fs::read_dir(root).map_err(failed("read", root))? {
        let path = entry.map_err(failed("read", root))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let left = name.starts_with(DISCARDED)
            || (name.starts_with(STAGED) && !keep.iter().any(|kept| *kept == name))
            || (name.starts_with(COPIED) && is_older(&path, LONGEST_COPY));
        if left {
            tree::remove(&path).map_err(failed("remove", &path))?;
            swept += 1;
        }
    }
    Ok(swept)
}

fn is_older(path: &Path, age: Duration) -> bool {
    let made = fs::symlink_metadata(path).and_then(|metadata| metadata.modified());
    made.ok().and_then(|made| made.elapsed().ok()).is_some_and(|elapsed| elapsed > age)
}
