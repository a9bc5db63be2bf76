//! The store on disk.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use uuid::Uuid;

use super::staging::{self, COPIED, DISCARDED, PROBE};
use super::{Shelved, StoreError, TreeName, failed, small, tree};
use crate::config::RecordingsConfig;
use crate::recordings::model::Shelf;

/// Where a shelf is staged that cannot be reached from the work directory by a rename.
const OWN: &str = ".staging";

/// The directories of the configuration. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Files {
    dirs: Arc<Dirs>,
}

#[derive(Debug)]
struct Dirs {
    work: PathBuf,
    published: PathBuf,
    unpublished: PathBuf,
    /// Where each shelf is staged, once that is known.
    staging: OnceLock<Staging>,
}

/// A directory on the file system of each shelf.
#[derive(Debug, Clone)]
struct Staging {
    published: PathBuf,
    unpublished: PathBuf,
}

impl Staging {
    fn of(&self, shelf: Shelf) -> &Path {
        match shelf {
            Shelf::Published => &self.published,
            Shelf::Unpublished => &self.unpublished,
        }
    }

    fn all(&self) -> impl Iterator<Item = &PathBuf> {
        let other = (self.unpublished != self.published).then_some(&self.unpublished);
        [&self.published].into_iter().chain(other)
    }
}

impl Files {
    pub(super) fn new(config: &RecordingsConfig) -> Self {
        let dirs = Dirs {
            work: config.work_dir.clone(),
            published: config.publish_dir.clone(),
            unpublished: config.unpublish_dir.clone(),
            staging: OnceLock::new(),
        };
        Self { dirs: Arc::new(dirs) }
    }

    /// Runs work on files on a thread that may wait.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Dirs) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let dirs = Arc::clone(&self.dirs);
        tokio::task::spawn_blocking(move || work(&dirs)).await?
    }

    pub(super) async fn prepare(&self) -> Result<(), StoreError> {
        self.run(|dirs| dirs.staging().map(drop)).await
    }

    pub(super) async fn stage(&self, name: &str) -> Result<PathBuf, StoreError> {
        let name = name.to_owned();
        self.run(move |dirs| staging::make(&dirs.staging()?.published, &name)).await
    }

    pub(super) async fn unstage(&self, name: &str) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.run(move |dirs| dirs.staging()?.all().try_for_each(|root| staging::remove(root, &name))).await
    }

    pub(super) async fn staged(&self) -> Result<Vec<String>, StoreError> {
        self.run(|dirs| {
            let names: Result<Vec<_>, _> = dirs.staging()?.all().map(|root| staging::names(root)).collect();
            Ok(names?.concat())
        })
        .await
    }

    pub(super) async fn sweep(&self, lost: &[String]) -> Result<usize, StoreError> {
        let lost = lost.to_vec();
        self.run(move |dirs| {
            // Another host may reach a shelf in another way, and have left something there.
            let others = [dirs.published.join(OWN), dirs.unpublished.join(OWN)];
            let staging = dirs.staging()?;
            let others = others.iter().filter(|dir| dir.is_dir() && !staging.all().any(|own| own == *dir));
            staging.all().chain(others).map(|root| staging::sweep(root, &lost)).sum()
        })
        .await
    }

    pub(super) async fn sync(&self) -> Result<(), StoreError> {
        self.run(|dirs| {
            let mut synced = None;
            for shelf in [&dirs.published, &dirs.unpublished] {
                let dir = fs::File::open(shelf).map_err(failed("open", shelf))?;
                let device = dir.metadata().map_err(failed("look at", shelf))?.dev();
                if synced.replace(device) != Some(device) {
                    rustix::fs::syncfs(&dir).map_err(|error| failed("sync", shelf)(error.into()))?;
                }
            }
            Ok(())
        })
        .await
    }

    pub(super) async fn place(&self, staged: &Path, tree: &TreeName, shelf: Shelf) -> Result<(), StoreError> {
        let (staged, tree) = (staged.to_owned(), tree.clone());
        self.run(move |dirs| dirs.place(&staged, &tree, shelf)).await
    }

    pub(super) async fn remove_from(&self, tree: &TreeName, shelf: Shelf) -> Result<(), StoreError> {
        let tree = tree.clone();
        self.run(move |dirs| dirs.discard(&tree, shelf)).await
    }

    pub(super) async fn shelve(&self, tree: &TreeName, shelf: Shelf) -> Result<Shelved, StoreError> {
        let tree = tree.clone();
        self.run(move |dirs| dirs.shelve(&tree, shelf)).await
    }

    pub(super) async fn remove(&self, tree: &TreeName) -> Result<(), StoreError> {
        let tree = tree.clone();
        self.run(move |dirs| {
            dirs.discard(&tree, Shelf::Published)?;
            dirs.discard(&tree, Shelf::Unpublished)
        })
        .await
    }

    pub(super) async fn has(&self, tree: &TreeName, shelf: Shelf) -> Result<bool, StoreError> {
        let path = self.dirs.shelf(shelf).join(tree.path());
        self.run(move |_| tree::exists(&path).map_err(failed("look for", &path))).await
    }

    pub(super) async fn read_file(
        &self,
        tree: &TreeName,
        shelf: Shelf,
        name: &str,
        limit: u64,
    ) -> Result<Option<Bytes>, StoreError> {
        let (path, name) = (self.dirs.shelf(shelf).join(tree.path()), name.to_owned());
        self.run(move |_| small::read(&path, &name, limit).map_err(failed("read", &path.join(name)))).await
    }

    pub(super) async fn put_file(
        &self,
        tree: &TreeName,
        shelf: Shelf,
        name: &str,
        content: Bytes,
    ) -> Result<(), StoreError> {
        let (path, name) = (self.dirs.shelf(shelf).join(tree.path()), name.to_owned());
        self.run(move |dirs| {
            let near = dirs.staging()?.of(shelf).join(format!("{COPIED}{}", Uuid::new_v4()));
            small::put(&path, &name, &near, &content).map_err(failed("write", &path.join(name)))
        })
        .await
    }
}

impl Dirs {
    fn shelf(&self, shelf: Shelf) -> &Path {
        match shelf {
            Shelf::Published => &self.published,
            Shelf::Unpublished => &self.unpublished,
        }
    }

    /// The staging directories: the work directory, or where a shelf cannot be reached from there by a
    /// rename, a hidden directory on the shelf's own file system.
    fn staging(&self) -> Result<&Staging, StoreError> {
        if let Some(known) = self.staging.get() {
            return Ok(known);
        }
        let staging = Staging {
            published: self.staging_of(&self.published)?,
            unpublished: self.staging_of(&self.unpublished)?,
        };
        Ok(self.staging.get_or_init(|| staging))
    }

    fn staging_of(&self, shelf: &Path) -> Result<PathBuf, StoreError> {
        for dir in [&self.work, shelf] {
            fs::create_dir_all(dir).map_err(failed("make", dir))?;
        }
        // Two mounts of one file system look the same and are not: only trying tells.
        let name = format!("{PROBE}{}", Uuid::new_v4());
        let (probe, moved) = (self.work.join(&name), shelf.join(&name));
        fs::create_dir(&probe).map_err(failed("make", &probe))?;
        let renamed = fs::rename(&probe, &moved);
        let left = if renamed.is_ok() { &moved } else { &probe };
        fs::remove_dir(left).map_err(failed("remove", left))?;
        match renamed {
            Ok(()) => Ok(self.work.clone()),
            Err(error) if error.kind() == ErrorKind::CrossesDevices => {
                let own = shelf.join(OWN);
                fs::create_dir_all(&own).map_err(failed("make", &own))?;
                tracing::warn!(
                    work = %self.work.display(), instead = %own.display(),
                    "RECORDING_WORK_DIR is on another file system than the recordings: unpacking beside them"
                );
                Ok(own)
            }
            Err(error) => Err(failed("write to", shelf)(error)),
        }
    }

    fn place(&self, staged: &Path, tree: &TreeName, shelf: Shelf) -> Result<(), StoreError> {
        let target = self.make_room(tree, shelf)?;
        self.put(staged, &target, shelf)
    }

    fn shelve(&self, tree: &TreeName, shelf: Shelf) -> Result<Shelved, StoreError> {
        let from = shelf.other();
        let source = self.shelf(from).join(tree.path());
        let target = self.shelf(shelf).join(tree.path());
        let exists = |path: &Path| tree::exists(path).map_err(failed("look for", path));
        match (exists(&source)?, exists(&target)?) {
            (false, false) => Ok(Shelved::Missing),
            (false, true) => Ok(Shelved::WasThere),
            (true, true) => {
                self.discard(tree, from)?;
                Ok(Shelved::WasThere)
            }
            (true, false) => {
                self.make_room(tree, shelf)?;
                self.put(&source, &target, shelf)?;
                Ok(Shelved::Moved)
            }
        }
    }

    /// The place of a tree, with the directory above it.
    fn make_room(&self, tree: &TreeName, shelf: Shelf) -> Result<PathBuf, StoreError> {
        let above = self.shelf(shelf).join(tree.format());
        fs::create_dir_all(&above).map_err(failed("make", &above))?;
        Ok(above.join(tree.record_id()))
    }

    /// Moves a tree to its place on a shelf. From another file system it is copied first, and removed then.
    fn put(&self, from: &Path, target: &Path, shelf: Shelf) -> Result<(), StoreError> {
        let staging = self.staging()?.of(shelf);
        let old = staging.join(format!("{DISCARDED}{}", Uuid::new_v4()));
        let failed_put = failed("put a recording at", target);
        let result = match tree::replace(from, target, &old) {
            Err(error) if error.kind() == ErrorKind::CrossesDevices => {
                let near = staging.join(format!("{COPIED}{}", Uuid::new_v4()));
                tree::copy(from, &near)
                    .and_then(|()| tree::replace(&near, target, &old))
                    // The copy must survive a power cut before what it was made of goes.
                    .and_then(|()| Ok(rustix::fs::syncfs(fs::File::open(staging)?)?))
                    .and_then(|()| tree::remove(from))
            }
            result => result,
        };
        result.map_err(failed_put)?;
        discarded(&old);
        Ok(())
    }

    /// Takes a tree off a shelf at once, and then removes it.
    fn discard(&self, tree: &TreeName, shelf: Shelf) -> Result<(), StoreError> {
        let path = self.shelf(shelf).join(tree.path());
        let old = self.staging()?.of(shelf).join(format!("{DISCARDED}{}", Uuid::new_v4()));
        match fs::rename(&path, &old) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            result => {
                result.map_err(failed("remove", &path))?;
                discarded(&old);
                Ok(())
            }
        }
    }
}

/// Removes what is out of the way already. If that fails (a network file system keeps files that are being
/// read), the next sweep does it.
fn discarded(old: &Path) {
    if let Err(error) = tree::remove(old) {
        tracing::warn!(path = %old.display(), %error, "an old tree cannot be removed yet");
    }
}
