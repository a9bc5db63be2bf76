//! One upload while it is worked on. Blocking.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use scalelite_core::recordings::upload_names;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::{DiskError, State, remove, sync_dir};
use crate::uploads::name::Name;

/// What is hashed at once, before it is looked whether to stop.
const BLOCK: usize = 1 << 20;
/// An upload that nobody else works on while this is kept.
#[derive(Debug)]
pub(in crate::uploads) struct Upload {
    pub(super) file: File,
    pub(super) spool: PathBuf,
    pub(super) name: Name,
    pub(super) state: State,
}

impl Upload {
    pub(in crate::uploads) fn length(&self) -> u64 {
        self.state.length
    }

    pub(in crate::uploads) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    /// Drops what is beyond that offset, and goes on from there.
    pub(in crate::uploads) fn cut_back(&mut self, offset: u64) -> io::Result<()> {
        self.file.set_len(offset)?;
        self.file.seek(SeekFrom::Start(offset))?;
        Ok(())
    }

    /// When this is done, all that was appended is on the disk.
    pub(in crate::uploads) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// All is there: checks it, and puts it into the spool. One with another hash is thrown away. `hash` is that of all
    /// that was appended, if that is known.
    pub(in crate::uploads) fn finish(
        mut self,
        hash: Option<Sha256>,
        stop: &CancellationToken,
    ) -> Result<(), DiskError> {
        self.file.sync_all()?;
        let hash = match hash {
            Some(hash) => hash,
            None => self.hash(stop)?,
        };
        if hex::encode(hash.finalize()) != self.state.sha256 {
            remove(&upload_names::state(&self.spool, self.name.as_str()))?;
            remove(&self.part())?;
            return Err(DiskError::Hash);
        }
        self.state.whole = true;
        self.note()?;
        fs::rename(self.part(), self.spool.join(self.name.as_str()))?;
        sync_dir(&self.spool)?;
        Ok(sync_dir(&upload_names::dir(&self.spool))?)
    }

    fn hash(&mut self, stop: &CancellationToken) -> Result<Sha256, DiskError> {
        self.file.seek(SeekFrom::Start(0))?;
        let (mut hash, mut block) = (Sha256::new(), vec![0; BLOCK]);
        loop {
            if stop.is_cancelled() {
                return Err(DiskError::Stopped);
            }
            match self.file.read(&mut block) {
                Ok(0) => return Ok(hash),
                Ok(read) => hash.update(block.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    pub(super) fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    pub(super) fn part(&self) -> PathBuf {
        upload_names::part(&self.spool, self.name.as_str())
    }

    /// Notes what the upload is to become, in one step.
    pub(super) fn note(&self) -> io::Result<()> {
        let path = upload_names::state(&self.spool, self.name.as_str());
        let new = path.with_added_extension("new");
        remove(&new)?;
        let mut file = File::create_new(&new)?;
        file.write_all(&serde_json::to_vec(&self.state)?)?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        sync_dir(&upload_names::dir(&self.spool))
    }
}
