//! Directories and files below the staging directory. Each is reached from the open directory above it, and
//! no link is followed, so nothing is ever written elsewhere.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, fchmod, mkdirat, openat, unlinkat};
use rustix::io::Errno;

use super::error::{Refusal, UnpackError};

/// Of directories and files, whatever the archive and the process's umask say: a web server is to read them.
const DIR_MODE: Mode = Mode::from_raw_mode(0o755);
const FILE_MODE: Mode = Mode::from_raw_mode(0o644);

/// A tree that is being written.
pub(super) struct Tree {
    root: OwnedFd,
    /// The directories from the root to where the last file was written, by name: the next one is near.
    open: Vec<(String, OwnedFd)>,
    /// Directories and files that were made.
    made: u64,
    most: u64,
}

impl Tree {
    /// A tree below `root`, which must be there, of at most so many directories and files.
    pub(super) fn new(root: &Path, most: u64) -> io::Result<Self> {
        let root = openat(CWD, root, OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
        Ok(Self { root, open: Vec::new(), made: 0, most })
    }

    /// Makes a directory, and those above it, unless they are there.
    pub(super) fn dir(&mut self, parts: &[&str]) -> Result<BorrowedFd<'_>, UnpackError> {
        let known = self.open.iter().zip(parts).take_while(|((name, _), part)| name == *part).count();
        self.open.truncate(known);
        for (depth, part) in parts.iter().enumerate().skip(known) {
            let above = self.open.last().map_or(self.root.as_fd(), |(_, dir)| dir.as_fd());
            let path = &parts[..=depth];
            let made = match mkdirat(above, *part, DIR_MODE) {
                Ok(()) => true,
                Err(Errno::EXIST) => false,
                Err(error) => return Err(not_written(path, error)),
            };
            let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let dir = openat(above, *part, flags, Mode::empty()).map_err(|error| not_written(path, error))?;
            if made {
                fchmod(&dir, DIR_MODE).map_err(|error| not_written(path, error))?;
                self.count()?;
            }
            self.open.push(((*part).to_owned(), dir));
        }
        Ok(self.open.last().map_or(self.root.as_fd(), |(_, dir)| dir.as_fd()))
    }

    /// Makes an empty file. Of two with one name the later one stays, as `tar` has it.
    pub(super) fn file(&mut self, parts: &[&str]) -> Result<File, UnpackError> {
        self.count()?;
        let Some((name, above)) = parts.split_last() else { return Err(not_written(parts, Errno::ISDIR)) };
        let dir = self.dir(above)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let make = || openat(dir, *name, flags, FILE_MODE);
        let made = match make() {
            Err(Errno::EXIST) => unlinkat(dir, *name, AtFlags::empty()).and_then(|()| make()),
            made => made,
        };
        let file = made.map_err(|error| not_written(parts, error))?;
        fchmod(&file, FILE_MODE).map_err(|error| not_written(parts, error))?;
        Ok(file.into())
    }

    fn count(&mut self) -> Result<(), UnpackError> {
        self.made += 1;
        if self.made > self.most { Err(Refusal::TooMany(self.most).into()) } else { Ok(()) }
    }
}

/// Whether it is the archive's fault that something is not written.
fn not_written(parts: &[&str], error: Errno) -> UnpackError {
    let path = parts.join("/");
    match error {
        Errno::NOTDIR | Errno::ISDIR | Errno::LOOP => Refusal::Conflict { path }.into(),
        Errno::NAMETOOLONG | Errno::ILSEQ | Errno::INVAL => {
            Refusal::Name { path, source: error.into() }.into()
        }
        error => UnpackError::Write { path, source: error.into() },
    }
}
