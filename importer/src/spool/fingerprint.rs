//! What the file system says of a tar: two files of one name are told apart by it.

use std::fmt;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// Size, time of the last change, and inode: the same on all hosts that share the spool, and whatever the
/// file is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fingerprint {
    /// Seconds and nanoseconds.
    pub(crate) changed: (i64, i64),
    pub(crate) size: u64,
    pub(crate) inode: u64,
}

impl Fingerprint {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            changed: (metadata.mtime(), metadata.mtime_nsec()),
            size: metadata.len(),
            inode: metadata.ino(),
        }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanoseconds) = self.changed;
        write!(f, "{}-{seconds}.{nanoseconds:09}-{}", self.size, self.inode)
    }
}
