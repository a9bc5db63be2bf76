//! A rename that replaces nothing.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

/// Renames a file unless something is there ([`ErrorKind::AlreadyExists`]).
///
/// # Errors
///
/// Those of the file system.
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => rename_by_link(from, to),
        result => Ok(result?),
    }
}

/// For network file systems that do not know such a rename: a link is never made over a file.
fn rename_by_link(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        // Cut off in the middle of this, the file has both names.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && is_same(from, to) => fs::remove_file(from),
        Err(error) if matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::NotFound) => Err(error),
        // No links either: all that is left is to look first.
        Err(_) if fs::symlink_metadata(to).is_ok() => Err(ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    let id = |path: &Path| fs::symlink_metadata(path).map(|metadata| (metadata.dev(), metadata.ino()));
    matches!((id(one), id(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_replaced() {
        for rename in [rename_new, rename_by_link] {
            let dir = tempfile::tempdir().unwrap();
            let (from, to) = (dir.path().join("from"), dir.path().join("to"));
            assert_eq!(rename(&from, &to).unwrap_err().kind(), ErrorKind::NotFound);
            fs::write(&from, "1").unwrap();
            rename(&from, &to).unwrap();
            assert!(!from.exists());
            fs::write(&from, "2").unwrap();
            assert_eq!(rename(&from, &to).unwrap_err().kind(), ErrorKind::AlreadyExists);
            assert_eq!(fs::read_to_string(&to).unwrap(), "1");
            assert_eq!(fs::read_to_string(&from).unwrap(), "2");
        }
    }

    #[test]
    fn one_that_was_cut_off_is_ended() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        fs::write(&from, "1").unwrap();
        fs::hard_link(&from, &to).unwrap();
        rename_by_link(&from, &to).unwrap();
        assert!(!from.exists() && to.exists());
    }

    #[test]
    fn a_rename_of_what_is_gone_fails() {
        for rename in [rename_new, rename_by_link] {
            let dir = tempfile::tempdir().unwrap();
            assert!(rename(&dir.path().join("from"), &dir.path().join("to")).is_err());
        }
    }
}
