//! What importers that died, or a front end, have left to be done.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use scalelite_core::audit::KEPT;
use scalelite_core::monitoring;
use scalelite_core::recordings::catalog::{CatalogError, Lease, TreeWork};
use scalelite_core::recordings::held::Held;
use scalelite_core::recordings::store::StoreError;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::metrics::QUARANTINE;
use crate::parts::Parts;
use crate::spool::{Left, Listing, uploads};

/// Between two rounds, at most; it is the time of a lease where that is shorter.
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);
/// Work on trees that is younger is being done by whoever has noted it.
const AGE: Duration = Duration::from_secs(30);
/// Work that is looked at in one round.
const MOST: u32 = 100;

/// Why a round was cut short. The next one does the rest.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the spool: {0}")]
    Spool(#[from] io::Error),
}

/// Does a round now and then, until the token is cancelled.
pub(crate) async fn keep(parts: Arc<Parts>, shutdown: CancellationToken) {
    let interval = parts.import.lease.min(LONGEST_INTERVAL);
    loop {
        let round = async {
            told("what was left unpacked", parts.sweep().await);
            told("tars that were being taken out", parts.recover().await);
            told("uploads that were given up", parts.drop_uploads().await);
            told("work on recordings", parts.work().await);
            told("changes of long ago", parts.catalog.forget_changes(KEPT).await.map_err(Trouble::from));
            told("what waits in failed/", parts.tell_quarantine().await);
            told("sums", parts.catalog.tidy().await.map_err(Trouble::from));
            sleep(interval).await;
        };
        if shutdown.run_until_cancelled(round).await.is_none() {
            return;
        }
    }
}

fn told(what: &str, result: Result<(), Trouble>) {
    if let Err(error) = result {
        tracing::warn!(%error, "{what}: not done now, and tried again");
    }
}

impl Parts {
    /// Removes staging directories that no lease covers. (First those that are there, then the leases: one that
    /// was made in between is not seen.)
    async fn sweep(&self) -> Result<(), Trouble> {
        let staged = self.store.staged().await?;
        let held = self.catalog.leases(&Lease::of_tar("")).await?;
        let (kept, lost): (Vec<String>, Vec<String>) =
            staged.into_iter().partition(|name| held.iter().any(|lease| lease.token == *name));
        let swept = self.store.sweep(&lost).await?;
        if swept > 0 {
            tracing::info!(swept, "removed what was left of imports that were cut off");
        }
        for lease in held.iter().filter(|lease| kept.contains(&lease.token)) {
            self.end_if_expired(lease).await?;
        }
        Ok(())
    }

    /// Takes a lease that has run out from its holder. One that died when its tar was out of the spool already was
    /// the last to want it; one that was only slow stops, and has done so when the next round sweeps.
    async fn end_if_expired(&self, lease: &Lease) -> Result<(), Trouble> {
        if let Some(taken) = self.catalog.acquire(&lease.name, self.import.lease).await? {
            self.catalog.release(&taken).await?;
        }
        Ok(())
    }

    /// Puts tars back that have their hidden name still, and forgets the marks of those that are gone.
    async fn recover(self: &Arc<Self>) -> Result<(), Trouble> {
        let parts = Arc::clone(self);
        let listing = spawn_blocking(move || parts.spool.look()).await.map_err(io::Error::other)??;
        if listing.unreadable > 0 {
            tracing::warn!(tars = listing.unreadable, "not imported: their names are not UTF-8");
        }
        let Listing { tars, aside, .. } = listing;
        for name in &aside {
            self.put_back(name).await?;
        }
        let names: Vec<String> = tars.into_iter().map(|tar| tar.name).chain(aside).collect();
        Ok(self.catalog.forget_tars(&names).await?)
    }

    /// Removes uploads that nobody goes on with.
    async fn drop_uploads(&self) -> Result<(), Trouble> {
        let (spool, expiry) = (self.spool.dir().to_owned(), self.upload_expiry);
        let dropped = spawn_blocking(move || uploads::drop_old(&spool, expiry, SystemTime::now()));
        for name in dropped.await.map_err(io::Error::other)?? {
            tracing::warn!(upload = name, "removed: nobody has gone on with it");
        }
        Ok(())
    }

    async fn put_back(self: &Arc<Self>, name: &str) -> Result<(), Trouble> {
        let lease = Lease::of_tar(name);
        let lost = CancellationToken::new();
        let Some(held) = Held::take(&self.catalog, &lease, self.import.lease, &lost).await? else {
            return Ok(());
        };
        let (parts, tar) = (Arc::clone(self), name.to_owned());
        let left = spawn_blocking(move || parts.spool.recover(&tar)).await.map_err(io::Error::other);
        held.release().await;
        match left?? {
            Some(Left::Failed(failed)) => {
                tracing::warn!(tar = name, now = failed, "a newer tar has taken its place in the spool");
            }
            Some(_) => tracing::info!(tar = name, "put back: its importer was cut off"),
            None => {}
        }
        Ok(())
    }

    /// Tells how many tars wait for the operator, where that is wanted.
    async fn tell_quarantine(self: &Arc<Self>) -> Result<(), Trouble> {
        if monitoring::is_on() {
            let parts = Arc::clone(self);
            let failed = spawn_blocking(move || parts.spool.failed()).await.map_err(io::Error::other)??;
            metrics::gauge!(QUARANTINE).set(failed as f64);
        }
        Ok(())
    }

    /// Does what was noted to be done with trees, and was not done by whoever has noted it.
    async fn work(&self) -> Result<(), Trouble> {
        let pending = self.catalog.pending_tree_work(AGE, MOST).await?;
        let record_ids: BTreeSet<String> = pending.into_iter().map(|work| work.record_id).collect();
        for record_id in record_ids {
            let lost = CancellationToken::new();
            let lease = Lease::of_recording(&record_id);
            let Some(held) = Held::take(&self.catalog, &lease, self.import.lease, &lost).await? else {
                continue;
            };
            let done = lost.run_until_cancelled(self.work_on(&record_id)).await;
            held.release().await;
            // Whatever keeps one recording's files from being moved is no reason to leave all others.
            if let Some(Err(error)) = done {
                tracing::warn!(recording = record_id, %error, "its files are not moved yet");
            }
        }
        Ok(())
    }

    /// Under the lease of the recording, so what is pending now stays so.
    async fn work_on(&self, record_id: &str) -> Result<(), Trouble> {
        let pending = self.catalog.pending_tree_work(AGE, MOST).await?;
        let mine: Vec<TreeWork> = pending.into_iter().filter(|work| work.record_id == record_id).collect();
        for work in mine {
            match self.store.do_work(&work).await {
                Err(error) if error.is_passing() => {
                    self.catalog.tree_work_postponed(&[work.id]).await?;
                    return Err(error.into());
                }
                Err(error) => {
                    tracing::error!(recording = record_id, %error, "work that cannot be done is dropped");
                }
                Ok(()) => {
                    tracing::info!(recording = record_id, format = work.format, shelf = ?work.shelf, "late work done");
                }
            }
            self.catalog.tree_work_done(&[work.id]).await?;
        }
        Ok(())
    }
}
