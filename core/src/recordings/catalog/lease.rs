//! What is held while files are worked on, and what tells one tar from another.

/// The right to work on something, held by one process at a time, among all hosts. It ends by itself when it
/// is not renewed: a process that dies keeps nobody waiting for long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What it is for, see [`Lease::of_tar`] and [`Lease::of_recording`].
    pub name: String,
    /// Tells this holder from all others.
    pub token: String,
}

impl Lease {
    /// The name of the lease of a tar in the spool.
    #[must_use]
    pub fn of_tar(file_name: &str) -> String {
        format!("tar:{file_name}")
    }

    /// The name of the lease of a recording's files.
    #[must_use]
    pub fn of_recording(record_id: &str) -> String {
        format!("recording:{record_id}")
    }
}

/// A tar by its name and what the file system says of it: two files of one name are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TarMark {
    /// Its name in the spool.
    pub file_name: String,
    /// Size, times and inode.
    pub fingerprint: String,
}
