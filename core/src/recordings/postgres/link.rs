//! The connections to PostgreSQL.

use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, PgPool, Postgres};

use crate::monitoring::pools::{self, Connections, Store};
use crate::recordings::catalog::CatalogError;
use crate::thread_slot;

/// Connections of a process, whatever its number of threads.
const CONNECTIONS: u32 = 32;
/// How long an operation waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// A connection that was not used for so long is tried before it is used again.
const IDLE: Duration = Duration::from_secs(1);
/// A connection that was not used for so long is closed.
const UNUSED: Duration = Duration::from_secs(300);

/// Compilation costs more than any of our queries, and planning as much as most of them: our statements have one good
/// plan, whatever their parameters are, so each is planned once on a connection. Times without a zone are in UTC
/// (CONTRACT §10).
const SESSION: &str = "SET jit = off; SET plan_cache_mode = force_generic_plan; \
    SET statement_timeout = '60s'; SET TimeZone = 'UTC'";

/// Pools of connections: each thread uses its own, so that no answer has to cross threads.
pub(super) struct Link {
    pools: Arc<[PgPool]>,
    lost: Arc<Lost>,
}

/// When a connection was last found to be lost: others that are idle since then are likely to be.
#[derive(Default)]
struct Lost {
    at: Mutex<Option<Instant>>,
}

impl Lost {
    fn note(&self, connection: &mut PoolConnection<Postgres>) {
        connection.close_on_drop();
        *self.at.lock() = Some(Instant::now());
    }

    /// Whether a connection that is idle for so long is to be tried first.
    fn is_suspect(&self, idle: Duration) -> bool {
        idle >= IDLE || self.at.lock().is_some_and(|at| idle >= at.elapsed())
    }
}

impl Link {
    /// Connects nowhere yet.
    pub(super) fn new(url: &str, slots: usize) -> sqlx::Result<Self> {
        let options =
            PgConnectOptions::from_str(url)?.application_name("scalelite").disable_statement_logging();
        let slots = slots.clamp(1, CONNECTIONS as usize / 2);
        let each = CONNECTIONS / u32::try_from(slots).unwrap_or(CONNECTIONS);
        let lost = Arc::<Lost>::default();
        let pool = || {
            PgPoolOptions::new()
                .max_connections(each)
                .acquire_timeout(PATIENCE)
                .idle_timeout(UNUSED)
                .test_before_acquire(false)
                .before_acquire({
                    let lost = Arc::clone(&lost);
                    move |connection, meta| {
                        let suspect = lost.is_suspect(meta.idle_for);
                        Box::pin(async move { Ok(!suspect || connection.ping().await.is_ok()) })
                    }
                })
                .after_connect(|connection, _| {
                    Box::pin(async move { connection.execute(SESSION).await.map(drop) })
                })
                .connect_lazy_with(options.clone())
        };
        let pools: Arc<[PgPool]> = std::iter::repeat_with(pool).take(slots).collect();
        watch(&pools);
        Ok(Self { pools, lost })
    }

    fn pool(&self) -> &PgPool {
        &self.pools[thread_slot::of(self.pools.len())]
    }

    /// Runs one statement, which is a transaction of its own.
    pub(super) async fn run<T>(
        &self,
        operation: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>,
    ) -> Result<T, CatalogError> {
        let mut connection = self.pool().acquire().await?;
        let result = operation(&mut connection).await;
        if result.as_ref().is_err_and(is_lost) {
            self.lost.note(&mut connection);
        }
        Ok(result?)
    }

    /// Runs several statements as one transaction, which is rolled back if one of them fails.
    pub(super) async fn transact<T>(
        &self,
        operation: impl AsyncFnOnce(&mut PgConnection) -> Result<T, CatalogError>,
    ) -> Result<T, CatalogError> {
        let mut connection = self.pool().acquire().await?;
        let result = transact(&mut connection, operation).await;
        if let Err(CatalogError::Database(error)) = &result
            && is_lost(error)
        {
            self.lost.note(&mut connection);
        }
        result
    }
}

fn watch(pools: &Arc<[PgPool]>) {
    let pools = Arc::downgrade(pools);
    pools::watch(Store::Postgres, move || {
        let mut found = Connections::default();
        for pool in pools.upgrade()?.iter() {
            let open = u64::from(pool.size());
            found.open += open;
            found.used += open.saturating_sub(pool.num_idle() as u64);
            found.most += u64::from(pool.options().get_max_connections());
        }
        Some(found)
    });
}

async fn transact<T>(
    connection: &mut PgConnection,
    operation: impl AsyncFnOnce(&mut PgConnection) -> Result<T, CatalogError>,
) -> Result<T, CatalogError> {
    let mut transaction = connection.begin().await?;
    let value = operation(&mut transaction).await?;
    transaction.commit().await?;
    Ok(value)
}

/// Whether the connection was lost, with all that was under way on it.
fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => true,
        // The server is told to stop, by its operator or by the system.
        sqlx::Error::Database(error) => matches!(error.code().as_deref(), Some("57P01" | "57P02" | "57P03")),
        _ => false,
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("pools", &self.pools.len()).finish_non_exhaustive()
    }
}
