//! The spool: where BigBlueButton servers drop their tars, and how those leave it again.
//!
//! Whoever takes a tar out of the spool holds the lease of its name. A newer file may come under that name at any
//! moment, though. So a tar first gets a hidden name; only if it is the one that was imported it goes, otherwise
//! it is put back.
//!
//! Blocking, all but [`wake`].

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{Advice, CWD, Mode, OFlags, fadvise, openat};

mod fingerprint;
pub(crate) mod queue;
#[cfg(test)]
mod tests;
pub(crate) mod uploads;
pub(crate) mod wake;

pub(crate) use fingerprint::Fingerprint;
use queue::Seen;
pub(crate) use scalelite_core::recordings::spool::names;
use scalelite_core::recordings::spool::rename::rename_new;

/// Most failed tars of one name.
const MOST_FAILED: u32 = 10_000;
/// Why a tar is in `failed/` that another one has overtaken.
const OVERTAKEN: &str = "A newer tar of the same name came to the spool while this one was being taken out of it, \
                         so this one may not be imported, or not as a whole.";

/// The spool's directory.
#[derive(Debug, Clone)]
pub(crate) struct Spool {
    dir: PathBuf,
}

/// What a look at the spool found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    pub(crate) tars: Vec<Seen>,
    /// Tars that have their hidden name now, by their own.
    pub(crate) aside: Vec<String>,
    /// Tars whose names are no text.
    pub(crate) unreadable: usize,
}

/// What became of a tar that was to leave the spool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Left {
    /// It is removed.
    Removed,
    /// It lies in `failed/`, under that name.
    Failed(String),
    /// Another file stands there now, and stays.
    Replaced,
    /// It was gone already.
    Gone,
}

impl Spool {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Looks at all there is.
    pub(crate) fn look(&self) -> io::Result<Listing> {
        let mut listing = Listing::default();
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            let name = match entry.file_name().into_string() {
                Ok(name) => name,
                Err(name) => {
                    listing.unreadable += usize::from(names::is_tar(&name.to_string_lossy()));
                    continue;
                }
            };
            if let Some(aside) = names::of_aside(&name) {
                listing.aside.push(aside.to_owned());
            }
            if !names::is_tar(&name) {
                continue;
            }
            match entry.metadata() {
                Ok(metadata) if metadata.is_file() => {
                    listing.tars.push(Seen { name, fingerprint: Fingerprint::of(&metadata) });
                }
                Ok(_) => {}
                // It is gone since.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(listing)
    }

    /// How many tars lie in `failed/`.
    pub(crate) fn failed(&self) -> io::Result<usize> {
        let entries = match fs::read_dir(self.dir.join(names::FAILED)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
            entries => entries?,
        };
        let mut count = 0;
        for entry in entries {
            count += usize::from(names::is_tar(&entry?.file_name().to_string_lossy()));
        }
        Ok(count)
    }

    /// Opens a tar, if it is (still) a file.
    pub(crate) fn open(&self, name: &str) -> io::Result<Option<(File, Fingerprint)>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match openat(CWD, self.dir.join(name), flags, Mode::empty()).map_err(io::Error::from) {
            Ok(file) => File::from(file),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        // It is read once, from its beginning to its end; where that cannot be told, nothing is lost.
        let _ = fadvise(&file, 0, None, Advice::Sequential);
        let metadata = file.metadata()?;
        Ok(metadata.is_file().then(|| (file, Fingerprint::of(&metadata))))
    }

    /// Removes a tar that is imported.
    pub(crate) fn remove(&self, name: &str, fingerprint: Fingerprint) -> io::Result<Left> {
        self.take_out(name, fingerprint, |aside| {
            fs::remove_file(aside)?;
            Ok(Left::Removed)
        })
    }

    /// Moves a tar to `failed/`, and puts a text beside it that tells why.
    pub(crate) fn fail(&self, name: &str, fingerprint: Fingerprint, reason: &str) -> io::Result<Left> {
        if name.len() > names::LONGEST {
            return self.move_to_failed(&self.dir.join(name), name, reason);
        }
        self.take_out(name, fingerprint, |aside| self.move_to_failed(aside, name, reason))
    }

    /// Puts a tar back that a process which died has left under its hidden name. Whether it is imported by now
    /// its next import will find out.
    pub(crate) fn recover(&self, name: &str) -> io::Result<Option<Left>> {
        let aside = self.dir.join(names::aside(name));
        match fs::symlink_metadata(&aside) {
            Ok(_) => self.put_back(&aside, name).map(Some),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidFilename) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn take_out(
        &self,
        name: &str,
        fingerprint: Fingerprint,
        leave: impl FnOnce(&Path) -> io::Result<Left>,
    ) -> io::Result<Left> {
        let aside = self.dir.join(names::aside(name));
        match rename_new(&self.dir.join(name), &aside) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Left::Gone),
            renamed => renamed?,
        }
        if Fingerprint::of(&fs::symlink_metadata(&aside)?) != fingerprint {
            return self.put_back(&aside, name);
        }
        leave(&aside)
    }

    fn put_back(&self, aside: &Path, name: &str) -> io::Result<Left> {
        match rename_new(aside, &self.dir.join(name)) {
            Ok(()) => Ok(Left::Replaced),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                self.move_to_failed(aside, name, OVERTAKEN)
            }
            Err(error) => Err(error),
        }
    }

    /// The text comes first: no tar lies there without.
    fn move_to_failed(&self, from: &Path, name: &str, reason: &str) -> io::Result<Left> {
        let failed = self.dir.join(names::FAILED);
        fs::create_dir_all(&failed)?;
        for number in 1..=MOST_FAILED {
            let free = names::failed(name, number);
            let (tar, text) = (failed.join(&free), failed.join(names::reason(&free)));
            if fs::symlink_metadata(&tar).is_ok() {
                continue;
            }
            match write_new(&text, reason) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                written => written?,
            }
            match rename_new(from, &tar) {
                Ok(()) => return Ok(Left::Failed(free)),
                Err(error) => {
                    fs::remove_file(&text)?;
                    if error.kind() != ErrorKind::AlreadyExists {
                        return Err(error);
                    }
                }
            }
        }
        Err(io::Error::new(
            ErrorKind::AlreadyExists,
            format!("{} holds too many tars of one name", failed.display()),
        ))
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
