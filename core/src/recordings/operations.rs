//! What operators and clients do to recordings' files and rows together: publish, unpublish, delete (CONTRACT §6).
//!
//! Nothing half-done is ever visible: files are there before a recording is published, and it is hidden before they
//! go. Whoever does this holds the recording's lease; what is left to do when the process dies was noted in the
//! catalog, and is done by an importer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::catalog::{Catalog, CatalogError, Head, Lease, TreeWork};
use super::held::Held;
use super::model::Shelf;
use super::store::{Shelved, Store, StoreError, TreeName};

/// How long a lease lasts if its holder dies.
const LEASE: Duration = Duration::from_secs(20);
/// How long an import or another operation on the same recording is waited for, …
const PATIENCE: Duration = Duration::from_secs(15);
/// … and how often one looks whether it is over.
const PAUSE: Duration = Duration::from_millis(50);

/// Why an operation was not done.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// The database is away or refused it.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The files cannot be moved.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another process is at the recording for long.
    #[error("another process is working on the recording {0}: try again in a moment")]
    Busy(String),
}

/// Operations on recordings. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Operations {
    pub(super) catalog: Arc<dyn Catalog>,
    pub(super) store: Store,
}

impl Operations {
    /// Operations on the recordings of this catalog and store.
    #[must_use]
    pub fn new(catalog: Arc<dyn Catalog>, store: Store) -> Self {
        Self { catalog, store }
    }

    /// Publishes or unpublishes a recording. False: there is none, or it is deleted.
    ///
    /// # Errors
    ///
    /// The database or the store is away, or the recording is being worked on. It is as it was; a part of the trees
    /// may have been moved to the other shelf, where they are not shown.
    pub async fn set_published(&self, record_id: &str, published: bool) -> Result<bool, OperationError> {
        let held = self.hold(record_id).await?;
        let result = if published { self.publish(record_id).await } else { self.unpublish(record_id).await };
        held.release().await;
        result
    }

    async fn publish(&self, record_id: &str) -> Result<bool, OperationError> {
        let heads = self.catalog.heads(&[record_id.to_owned()], None).await?;
        let Some(head) = heads.first() else { return Ok(false) };
        for format in &head.formats {
            let tree = TreeName::new(format, record_id).map_err(StoreError::from)?;
            if self.store.shelve(&tree, Shelf::Published).await? == Shelved::Missing {
                tracing::warn!(recording = record_id, format, "published, but its files are missing");
            }
        }
        Ok(self.catalog.publish(record_id).await?)
    }

    async fn unpublish(&self, record_id: &str) -> Result<bool, OperationError> {
        let Some(work) = self.catalog.unpublish(record_id).await? else { return Ok(false) };
        self.work(&work).await;
        Ok(true)
    }

    /// Takes the trees of an unpublished recording off the shelf of published ones, should any stand there. Gives how
    /// many that were; none of a recording that is published by now.
    ///
    /// # Errors
    ///
    /// The database or the store is away, or the recording is being worked on.
    pub async fn hide(&self, record_id: &str) -> Result<usize, OperationError> {
        let held = self.hold(record_id).await?;
        let result = self.hide_held(record_id).await;
        held.release().await;
        result
    }

    async fn hide_held(&self, record_id: &str) -> Result<usize, OperationError> {
        let heads = self.catalog.heads(&[record_id.to_owned()], None).await?;
        let Some(head) = heads.first().filter(|head| !head.published) else { return Ok(0) };
        let mut moved = 0;
        for format in &head.formats {
            let tree = TreeName::new(format, record_id).map_err(StoreError::from)?;
            if self.store.has(&tree, Shelf::Published).await? {
                self.store.shelve(&tree, Shelf::Unpublished).await?;
                moved += 1;
            }
        }
        Ok(moved)
    }

    /// Deletes these recordings, all or none.
    ///
    /// # Errors
    ///
    /// The database is away, or a recording is being worked on: none is deleted.
    pub async fn delete(&self, heads: &[Head]) -> Result<(), OperationError> {
        // In one order, so that two of these never wait for each other.
        let mut record_ids: Vec<&str> = heads.iter().map(|head| head.record_id.as_str()).collect();
        record_ids.sort_unstable();
        record_ids.dedup();
        let mut held = Vec::with_capacity(record_ids.len());
        let mut result = Ok(());
        for record_id in record_ids {
            match self.hold(record_id).await {
                Ok(lease) => held.push(lease),
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        if result.is_ok() {
            let ids: Vec<i64> = heads.iter().map(|head| head.id).collect();
            match self.catalog.delete(&ids).await {
                Ok(work) => self.work(&work).await,
                Err(error) => result = Err(error.into()),
            }
        }
        for lease in held {
            lease.release().await;
        }
        result
    }

    /// Takes the recording's lease, as soon as nobody else has it.
    pub(super) async fn hold(&self, record_id: &str) -> Result<Held, OperationError> {
        let begun = Instant::now();
        // Should this process stand still for so long that it loses the lease, the work was noted: whoever comes
        // next finds it.
        let lost = CancellationToken::new();
        loop {
            let name = Lease::of_recording(record_id);
            if let Some(held) = Held::take(&self.catalog, &name, LEASE, &lost).await? {
                return Ok(held);
            }
            if begun.elapsed() > PATIENCE {
                return Err(OperationError::Busy(record_id.to_owned()));
            }
            sleep(PAUSE).await;
        }
    }

    /// Does what was noted. What cannot be done now stays noted, and is done later.
    async fn work(&self, work: &[TreeWork]) {
        let mut done = Vec::with_capacity(work.len());
        for one in work {
            match self.store.do_work(one).await {
                Ok(()) => done.push(one.id),
                Err(error) => {
                    let (recording, format) = (&one.record_id, &one.format);
                    tracing::warn!(recording, format, %error, "its files are hidden, and will be moved later");
                }
            }
        }
        if let Err(error) = self.catalog.tree_work_done(&done).await {
            tracing::warn!(%error, "work on files is done, and will be looked at once more");
        }
    }
}
