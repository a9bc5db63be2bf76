//! The store: the trees of files that recordings consist of, on disk or in a bucket.
//!
//! A tree is everything of one playback format of one recording. It stands on one of two shelves, under
//! `<format>/<record id>`. On disk it gets there whole, by a rename, so that nobody ever sees a half of it; what
//! is on its way, or on its way out, lies in *staging directories* of the same file systems. A bucket knows no
//! renames: there it is the order of its writes that makes sure that a tree is whole before it is listed.
//!
//! Whoever changes a recording's trees holds its lease, see [`catalog`](super::catalog).

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::catalog::TreeWork;
use super::model::Shelf;
use crate::config::RecordingsConfig;

mod bucket;
mod files;
mod name;
mod small;
mod staging;
mod tree;

pub use bucket::{Bucket, Content, ObjectHead};
use files::Files;
pub(super) use name::is_plain;
pub use name::{NameError, TreeName};

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or directory cannot be used.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was to be done.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A format or a recording has a name that cannot be a directory's.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The work on files ended unexpectedly.
    #[error("the work on files ended unexpectedly: {0}")]
    Task(#[from] tokio::task::JoinError),
    /// The settings of the bucket cannot be used.
    #[error("the settings of the bucket: {0}")]
    BucketSettings(#[source] object_store::Error),
    /// The bucket is away, or does not allow something.
    #[error("cannot {action} {key} in the bucket: {source}")]
    Bucket {
        /// What was to be done.
        action: &'static str,
        /// With which object, or with those below which prefix.
        key: String,
        /// Why not.
        source: object_store::Error,
    },
    /// A file has a name that no object can have.
    #[error("cannot be kept in a bucket: {0}")]
    Key(#[source] object_store::path::Error),
}

impl StoreError {
    /// Whether the same may well succeed later: the store is away, or full, or must be set right by its
    /// operator. Otherwise it is the tree that no store of this kind can hold.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Io { source, .. } => {
                !matches!(source.kind(), io::ErrorKind::Unsupported | io::ErrorKind::InvalidFilename)
            }
            Self::Name(_) | Self::Key(_) => false,
            Self::Task(_) | Self::BucketSettings(_) | Self::Bucket { .. } => true,
        }
    }
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError + use<> {
    let path = path.to_owned();
    move |source| StoreError::Io { action, path, source }
}

/// What [`Store::shelve`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelved {
    /// The tree was moved.
    Moved,
    /// The tree stood there already.
    WasThere,
    /// There is no such tree.
    Missing,
}

/// The store that the configuration names. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Files(Files),
    Bucket(Bucket),
}

impl Store {
    /// The store of this configuration. Touches nothing yet.
    ///
    /// # Errors
    ///
    /// The settings of a bucket cannot be used.
    pub fn new(config: &RecordingsConfig) -> Result<Self, StoreError> {
        let kind = match &config.s3 {
            Some(s3) => Kind::Bucket(Bucket::new(s3, &config.work_dir)?),
            None => Kind::Files(Files::new(config)),
        };
        Ok(Self { kind })
    }

    /// The bucket, where that is what the store is.
    #[must_use]
    pub fn bucket(&self) -> Option<&Bucket> {
        match &self.kind {
            Kind::Files(_) => None,
            Kind::Bucket(bucket) => Some(bucket),
        }
    }

    /// Makes the directories that are missing, and finds out which of them share a file system, or whether the
    /// bucket can be read.
    ///
    /// # Errors
    ///
    /// A directory cannot be made or written.
    pub async fn prepare(&self) -> Result<(), StoreError> {
        match &self.kind {
            Kind::Files(files) => files.prepare().await,
            Kind::Bucket(bucket) => bucket.prepare().await,
        }
    }

    /// Makes a staging directory of that name, where a tree that is to be [placed](Self::place) is put
    /// together. Name it after the lease that covers it: others are [swept](Self::sweep) away.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    pub async fn stage(&self, name: &str) -> Result<PathBuf, StoreError> {
        match &self.kind {
            Kind::Files(files) => files.stage(name).await,
            Kind::Bucket(bucket) => bucket.stage(name).await,
        }
    }

    /// Removes a staging directory with all that is left in it.
    ///
    /// # Errors
    ///
    /// It cannot be removed.
    pub async fn unstage(&self, name: &str) -> Result<(), StoreError> {
        match &self.kind {
            Kind::Files(files) => files.unstage(name).await,
            Kind::Bucket(bucket) => bucket.unstage(name).await,
        }
    }

    /// The names of the staging directories that are there, whoever they belong to.
    ///
    /// # Errors
    ///
    /// They cannot be listed.
    pub async fn staged(&self) -> Result<Vec<String>, StoreError> {
        match &self.kind {
            Kind::Files(files) => files.staged().await,
            Kind::Bucket(bucket) => bucket.staged().await,
        }
    }

    /// Removes these staging directories, and whatever else is left of processes that died. To know which ones
    /// are lost, ask for those that are [there](Self::staged) first, and then which leases are held. Gives how
    /// many things were removed.
    ///
    /// # Errors
    ///
    /// Something cannot be removed; all else is.
    pub async fn sweep(&self, lost: &[String]) -> Result<usize, StoreError> {
        match &self.kind {
            Kind::Files(files) => files.sweep(lost).await,
            Kind::Bucket(bucket) => bucket.sweep(lost).await,
        }
    }

    /// Waits until all that was placed before is safe from a crash of the machine.
    ///
    /// # Errors
    ///
    /// It may not be: what was placed has to be placed again.
    pub async fn sync(&self) -> Result<(), StoreError> {
        match &self.kind {
            Kind::Files(files) => files.sync().await,
            // An object is safe once it is there.
            Kind::Bucket(_) => Ok(()),
        }
    }

    /// Puts a tree from a staging directory on a shelf, in place of any that the recording has of this format there.
    /// One on the other shelf is [removed](Self::remove_from) once the catalog knows where the new one is.
    ///
    /// # Errors
    ///
    /// It cannot be put there. The same call may be made again while the staged tree is there.
    pub async fn place(&self, staged: &Path, tree: &TreeName, shelf: Shelf) -> Result<(), StoreError> {
        match &self.kind {
            Kind::Files(files) => files.place(staged, tree, shelf).await,
            Kind::Bucket(bucket) => bucket.place(staged, tree, shelf).await,
        }
    }

    /// Removes a tree from one shelf. One that is not there is no error.
    ///
    /// # Errors
    ///
    /// It cannot be removed.
    pub async fn remove_from(&self, tree: &TreeName, shelf: Shelf) -> Result<(), StoreError> {
        match &self.kind {
            Kind::Files(files) => files.remove_from(tree, shelf).await,
            Kind::Bucket(bucket) => bucket.remove_from(tree, shelf).await,
        }
    }

    /// Moves a tree to a shelf, if it is not there already.
    ///
    /// # Errors
    ///
    /// It cannot be moved; it stands where it stood.
    pub async fn shelve(&self, tree: &TreeName, shelf: Shelf) -> Result<Shelved, StoreError> {
        match &self.kind {
            Kind::Files(files) => files.shelve(tree, shelf).await,
            Kind::Bucket(bucket) => bucket.shelve(tree, shelf).await,
        }
    }

    /// Removes a tree from both shelves. One that is not there is no error.
    ///
    /// # Errors
    ///
    /// It cannot be removed.
    pub async fn remove(&self, tree: &TreeName) -> Result<(), StoreError> {
        match &self.kind {
            Kind::Files(files) => files.remove(tree).await,
            Kind::Bucket(bucket) => bucket.remove(tree).await,
        }
    }

    /// Whether the tree stands on that shelf.
    ///
    /// # Errors
    ///
    /// That cannot be found out.
    pub async fn has(&self, tree: &TreeName, shelf: Shelf) -> Result<bool, StoreError> {
        match &self.kind {
            Kind::Files(files) => files.has(tree, shelf).await,
            Kind::Bucket(bucket) => bucket.has(tree, shelf).await,
        }
    }

    /// The content of a small file at the top of a tree. None: there is no plain file of that name, or it is larger
    /// than `limit` bytes.
    ///
    /// # Errors
    ///
    /// It cannot be read, or that is no plain name.
    pub async fn read_file(
        &self,
        tree: &TreeName,
        shelf: Shelf,
        name: &str,
        limit: u64,
    ) -> Result<Option<Bytes>, StoreError> {
        let name = name::plain(name)?;
        match &self.kind {
            Kind::Files(files) => files.read_file(tree, shelf, name, limit).await,
            Kind::Bucket(bucket) => bucket.read_file(tree, shelf, name, limit).await,
        }
    }

    /// Puts a small file at the top of a tree that is there, in place of any of that name. It is there as a whole or
    /// not at all, and safe from a crash of the machine.
    ///
    /// # Errors
    ///
    /// It cannot be written, or that is no plain name.
    pub async fn put_file(
        &self,
        tree: &TreeName,
        shelf: Shelf,
        name: &str,
        content: Bytes,
    ) -> Result<(), StoreError> {
        let name = name::plain(name)?;
        match &self.kind {
            Kind::Files(files) => files.put_file(tree, shelf, name, content).await,
            Kind::Bucket(bucket) => bucket.put_file(tree, shelf, name, content).await,
        }
    }

    /// Does what the catalog has noted. Doing it again does no harm.
    ///
    /// # Errors
    ///
    /// As those of [`shelve`](Self::shelve) and [`remove`](Self::remove).
    pub async fn do_work(&self, work: &TreeWork) -> Result<(), StoreError> {
        let tree = TreeName::new(&work.format, &work.record_id)?;
        match work.shelf {
            Some(shelf) => self.shelve(&tree, shelf).await.map(drop),
            None => self.remove(&tree).await,
        }
    }
}
