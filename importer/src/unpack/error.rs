//! Why a tar was not unpacked, and whose fault that is.

use std::io;

use super::path::PathError;

/// A tar was not unpacked.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// It ends before its end; perhaps the rest is still on its way.
    #[error("it is truncated: it ends before the end-of-archive mark, after {0} bytes of its content")]
    Truncated(u64),
    /// It cannot be accepted, now or later.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It cannot be read now.
    #[error("it cannot be read: {0}")]
    Read(#[source] io::Error),
    /// The staging directory cannot be written now.
    #[error("{path} cannot be written below the staging directory: {source}")]
    Write {
        /// The member that was to be written.
        path: String,
        /// Why not.
        source: io::Error,
    },
    /// The import was stopped.
    #[error("unpacking was stopped")]
    Stopped,
}

/// What no import can be made of.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The archive is damaged, or none.
    #[error("it is no tar archive, or a damaged one: {what} (at byte {at} of its content)")]
    Damaged {
        /// Where in the (uncompressed) archive.
        at: u64,
        /// What is wrong there.
        what: &'static str,
    },
    /// What it is compressed with is damaged, or needs too much memory.
    #[error("it cannot be uncompressed: {0}")]
    Compression(#[source] io::Error),
    /// A path that is not followed.
    #[error("the path {path:?} is not allowed in it: {why}")]
    Path {
        /// The path, shortened.
        path: String,
        /// Why not.
        why: PathError,
    },
    /// A member that is neither a file nor a directory.
    #[error("{path:?} is {kind}; only files and directories are allowed in it")]
    Kind {
        /// The path, shortened.
        path: String,
        /// What it is.
        kind: &'static str,
    },
    /// One path is both a file and a directory.
    #[error("{path:?} is a file in one place of it, and a directory in another")]
    Conflict {
        /// The path.
        path: String,
    },
    /// A file system that does not take a name.
    #[error("{path:?} cannot be the name of a file here: {source}")]
    Name {
        /// The path.
        path: String,
        /// What the file system says.
        source: io::Error,
    },
    /// One member is larger than all may be together, or larger than anything real.
    #[error("{path:?} is said to have {size} bytes; more than {most} are not accepted")]
    MemberTooLarge {
        /// The path, shortened.
        path: String,
        /// Its size, in bytes.
        size: u64,
        /// The limit.
        most: u64,
    },
    /// All members together are larger than they may be.
    #[error(
        "its files have more than {most} bytes together (RECORDING_IMPORT_MAX_BYTES), by {path:?} at the latest"
    )]
    TooLarge {
        /// The member that was one too many, shortened.
        path: String,
        /// The limit.
        most: u64,
    },
    /// There are more members than there may be.
    #[error("it has more than {0} files and directories (RECORDING_IMPORT_MAX_ENTRIES)")]
    TooMany(u64),
}

/// A path for a message: as it is, but short.
pub(super) fn shown(path: &[u8]) -> String {
    const MOST: usize = 200;
    let mut text = String::from_utf8_lossy(&path[..path.len().min(MOST)]).into_owned();
    if path.len() > MOST {
        text.push('…');
    }
    text
}
