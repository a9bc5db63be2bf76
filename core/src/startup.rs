//! How a service begins and ends: the same for all of them (CONTRACT §1).

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::bbb::client::BbbClient;
use crate::config::{Config, ConfigErrors, Loaded, Monitored, resolve_data_dir};
use crate::monitoring::{self, Metric};
use crate::recordings::catalog::{Catalog, CatalogError};
use crate::recordings::postgres::{self, PostgresCatalog};
use crate::recordings::sqlite::SqliteCatalog;
use crate::state::redis::RedisState;
use crate::state::sqlite::SqliteState;
use crate::state::{LiveState, StateError};
use crate::{service_manager, shutdown, telemetry};

/// `EX_CONFIG` of `sysexits.h`: the configuration is bad.
pub const EXIT_CONFIG: u8 = 78;

/// The file of the embedded live state, in the data directory.
const LIVE_STATE_FILE: &str = "live.sqlite3";
/// The file of the embedded database of recordings, in the data directory.
const RECORDINGS_FILE: &str = "recordings.sqlite3";

/// While the database is away, it is tried at least so often.
const MOST_BETWEEN_MIGRATIONS: Duration = Duration::from_secs(5);

/// Reads the configuration of a service, starts its log and its metrics, and runs it until it ends by itself or by a
/// signal. `what` names the service in messages; `lists` are the metrics that it tells.
pub fn run_service<E: std::fmt::Display>(
    what: &str,
    process: Monitored,
    lists: &[&[Metric]],
    service: impl AsyncFnOnce(Arc<Config>, CancellationToken) -> Result<(), E>,
) -> ExitCode {
    let checked = Config::from_env_for_service();
    let config = match checked {
        Ok(loaded) => begin(loaded),
        Err(errors) => return bad_configuration(&errors),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(what, &error),
    };
    runtime.block_on(async {
        let shutdown = match shutdown::on_signal() {
            Ok(shutdown) => shutdown,
            Err(error) => return failed(what, &error),
        };
        monitoring::start(&config, process, lists, &shutdown).await;
        service_manager::keep_watch();
        match service(Arc::new(config), shutdown).await {
            Ok(()) => {
                tracing::info!("{what} stopped");
                ExitCode::SUCCESS
            }
            Err(error) => failed(what, &error),
        }
    })
}

/// Starts the log and writes the configuration's warnings to it.
pub fn begin(loaded: Loaded) -> Config {
    telemetry::init(&loaded.config.log);
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    raise_open_files();
    loaded.config
}

/// Tells every mistake in a line of its own, on standard error.
pub fn bad_configuration(errors: &ConfigErrors) -> ExitCode {
    // There is no log yet: its settings are part of what could not be read.
    eprintln!("{errors}");
    ExitCode::from(EXIT_CONFIG)
}

fn failed(what: &str, error: &dyn std::fmt::Display) -> ExitCode {
    tracing::error!("{what} failed: {error}");
    ExitCode::FAILURE
}

/// The live state that the configuration names: Redis, or the embedded one.
///
/// `connections` is how many threads will use it at the same time, unless `REDIS_POOL` says otherwise.
pub async fn open_state(config: &Config, connections: usize) -> Result<Arc<dyn LiveState>, StateError> {
    match &config.stores.redis {
        Some(redis) => {
            let connections = if redis.pool == 0 { connections } else { redis.pool };
            tracing::info!(namespace = redis.namespace, "live state in Redis");
            Ok(Arc::new(RedisState::new(redis, connections)?))
        }
        None => {
            let file = resolve_data_dir(&config.stores).join(LIVE_STATE_FILE);
            tracing::info!(file = %file.display(), "live state embedded");
            Ok(Arc::new(SqliteState::open(&file).await?))
        }
    }
}

/// The recordings' database that the configuration names: PostgreSQL, or the embedded one; none where there is no
/// database. Connects nowhere yet, and does not migrate.
///
/// `slots` is how many threads will use it at the same time.
pub async fn open_catalog(config: &Config, slots: usize) -> Result<Option<Arc<dyn Catalog>>, CatalogError> {
    if config.stores.db_disabled {
        return Ok(None);
    }
    let url = config.stores.database_url.as_ref().map(ExposeSecret::expose_secret);
    let file = match url {
        Some(url) => match url.strip_prefix("sqlite:") {
            None => {
                tracing::info!("recordings' database in PostgreSQL");
                return Ok(Some(Arc::new(PostgresCatalog::new(url, slots)?)));
            }
            Some(rest) => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                PathBuf::from(path.split_once('?').map_or(path, |(path, _)| path))
            }
        },
        None => resolve_data_dir(&config.stores).join(RECORDINGS_FILE),
    };
    tracing::info!(file = %file.display(), "recordings' database embedded");
    Ok(Some(Arc::new(SqliteCatalog::open(&file).await?)))
}

/// Makes the recordings' database if it is one in PostgreSQL that is not there yet; gives its name if it was made. The
/// embedded one makes itself.
pub async fn create_database(config: &Config) -> Result<Option<String>, CatalogError> {
    match config.stores.database_url.as_ref().map(ExposeSecret::expose_secret) {
        Some(url) if !config.stores.is_embedded() => postgres::create(url).await,
        _ => Ok(None),
    }
}

/// Brings the database to its schema, however long it is away. Any number of processes may do so.
pub async fn migrate(catalog: &dyn Catalog, shutdown: &CancellationToken) {
    let mut outage = Backoff::new(MOST_BETWEEN_MIGRATIONS);
    loop {
        match catalog.migrate().await {
            Ok(applied) => {
                for name in applied {
                    tracing::info!(name, "migration applied");
                }
                return;
            }
            Err(error) => {
                let wait = outage.wait();
                tracing::error!(%error, again_in = ?wait, "the recordings' database cannot be used");
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    () = tokio::time::sleep(wait) => {}
                }
            }
        }
    }
}

/// [`migrate`] in a task of its own. Waits a moment for it, so that usually it is done before anything is asked.
pub async fn migrate_beside(catalog: Arc<dyn Catalog>, shutdown: CancellationToken) {
    const USUALLY: Duration = Duration::from_secs(5);
    let migration = tokio::spawn(async move { migrate(&*catalog, &shutdown).await });
    // Whoever asks before it is done is told so.
    let _ = tokio::time::timeout(USUALLY, migration).await;
}

/// The client that calls the servers, with as many pools of connections as threads will use it. A
/// connection is closed when it was idle for `idle`.
#[must_use]
pub fn bbb_client(config: &Config, slots: usize, idle: Duration) -> Arc<BbbClient> {
    Arc::new(BbbClient::new(config.backend.clone(), config.secrets.signing, slots, idle))
}

/// For the front end: the next call is not far. It is less than what the servers' own nginx allows.
pub const IDLE_OF_FRONT_END: Duration = Duration::from_secs(30);
/// For polls: long enough for the questions of one poll, and nothing stays open until the next.
pub const IDLE_OF_POLLS: Duration = Duration::from_secs(2);

/// A pool has more connections than the usual limit of open files allows: it is raised as far as it goes.
fn raise_open_files() {
    const WANTED: u64 = 65_536;
    match rlimit::increase_nofile_limit(WANTED) {
        Ok(limit) if limit >= 4096 => {}
        Ok(limit) => tracing::warn!(limit, "few files may be open (ulimit -n): too few for a large pool"),
        Err(error) => tracing::warn!(%error, "the limit of open files cannot be raised"),
    }
}
