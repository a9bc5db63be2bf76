//! Unpacks a tar into a staging directory. The tar comes from outside: it is read within limits, and only files
//! and directories come of it, all of them below that directory.
//!
//! Blocking: for a thread that may wait. It ends soon after [`Progress`] is told so.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use tar::EntryType;

mod archive;
mod error;
pub(crate) mod path;
mod pax;
mod progress;
mod source;
#[cfg(test)]
mod tests;
mod tree;

use archive::{Archive, Member};
use error::shown;
pub use error::{Refusal, UnpackError};
pub use path::PathError;
pub use progress::Progress;
use tree::Tree;

/// How much one tar may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files and directories.
    pub entries: u64,
    /// Of all files together.
    pub bytes: u64,
}

/// Unpacks the tar `file`, compressed with gzip or zstd or not at all, into the directory `into`.
///
/// # Errors
///
/// It cannot be accepted, it is truncated, or this machine cannot read or write now. What was unpacked by then
/// is left behind.
pub fn unpack(file: File, into: &Path, limits: Limits, progress: &Progress) -> Result<(), UnpackError> {
    let no_root = |source| UnpackError::Write { path: into.display().to_string(), source };
    let mut tree = Tree::new(into, limits.entries).map_err(no_root)?;
    let mut archive = Archive::new(source::content(file, progress)?);
    let mut left = Left { entries: limits.entries, bytes: limits.bytes };
    while let Some(member) = archive.next()? {
        if progress.is_stopped() {
            return Err(UnpackError::Stopped);
        }
        left.take(&member, limits)?;
        let is_dir = is_dir(&member)?;
        let not_allowed = |why| Refusal::Path { path: shown(&member.path), why };
        let parts = path::parts(&member.path).map_err(not_allowed)?;
        if is_dir {
            tree.dir(&parts)?;
            continue;
        }
        let mut file = tree.file(&parts)?;
        archive.read_content(|piece| {
            if progress.is_stopped() {
                return Err(UnpackError::Stopped);
            }
            let path = || parts.join("/");
            file.write_all(piece).map_err(|source| UnpackError::Write { path: path(), source })?;
            progress.has_written(piece.len());
            Ok(())
        })?;
    }
    Ok(())
}

/// What is left of the limits.
struct Left {
    entries: u64,
    bytes: u64,
}

impl Left {
    fn take(&mut self, member: &Member, limits: Limits) -> Result<(), Refusal> {
        self.entries = self.entries.checked_sub(1).ok_or(Refusal::TooMany(limits.entries))?;
        let too_large = || Refusal::TooLarge { path: shown(&member.path), most: limits.bytes };
        self.bytes = self.bytes.checked_sub(member.size).ok_or_else(too_large)?;
        Ok(())
    }
}

/// Whether the member is a directory; if not, it is a file.
fn is_dir(member: &Member) -> Result<bool, Refusal> {
    let kind = match member.kind {
        // The oldest archives know no other kind.
        EntryType::Regular if member.path.ends_with(b"/") && member.size == 0 => return Ok(true),
        EntryType::Regular | EntryType::Continuous => return Ok(false),
        EntryType::Directory if member.size == 0 => return Ok(true),
        EntryType::Directory => "a directory with content",
        EntryType::Link => "a hard link",
        EntryType::Symlink => "a symbolic link",
        EntryType::Char | EntryType::Block => "a device",
        EntryType::Fifo => "a named pipe",
        EntryType::GNUSparse => "a file with holes (make the tar without --sparse)",
        _ => "of an unknown kind",
    };
    Err(Refusal::Kind { path: shown(&member.path), kind })
}
