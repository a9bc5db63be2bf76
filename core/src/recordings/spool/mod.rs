//! The spool, as importers and operators know it: the [`names`] of tars, and what waits or has failed there.
//!
//! Blocking. What stands there comes from outside: names are only taken for what they are.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::time::SystemTime;

pub mod names;
pub mod rename;

use rename::rename_new;

/// More tars than this are not looked at; they are said to be more.
const MOST: usize = 20_000;
/// Bytes of a text that tells why a tar failed.
const LONGEST_REASON: u64 = 4096;

/// A tar in the spool, or one that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tar {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// When it was last written to.
    pub modified: SystemTime,
}

/// Tars, and whether there are more than are looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tars {
    /// The tars.
    pub tars: Vec<Tar>,
    /// Whether there are more.
    pub more: bool,
}

/// What became of a tar that was to be imported once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retried {
    /// It is in the spool again.
    Done,
    /// It has not failed, or not under that name.
    Unknown,
    /// The spool holds another tar of that name.
    NameTaken,
}

/// Tars that wait for their import, what waits longest first.
///
/// # Errors
///
/// The spool cannot be read.
pub fn waiting(spool: &Path) -> io::Result<Tars> {
    let mut tars = look(spool)?;
    tars.tars.sort_by(|a, b| a.modified.cmp(&b.modified).then_with(|| a.name.cmp(&b.name)));
    Ok(tars)
}

/// Tars that could not be imported, what failed last first.
///
/// # Errors
///
/// The directory cannot be read. That there is none is no error.
pub fn failed(spool: &Path) -> io::Result<Tars> {
    let mut tars = match look(&spool.join(names::FAILED)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Tars::default(),
        looked => looked?,
    };
    tars.tars.sort_by(|a, b| b.modified.cmp(&a.modified).then_with(|| a.name.cmp(&b.name)));
    Ok(tars)
}

/// Why a tar failed, shortened; none if nothing tells.
#[must_use]
pub fn reason(spool: &Path, name: &str) -> Option<String> {
    let path = spool.join(names::FAILED).join(names::reason(plain(name)?));
    if !fs::symlink_metadata(&path).ok()?.is_file() {
        return None;
    }
    let mut text = Vec::new();
    File::open(&path).ok()?.take(LONGEST_REASON).read_to_end(&mut text).ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// Moves a tar that failed back to the spool, where the next importer finds it. It replaces nothing.
///
/// # Errors
///
/// It cannot be moved.
pub fn retry(spool: &Path, name: &str) -> io::Result<Retried> {
    let (Some(name), failed) = (plain(name), spool.join(names::FAILED)) else { return Ok(Retried::Unknown) };
    let is = |path: &Path, wanted: fn(&fs::Metadata) -> bool| match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(wanted(&metadata)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidFilename) => Ok(false),
        Err(error) => Err(error),
    };
    let from = failed.join(name);
    if !is(&failed, fs::Metadata::is_dir)? || !is(&from, fs::Metadata::is_file)? {
        return Ok(Retried::Unknown);
    }
    match rename_new(&from, &spool.join(name)) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(Retried::NameTaken),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Retried::Unknown),
        renamed => renamed?,
    }
    // A text without its tar says nothing to anybody, so it may also stay.
    if let Err(error) = fs::remove_file(failed.join(names::reason(name))) {
        tracing::debug!(tar = name, %error, "its reason is left behind");
    }
    Ok(Retried::Done)
}

/// A name that leads nowhere else.
fn plain(name: &str) -> Option<&str> {
    Some(name).filter(|name| names::is_tar(name) && !name.contains(['/', '\0']))
}

fn look(dir: &Path) -> io::Result<Tars> {
    let mut found = Tars::default();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if !names::is_tar(&name) {
            continue;
        }
        // What is gone since is not there.
        let Ok(metadata) = entry.metadata() else { continue };
        if !metadata.is_file() {
            continue;
        }
        if found.tars.len() == MOST {
            found.more = true;
            break;
        }
        let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        found.tars.push(Tar { name, bytes: metadata.len(), modified });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn spool() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("failed")).unwrap();
        dir
    }

    fn write(dir: &Path, name: &str, text: &str) {
        fs::write(dir.join(name), text).unwrap();
    }

    #[test]
    fn what_waits_and_what_has_failed() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(failed(dir.path()).unwrap(), Tars::default());
        assert!(waiting(&dir.path().join("no")).is_err());
        write(dir.path(), "a.tar", "123");
        write(dir.path(), ".hidden.tar", "");
        write(dir.path(), "notes.txt", "");
        symlink("/etc/passwd", dir.path().join("link.tar")).unwrap();
        fs::create_dir_all(dir.path().join("failed/dir.tar")).unwrap();
        write(dir.path(), "failed/b.tar", "12");
        write(dir.path(), "failed/b.tar.reason", &"x".repeat(5000));
        let tars = waiting(dir.path()).unwrap().tars;
        assert_eq!(tars.iter().map(|tar| (tar.name.as_str(), tar.bytes)).collect::<Vec<_>>(), [("a.tar", 3)]);
        let tars = failed(dir.path()).unwrap().tars;
        assert_eq!(tars.iter().map(|tar| (tar.name.as_str(), tar.bytes)).collect::<Vec<_>>(), [("b.tar", 2)]);
        assert_eq!(reason(dir.path(), "b.tar").unwrap().len(), 4096);
        assert_eq!(reason(dir.path(), "c.tar"), None);
    }

    #[test]
    fn one_that_failed_goes_back() {
        let dir = spool();
        write(dir.path(), "failed/a.tar", "1");
        write(dir.path(), "failed/a.tar.reason", "why");
        assert_eq!(retry(dir.path(), "a.tar").unwrap(), Retried::Done);
        assert_eq!(fs::read_to_string(dir.path().join("a.tar")).unwrap(), "1");
        assert_eq!(fs::read_dir(dir.path().join("failed")).unwrap().count(), 0);
        assert_eq!(retry(dir.path(), "a.tar").unwrap(), Retried::Unknown);
    }

    #[test]
    fn nothing_is_replaced() {
        let dir = spool();
        write(dir.path(), "failed/a.tar", "old");
        write(dir.path(), "a.tar", "new");
        assert_eq!(retry(dir.path(), "a.tar").unwrap(), Retried::NameTaken);
        assert_eq!(fs::read_to_string(dir.path().join("a.tar")).unwrap(), "new");
        assert!(dir.path().join("failed/a.tar").exists());
    }

    #[test]
    fn names_from_outside_lead_nowhere() {
        let dir = spool();
        let outside = tempfile::tempdir().unwrap();
        write(outside.path(), "x.tar", "secret");
        write(outside.path(), "x.tar.reason", "secret");
        symlink(outside.path().join("x.tar"), dir.path().join("failed/link.tar")).unwrap();
        symlink(outside.path().join("x.tar.reason"), dir.path().join("failed/link.tar.reason")).unwrap();
        let long = "x".repeat(300) + ".tar";
        let absolute = outside.path().join("x.tar").display().to_string();
        let names = [
            "../../x.tar",
            "..",
            "",
            ".",
            "x",
            ".x.tar",
            "a\0.tar",
            "sub/x.tar",
            "link.tar",
            &long,
            &absolute,
        ];
        for name in names {
            assert_eq!(retry(dir.path(), name).unwrap(), Retried::Unknown, "{name}");
            assert_eq!(reason(dir.path(), name), None, "{name}");
        }
        let other = tempfile::tempdir().unwrap();
        symlink(outside.path(), other.path().join("failed")).unwrap();
        assert_eq!(retry(other.path(), "x.tar").unwrap(), Retried::Unknown);
        assert!(outside.path().join("x.tar").exists());
    }
}
