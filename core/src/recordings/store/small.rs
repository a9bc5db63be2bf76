//! Single files of a tree on disk, read and written as a whole: blocking, for one thread.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use bytes::Bytes;
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;

/// The content of a file. None: there is no plain file of that name, or it is larger than `limit` bytes. Links are not
/// followed from the tree on.
pub(super) fn read(tree: &Path, name: &str, limit: u64) -> io::Result<Option<Bytes>> {
    let open = || {
        let dir = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        // What is no plain file must not keep us waiting.
        let file = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        openat(openat(CWD, tree, dir, Mode::empty())?, name, file, Mode::empty())
    };
    let file = match open() {
        Ok(opened) => File::from(opened),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NAMETOOLONG | Errno::NXIO) => {
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() > limit {
        return Ok(None);
    }
    let mut content = Vec::new();
    file.take(limit).read_to_end(&mut content)?;
    Ok(Some(content.into()))
}

/// Puts a file into a tree that is there, in place of any of that name, in one step: it is written `near` first, on
/// the same file system.
pub(super) fn put(tree: &Path, name: &str, near: &Path, content: &[u8]) -> io::Result<()> {
    let written = File::create_new(near).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(near, tree.join(name))?;
        File::open(tree)?.sync_all()
    });
    written.inspect_err(|_| {
        // If it cannot be removed now, it is swept later.
        let _ = fs::remove_file(near);
    })
}
