//! Moving and removing whole trees: blocking, for one thread.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

/// Whether something of that name is there.
pub(super) fn exists(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes `from` stand at `to`. What stood at `to` before stands at `old` afterwards. Where the file system can
/// do it, there is no moment without either.
pub(super) fn replace(from: &Path, to: &Path, old: &Path) -> io::Result<()> {
    if !exists(to)? {
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(()),
            Err(error) if is_unknown(error) => return fs::rename(from, to),
            Err(error) => return Err(error.into()),
        }
    }
    match renameat_with(CWD, from, CWD, to, RenameFlags::EXCHANGE) {
        // What stood there has the new one's old place now.
        Ok(()) => fs::rename(from, old),
        Err(error) if is_unknown(error) => {
            fs::rename(to, old)?;
            fs::rename(from, to).inspect_err(|_| {
                // Rather the old one than none.
                let _ = fs::rename(old, to);
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether the file system does not know this kind of rename.
fn is_unknown(error: Errno) -> bool {
    matches!(error, Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP)
}

/// Copies a tree of directories and plain files; anything else in it is an error.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &target)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), target)?;
        } else {
            let what = format!("{} is neither a file nor a directory", entry.path().display());
            return Err(io::Error::new(ErrorKind::Unsupported, what));
        }
    }
    Ok(())
}

/// Removes a tree, or what is left of it; somebody else may be at it, too.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    loop {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() == ErrorKind::NotFound && !exists(path)? => return Ok(()),
            // Something in it was gone before it was its turn.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) if error.kind() == ErrorKind::NotADirectory => return fs::remove_file(path),
            result => return result,
        }
    }
}

/// The plain files of a tree, by their path in it, and their sizes; anything else than files and directories
/// in it is an error.
pub(super) fn files(root: &Path) -> io::Result<Vec<(String, u64)>> {
    let (mut files, mut dirs) = (Vec::new(), vec![String::new()]);
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(root.join(&dir))? {
            let entry = entry?;
            let odd = |what: &str| {
                let what = format!("{} is {what}", entry.path().display());
                Err(io::Error::new(ErrorKind::Unsupported, what))
            };
            let Ok(name) = entry.file_name().into_string() else { return odd("no name in UTF-8") };
            let path = if dir.is_empty() { name } else { format!("{dir}/{name}") };
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                dirs.push(path);
            } else if metadata.is_file() {
                files.push((path, metadata.len()));
            } else {
                return odd("neither a file nor a directory");
            }
        }
    }
    Ok(files)
}
