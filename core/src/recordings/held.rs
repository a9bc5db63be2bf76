//! Leases that are held while something is done, and renewed beside it.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::catalog::{Catalog, CatalogError, Lease};

/// How long giving a lease back may take. It ends by itself anyway.
const RELEASE: Duration = Duration::from_secs(2);

/// A lease that is renewed until it is released or dropped.
#[derive(Debug)]
pub struct Held {
    lease: Lease,
    catalog: Arc<dyn Catalog>,
    keeper: JoinHandle<()>,
}

impl Held {
    /// Takes the lease if nobody holds it, and cancels `lost` should another process take it over.
    ///
    /// # Errors
    ///
    /// Those of [`Catalog::acquire`].
    pub async fn take(
        catalog: &Arc<dyn Catalog>,
        name: &str,
        ttl: Duration,
        lost: &CancellationToken,
    ) -> Result<Option<Self>, CatalogError> {
        let Some(lease) = catalog.acquire(name, ttl).await? else { return Ok(None) };
        let keeper = tokio::spawn(keep(Arc::clone(catalog), lease.clone(), ttl, lost.clone()));
        Ok(Some(Self { lease, catalog: Arc::clone(catalog), keeper }))
    }

    /// The lease.
    #[must_use]
    pub fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Gives it back.
    pub async fn release(self) {
        self.keeper.abort();
        match timeout(RELEASE, self.catalog.release(&self.lease)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(lease = self.lease.name, %error, "not given back: it will run out");
            }
            Err(_) => tracing::warn!(lease = self.lease.name, "not given back in time: it will run out"),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

/// A database that is away takes no lease from anybody: only its answer tells that a lease is lost.
async fn keep(catalog: Arc<dyn Catalog>, lease: Lease, ttl: Duration, lost: CancellationToken) {
    let mut wait = ttl / 3;
    loop {
        sleep(wait).await;
        wait = match catalog.renew(&lease, ttl).await {
            Ok(true) => ttl / 3,
            Ok(false) => {
                tracing::warn!(lease = lease.name, "another process has taken over");
                return lost.cancel();
            }
            Err(error) => {
                tracing::warn!(lease = lease.name, %error, "the lease cannot be renewed now");
                ttl / 10
            }
        };
    }
}
