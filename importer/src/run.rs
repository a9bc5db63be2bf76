//! An importer from its start to its end.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use scalelite_core::backoff::Backoff;
use scalelite_core::callbacks::deliver::Delivery;
use scalelite_core::callbacks::{CourierError, Pace};
use scalelite_core::config::Config;
use scalelite_core::recordings::catalog::Catalog;
use scalelite_core::recordings::store::Store;
use scalelite_core::service_manager;
use scalelite_core::state::LiveState;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::housekeeping;
use crate::parts::Parts;
use crate::watch;

/// The longest wait for what an importer needs.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// An importer cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ImporterError {
    /// The client that delivers callbacks cannot be made.
    #[error(transparent)]
    Callbacks(#[from] CourierError),
}

/// Why there is nothing to import with this configuration, if that is so.
#[must_use]
pub fn disabled(config: &Config) -> Option<&'static str> {
    if config.recordings.disabled {
        Some("RECORDING_DISABLED is set")
    } else if config.stores.db_disabled {
        Some("DB_DISABLED is set")
    } else {
        None
    }
}

/// How many threads use the catalog at the same time: the imports, and what is done beside them (leases that are
/// renewed, housekeeping, callbacks).
#[must_use]
pub fn slots(config: &Config) -> usize {
    config.recordings.import.concurrency + 2
}

/// Does nothing until the token is cancelled, and says why: a service that ended would be started again.
pub async fn idle(why: &str, shutdown: CancellationToken) {
    tracing::info!("nothing is imported: {why}");
    service_manager::ready("importer", &format!("imports nothing: {why}"));
    shutdown.cancelled().await;
}

/// Imports what comes to the spool, and delivers the callbacks, until the token is cancelled. An import that is
/// under way then is given up within seconds, and begun anew by the next importer. Database, store and spool are
/// waited for.
///
/// # Errors
///
/// Callbacks cannot be sent at all.
pub async fn run(
    config: Arc<Config>,
    catalog: Arc<dyn Catalog>,
    store: Store,
    state: Arc<dyn LiveState>,
    shutdown: CancellationToken,
) -> Result<(), ImporterError> {
    if let Some(why) = disabled(&config) {
        idle(why, shutdown).await;
        return Ok(());
    }
    let delivery = Delivery::new(&config, Arc::clone(&catalog), state, Pace::default())?;
    let parts = Arc::new(Parts::new(&config, catalog, store));
    if shutdown.run_until_cancelled(wait_for(&parts)).await.is_none() {
        return Ok(());
    }
    tracing::info!(
        spool = %parts.spool.dir().display(),
        at_once = parts.import.concurrency,
        "importing recordings"
    );
    tokio::join!(
        watch::watch(Arc::clone(&parts), shutdown.clone()),
        housekeeping::keep(parts, shutdown.clone()),
        delivery.run(shutdown),
    );
    Ok(())
}

/// Waits until the database has its schema, and the store and the spool are there.
async fn wait_for(parts: &Arc<Parts>) {
    let mut outage = Backoff::new(LONGEST_WAIT);
    loop {
        let Err(error) = prepare(parts).await else { return };
        let wait = outage.wait();
        tracing::warn!(error, again_in = ?wait, "nothing is imported yet");
        // What is away comes back by itself: to start this process anew, or to hold up others, would not help.
        service_manager::ready("importer", &format!("imports nothing yet: {error}"));
        sleep(wait).await;
    }
}

async fn prepare(parts: &Arc<Parts>) -> Result<(), String> {
    parts.catalog.check().await.map_err(|error| error.to_string())?;
    parts.store.prepare().await.map_err(|error| error.to_string())?;
    let spool = parts.spool.dir().to_owned();
    let made = spawn_blocking(move || {
        fs::create_dir_all(&spool).map_err(|error| format!("the spool {}: {error}", spool.display()))
    });
    made.await.map_err(|error| error.to_string())?
}
