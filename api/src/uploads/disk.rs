//! Uploads on the spool's file system. Blocking.
//!
//! What has come of a file is its part, and beside it is noted what it is to become. Whoever changes them holds a lock
//! on the part, so that processes on one spool do not get in each other's way; it is free when a process dies. An upload
//! that is there, and whole, is first noted to be so and then renamed into the spool: one that is noted to be whole and
//! has no part is done.
//!
//! The last byte of a part does not count before all is checked ([`State::offset`]): a client that is cut off while that
//! goes on sends it once more, and so has the check done again.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{OFlags, statvfs};
use scalelite_core::recordings::upload_names;
use serde::{Deserialize, Serialize};

use super::name::Name;

#[cfg(test)]
mod tests;
mod upload;

pub(super) use upload::Upload;

/// The note of an upload is not longer.
const LONGEST_STATE: u64 = 4096;

/// Why something is not done with an upload.
#[derive(Debug, thiserror::Error)]
pub(super) enum DiskError {
    #[error("another request has it")]
    Busy,
    #[error("there is no such upload")]
    Unknown,
    #[error("there is no room")]
    Full,
    #[error("the hash is another one")]
    Hash,
    #[error("this process is to end")]
    Stopped,
    #[error(transparent)]
    Io(io::Error),
}

impl From<io::Error> for DiskError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error),
        }
    }
}

/// What an upload is to become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// In bytes.
    pub(super) length: u64,
    /// In lower-case hexadecimal.
    pub(super) sha256: String,
    /// The server that has begun it.
    pub(super) server: String,
    /// All is there and checked.
    pub(super) whole: bool,
}

impl State {
    /// How far an upload is whose part has that many bytes; none if it was lost.
    fn offset(&self, part: Option<u64>) -> Option<u64> {
        match part {
            None => self.whole.then_some(self.length),
            // Somebody has made the part when the tar was in the spool already.
            Some(part) if self.whole && part != self.length => Some(self.length),
            Some(part) => Some(part.min(self.length.saturating_sub(1))),
        }
    }

    pub(super) fn is_of(&self, length: u64, sha256: &str) -> bool {
        self.length == length && self.sha256 == sha256
    }
}

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    /// In bytes, all on the disk.
    pub(super) offset: u64,
    /// It was begun just now.
    pub(super) is_new: bool,
}

/// Where uploads are.
#[derive(Debug, Clone)]
pub(super) struct Place {
    spool: PathBuf,
    min_free: u64,
}

impl Place {
    pub(super) fn new(spool: &Path, min_free: u64) -> Self {
        Self { spool: spool.to_owned(), min_free }
    }

    /// An upload and how far it is.
    pub(super) fn find(&self, name: &Name) -> Result<(State, u64), DiskError> {
        // First the part: one that goes away after that is noted to be whole already.
        let part = match open_plain(&upload_names::part(&self.spool, name.as_str()), false) {
            Ok(part) => Some(part),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        let state = self.state(name)?.ok_or(DiskError::Unknown)?;
        let part = match part {
            Some(part) => {
                // What is told is there to stay.
                part.sync_data()?;
                Some(part.metadata()?.len())
            }
            None => None,
        };
        let offset = state.offset(part).ok_or(DiskError::Unknown)?;
        Ok((state, offset))
    }

    /// Begins an upload, or finds the one that was begun. What was begun of another file of that name is thrown away.
    pub(super) fn begin(&self, name: &Name, wanted: &State) -> Result<Progress, DiskError> {
        match self.find(name) {
            Ok((state, offset)) if state.is_of(wanted.length, &wanted.sha256) => {
                return Ok(Progress { offset, is_new: false });
            }
            Ok(_) | Err(DiskError::Unknown) => {}
            Err(error) => return Err(error),
        }
        let dir = upload_names::dir(&self.spool);
        fs::create_dir_all(&dir)?;
        self.check_room(wanted.length)?;
        let mut upload = self.lock(name, true)?;
        if let Some(state) = self.state(name)?
            && state.is_of(wanted.length, &wanted.sha256)
            && let Some(offset) = state.offset(Some(upload.len()?))
        {
            // Somebody else was faster.
            if offset == state.length {
                remove(&upload.part())?;
            }
            return Ok(Progress { offset, is_new: false });
        }
        // Without a note of it, a part is nothing.
        remove(&upload_names::state(&self.spool, name.as_str()))?;
        upload.file.set_len(0)?;
        upload.state = wanted.clone();
        upload.note()?;
        Ok(Progress { offset: 0, is_new: true })
    }

    /// Opens an upload at that offset, to go on with it; nobody else can, then. `Ok(Err(_))`: it is at another offset.
    pub(super) fn open(
        &self,
        name: &Name,
        offset: u64,
        is_wanted: impl FnOnce(&State) -> bool,
    ) -> Result<Result<Upload, u64>, DiskError> {
        let mut upload = match self.lock(name, false) {
            // It may be done.
            Err(DiskError::Unknown) => {
                let (state, offset) = self.find(name)?;
                return if is_wanted(&state) { Ok(Err(offset)) } else { Err(DiskError::Unknown) };
            }
            locked => locked?,
        };
        upload.state = self.state(name)?.filter(is_wanted).ok_or(DiskError::Unknown)?;
        let length = upload.state.length;
        let there = upload.state.offset(Some(upload.len()?)).ok_or(DiskError::Unknown)?;
        if offset != there || there == length {
            return Ok(Err(there));
        }
        self.check_room(length - offset)?;
        if upload.state.whole {
            // From here on it is not, until it is checked again.
            upload.state.whole = false;
            upload.note()?;
        }
        upload.cut_back(offset)?;
        Ok(Ok(upload))
    }

    /// Throws an upload away, or forgets that it is done.
    pub(super) fn forget(
        &self,
        name: &Name,
        is_wanted: impl FnOnce(&State) -> bool,
    ) -> Result<(), DiskError> {
        let upload = match self.lock(name, false) {
            Ok(upload) => Some(upload),
            Err(DiskError::Unknown) => None,
            Err(error) => return Err(error),
        };
        self.state(name)?.filter(is_wanted).ok_or(DiskError::Unknown)?;
        remove(&upload_names::state(&self.spool, name.as_str()))?;
        if let Some(upload) = upload {
            remove(&upload.part())?;
        }
        Ok(())
    }

    fn lock(&self, name: &Name, make: bool) -> Result<Upload, DiskError> {
        let path = upload_names::part(&self.spool, name.as_str());
        let file = match open_plain(&path, make) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(DiskError::Unknown),
            opened => opened?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DiskError::Busy),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        // It may have been renamed or removed before it was locked.
        let (locked, there) = (file.metadata()?, fs::symlink_metadata(&path));
        if !there.is_ok_and(|there| (there.dev(), there.ino()) == (locked.dev(), locked.ino())) {
            return Err(DiskError::Busy);
        }
        let state = State { length: 0, sha256: String::new(), server: String::new(), whole: false };
        Ok(Upload { file, spool: self.spool.clone(), name: name.clone(), state })
    }

    fn state(&self, name: &Name) -> io::Result<Option<State>> {
        let file = match open_plain(&upload_names::state(&self.spool, name.as_str()), false) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        // One that cannot be read is as good as none: the upload begins anew.
        Ok(serde_json::from_reader(file.take(LONGEST_STATE)).ok())
    }

    fn check_room(&self, bytes: u64) -> Result<(), DiskError> {
        let system = statvfs(&self.spool).map_err(io::Error::from)?;
        let free = system.f_bavail.saturating_mul(system.f_frsize);
        if free < bytes.saturating_add(self.min_free) { Err(DiskError::Full) } else { Ok(()) }
    }
}

/// Opens a file that is no link.
fn open_plain(path: &Path, make: bool) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    OpenOptions::new().read(true).write(true).create(make).truncate(false).custom_flags(flags).open(path)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
