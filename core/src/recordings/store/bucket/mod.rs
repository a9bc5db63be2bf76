//! The store in a bucket: `<shelf>/<format>/<record id>/<path>`, as the original keeps it.
//!
//! A bucket knows no renames, so a tree is neither put nor moved in one step. What tells that a tree is whole is
//! its [`MARK`]: it is written last, and removed first. So whatever a process that died has left, doing the same
//! again finds out what is to be done.
//!
//! An upload in parts that was cut off stays in the bucket, unseen, until its owner's rule for incomplete uploads
//! removes it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path as Key;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig};
use secrecy::ExposeSecret;
use tokio::sync::Semaphore;

use super::{Shelved, StoreError, TreeName, failed, staging};
use crate::config::S3Config;
use crate::recordings::model::Shelf;

mod attributes;
mod parts;
mod read;
mod shelve;
mod small;
mod upload;

/// The file of a tree that is written last and removed first.
const MARK: &str = "metadata.xml";
/// Requests at the same time for one tree.
const AT_ONCE: usize = 16;
/// What all uploads of a process may hold in memory, in KiB.
const MEMORY_KIB: u32 = 32 * 1024;
/// The largest object that S3 copies in one request.
const LARGEST_COPY: u64 = 5 * 1024 * 1024 * 1024;
/// For a connection, …
const CONNECT: Duration = Duration::from_secs(5);
/// … and for each answer. It must do for the upload of one part, too.
const ANSWER: Duration = Duration::from_secs(60);
/// A request that fails is repeated for so long. Who asked for it waits meanwhile, and may try again later.
const RETRIES: Duration = Duration::from_secs(20);

pub use read::{Content, ObjectHead};

/// A bucket. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bucket {
    s3: Arc<AmazonS3>,
    work: PathBuf,
    memory: Arc<Semaphore>,
    largest_copy: u64,
}

impl Bucket {
    /// The bucket of this configuration; staging directories are made in `work`. What the configuration does
    /// not say is taken from where the library looks next: the environment's other `AWS_…` variables, and the
    /// role of the host.
    pub(super) fn new(config: &S3Config, work: &Path) -> Result<Self, StoreError> {
        // There is no limit to how long a file may be played; only to how long nothing comes.
        let client = ClientOptions::new()
            .with_timeout_disabled()
            .with_connect_timeout(CONNECT)
            .with_read_timeout(ANSWER);
        let retries = RetryConfig { max_retries: 6, retry_timeout: RETRIES, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::from_env()
            .with_client_options(client)
            .with_retry(retries)
            .with_bucket_name(&config.bucket);
        if let Some(region) = &config.region {
            builder = builder.with_region(region);
        }
        if let Some(endpoint) = &config.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        if let (Some(id), Some(secret)) = (&config.access_key_id, &config.secret_access_key) {
            builder = builder.with_access_key_id(id).with_secret_access_key(secret.expose_secret());
        }
        if let Some(token) = &config.session_token {
            builder = builder.with_token(token.expose_secret());
        }
        Ok(Self {
            s3: Arc::new(builder.build().map_err(StoreError::BucketSettings)?),
            work: work.to_owned(),
            memory: Arc::new(Semaphore::new(MEMORY_KIB as usize)),
            largest_copy: LARGEST_COPY,
        })
    }

    /// Runs work on the staging directories on a thread that may wait.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let dir = self.work.clone();
        tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&dir).map_err(failed("make", &dir))?;
            work(&dir)
        })
        .await?
    }

    /// Makes the work directory, and finds out whether the bucket can be read.
    pub(super) async fn prepare(&self) -> Result<(), StoreError> {
        self.run(|_| Ok(())).await?;
        let shelf = key(Shelf::Published.name())?;
        self.s3.list(Some(&shelf)).try_next().await.map(drop).map_err(refused("list", &shelf))
    }

    pub(super) async fn stage(&self, name: &str) -> Result<PathBuf, StoreError> {
        let name = name.to_owned();
        self.run(move |work| staging::make(work, &name)).await
    }

    pub(super) async fn unstage(&self, name: &str) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.run(move |work| staging::remove(work, &name)).await
    }

    pub(super) async fn staged(&self) -> Result<Vec<String>, StoreError> {
        self.run(staging::names).await
    }

    pub(super) async fn sweep(&self, lost: &[String]) -> Result<usize, StoreError> {
        let lost = lost.to_vec();
        self.run(move |work| staging::sweep(work, &lost)).await
    }

    /// Puts the staged tree in place of any other, and removes it from the other shelf.
    pub(super) async fn place(&self, staged: &Path, tree: &TreeName, shelf: Shelf) -> Result<(), StoreError> {
        self.upload(staged, &root(tree, shelf)?).await
    }

    pub(super) async fn remove_from(&self, tree: &TreeName, shelf: Shelf) -> Result<(), StoreError> {
        self.clear(&root(tree, shelf)?).await
    }

    pub(super) async fn shelve(&self, tree: &TreeName, shelf: Shelf) -> Result<Shelved, StoreError> {
        self.transfer(&root(tree, shelf.other())?, &root(tree, shelf)?).await
    }

    pub(super) async fn remove(&self, tree: &TreeName) -> Result<(), StoreError> {
        self.clear(&root(tree, Shelf::Published)?).await?;
        self.clear(&root(tree, Shelf::Unpublished)?).await
    }

    pub(super) async fn has(&self, tree: &TreeName, shelf: Shelf) -> Result<bool, StoreError> {
        self.is_empty(&root(tree, shelf)?).await.map(|empty| !empty)
    }

    async fn is_empty(&self, root: &Key) -> Result<bool, StoreError> {
        let first = self.s3.list(Some(root)).try_next().await;
        Ok(first.map_err(refused("list", root))?.is_none())
    }

    /// Whether the tree is there and whole.
    async fn is_whole(&self, root: &Key) -> Result<bool, StoreError> {
        let mark = below(root, MARK)?;
        match self.s3.head(&mark).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(refused("look for", &mark)(error)),
        }
    }

    /// Removes a tree, its mark first.
    async fn clear(&self, root: &Key) -> Result<(), StoreError> {
        if self.is_empty(root).await? {
            return Ok(());
        }
        let mark = below(root, MARK)?;
        match self.s3.delete(&mark).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(refused("remove", &mark)(error)),
        }
        let keys = self.s3.list(Some(root)).map_ok(|object| object.location);
        self.delete(Box::pin(keys), root).await
    }

    async fn delete(
        &self,
        keys: BoxStream<'static, object_store::Result<Key>>,
        root: &Key,
    ) -> Result<(), StoreError> {
        let mut deleted = self.s3.delete_stream(keys);
        loop {
            match deleted.try_next().await {
                Ok(Some(_)) | Err(object_store::Error::NotFound { .. }) => {}
                Ok(None) => return Ok(()),
                Err(error) => return Err(refused("remove", root)(error)),
            }
        }
    }
}

/// Where the objects of a tree are.
fn root(tree: &TreeName, shelf: Shelf) -> Result<Key, StoreError> {
    key(&format!("{}/{tree}", shelf.name()))
}

/// The key of a tree's file.
fn below(root: &Key, path: &str) -> Result<Key, StoreError> {
    key(&format!("{root}/{path}"))
}

/// The key as it is: the library's other way would encode characters that the original does not.
fn key(text: &str) -> Result<Key, StoreError> {
    Key::parse(text).map_err(StoreError::Key)
}

fn refused(action: &'static str, key: &Key) -> impl Fn(object_store::Error) -> StoreError + Send + use<> {
    let key = key.to_string();
    move |source| StoreError::Bucket { action, key: key.clone(), source }
}
