//! Connections to Redis: one server, Sentinel or a cluster, with or without TLS.
//!
//! A connection carries the requests of many callers at the same time. Each thread uses its own slot,
//! so that with as many slots as API workers no request has to cross threads. A connection that failed
//! is dropped, and the next caller makes a new one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::cluster_async::ClusterConnection;
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ErrorKind, IntoConnectionInfo, Pipeline, RedisError,
    RedisFuture, RedisResult, TlsMode, Value,
};
use secrecy::ExposeSecret;
use tokio::sync::OnceCell;

use crate::config::{RedisConfig, RedisTopology};
use crate::monitoring::pools::{self, Connections, Store};
use crate::monitoring::{REDIS_FAILURES, REDIS_SECONDS};
use crate::thread_slot;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(3);
/// After a failed attempt to connect, callers fail at once for this long.
const RECONNECT_PAUSE: Duration = Duration::from_millis(100);
/// A connection that was not used for so many milliseconds is tried before it is used again.
const IDLE_MS: u64 = 1000;

/// Where Redis is, and the connections to it.
pub(super) struct Link {
    target: Target,
    slots: Arc<[Slot]>,
    started: Instant,
}

enum Target {
    Single(Client),
    Sentinel(tokio::sync::Mutex<SentinelClient>),
    Cluster(ClusterClient),
}

/// A connection to be made by the first who needs it.
type Pending = Arc<OnceCell<Connection>>;

#[derive(Default)]
struct Slot {
    current: Mutex<(Pending, Option<Instant>)>,
    /// Since the link was made.
    last_used_ms: AtomicU64,
    /// Operations that are under way.
    running: AtomicU64,
}

#[derive(Clone)]
pub(super) enum Connection {
    Direct(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Link {
    pub(super) fn new(config: &RedisConfig, slots: usize) -> RedisResult<Self> {
        let target = match &config.topology {
            RedisTopology::Single { url } => Target::Single(Client::open(url.expose_secret())?),
            RedisTopology::Sentinel { sentinels, master, db, tls, username, password } => {
                let addresses = sentinels
                    .iter()
                    .map(|url| Ok(url.expose_secret().into_connection_info()?.addr().clone()))
                    .collect::<RedisResult<Vec<ConnectionAddr>>>()?;
                let mut builder =
                    SentinelClientBuilder::new(addresses, master.clone(), SentinelServerType::Master)?
                        .set_client_to_redis_db(*db);
                if *tls {
                    builder = builder.set_client_to_redis_tls_mode(TlsMode::Secure);
                }
                if let Some(username) = username {
                    builder = builder.set_client_to_redis_username(username);
                }
                if let Some(password) = password {
                    builder = builder.set_client_to_redis_password(password.expose_secret());
                }
                Target::Sentinel(tokio::sync::Mutex::new(builder.build()?))
            }
            RedisTopology::Cluster { nodes } => {
                let nodes: Vec<&str> = nodes.iter().map(ExposeSecret::expose_secret).collect();
                Target::Cluster(
                    ClusterClientBuilder::new(nodes)
                        .connection_timeout(CONNECT_TIMEOUT)
                        .response_timeout(RESPONSE_TIMEOUT)
                        .retries(3)
                        .build()?,
                )
            }
        };
        let slots: Arc<[Slot]> = std::iter::repeat_with(Slot::default).take(slots.max(1)).collect();
        watch(&slots);
        Ok(Self { target, slots, started: Instant::now() })
    }

    /// Runs `operation` on this thread's connection; a connection that turns out dead is dropped.
    pub(super) async fn run<T>(
        &self,
        operation: impl AsyncFnOnce(&mut Connection) -> RedisResult<T>,
    ) -> RedisResult<T> {
        let slot = &self.slots[thread_slot::of(self.slots.len())];
        let _running = Running::begin(&slot.running);
        let began = Instant::now();
        let result = self.run_on(slot, operation).await;
        metrics::histogram!(REDIS_SECONDS).record(began.elapsed());
        if result.is_err() {
            metrics::counter!(REDIS_FAILURES).increment(1);
        }
        result
    }

    async fn run_on<T>(
        &self,
        slot: &Slot,
        operation: impl AsyncFnOnce(&mut Connection) -> RedisResult<T>,
    ) -> RedisResult<T> {
        let (mut connection, pending) = self.connection(slot).await?;
        let result = operation(&mut connection).await;
        if result.as_ref().is_err_and(|error| is_dead(error, &connection)) {
            slot.drop_if_current(&pending);
        }
        result
    }

    /// A connection that works: one that was idle may have died without anybody noticing, and is asked
    /// first. Repeating the operation itself would not do, it may have been carried out.
    async fn connection(&self, slot: &Slot) -> RedisResult<(Connection, Pending)> {
        let mut pending = slot.pending()?;
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let idle_ms = now.saturating_sub(slot.last_used_ms.swap(now, Ordering::Relaxed));
        if idle_ms >= IDLE_MS
            && let Some(connection) = pending.get()
            && redis::cmd("PING").query_async::<()>(&mut connection.clone()).await.is_err()
        {
            slot.drop_if_current(&pending);
            pending = slot.pending()?;
        }
        match pending.get_or_try_init(|| self.connect(slot)).await {
            Ok(connection) => Ok((connection.clone(), Arc::clone(&pending))),
            Err(error) => {
                slot.failed();
                Err(error)
            }
        }
    }

    async fn connect(&self, slot: &Slot) -> RedisResult<Connection> {
        // Those who waited for an attempt that failed need not all try for themselves.
        slot.pending()?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT));
        match &self.target {
            Target::Single(client) => {
                client.get_multiplexed_async_connection_with_config(&config).await.map(Connection::Direct)
            }
            Target::Sentinel(client) => {
                let mut client = client.lock().await;
                client.get_async_connection_with_config(&config).await.map(Connection::Direct)
            }
            Target::Cluster(client) => client.get_async_connection().await.map(Connection::Cluster),
        }
    }
}

fn watch(slots: &Arc<[Slot]>) {
    let slots = Arc::downgrade(slots);
    pools::watch(Store::Redis, move || {
        let slots = slots.upgrade()?;
        let open = slots.iter().filter(|slot| slot.is_connected()).count() as u64;
        let used = slots.iter().map(|slot| slot.running.load(Ordering::Relaxed)).sum();
        Some(Connections { open, used, most: slots.len() as u64 })
    });
}

/// Counts an operation for as long as it is under way, also if its caller gives up.
struct Running<'a>(&'a AtomicU64);

impl<'a> Running<'a> {
    fn begin(running: &'a AtomicU64) -> Self {
        running.fetch_add(1, Ordering::Relaxed);
        Self(running)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether another connection would do better. A cluster's connection mends itself unless none of its
/// nodes answers any more; a master found by Sentinel may have become a replica.
fn is_dead(error: &RedisError, connection: &Connection) -> bool {
    match connection {
        Connection::Direct(_) => {
            error.is_unrecoverable_error()
                || error.is_io_error()
                || matches!(error.kind(), ErrorKind::Server(redis::ServerErrorKind::ReadOnly))
        }
        Connection::Cluster(_) => error.is_unrecoverable_error() || error.is_io_error(),
    }
}

impl Slot {
    fn pending(&self) -> RedisResult<Pending> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let (pending, failed_at) = &*current;
        if failed_at.is_some_and(|at| at.elapsed() < RECONNECT_PAUSE) && pending.get().is_none() {
            return Err(RedisError::from((ErrorKind::Io, "Redis could not be reached a moment ago")));
        }
        Ok(Arc::clone(pending))
    }

    fn is_connected(&self) -> bool {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).0.get().is_some()
    }

    fn failed(&self) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.1.is_none_or(|at| at.elapsed() >= RECONNECT_PAUSE) {
            current.1 = Some(Instant::now());
        }
    }

    fn drop_if_current(&self, dead: &Pending) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&current.0, dead) {
            current.0 = Pending::default();
        }
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Direct(connection) => connection.req_packed_command(cmd),
            Self::Cluster(connection) => connection.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        cmd: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Direct(connection) => connection.req_packed_commands(cmd, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(cmd, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Direct(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Addresses may carry passwords.
        f.debug_struct("Link").field("slots", &self.slots.len()).finish_non_exhaustive()
    }
}
