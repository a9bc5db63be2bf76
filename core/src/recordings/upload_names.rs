//! What uploads are called that are under way: the front end writes them, the importer removes those that are given up.
//!
//! They are in a hidden directory of the spool, so on its file system, and no importer takes them for tars. Whoever
//! changes one holds a lock (`flock`) on its part.

use std::path::{Path, PathBuf};

/// The directory, in the spool.
pub const DIR: &str = ".uploads";
/// Ends the name of what has come of a tar so far.
pub const PART: &str = ".part";
/// Ends the name of what is known of an upload.
pub const STATE: &str = ".json";

/// The directory of a spool's uploads.
#[must_use]
pub fn dir(spool: &Path) -> PathBuf {
    spool.join(DIR)
}

/// What has come of the tar of that name.
#[must_use]
pub fn part(spool: &Path, name: &str) -> PathBuf {
    dir(spool).join(format!("{name}{PART}"))
}

/// What is known of the upload of that name. It stays for a while when the tar is in the spool.
#[must_use]
pub fn state(spool: &Path, name: &str) -> PathBuf {
    dir(spool).join(format!("{name}{STATE}"))
}
