//! Metrics: what they are, and how a process tells them to Prometheus.
//!
//! Each crate counts by the `metrics` crate, and has one list of what it counts ([`metrics_list!`](crate::metrics_list)).
//! A process that has an address for it ([`METRICS_BIND`](crate::config::MetricsConfig)) keeps them and tells them
//! there; in any other process counting does nothing.
//!
//! No label is without bounds: none is made of what a request or a meeting says. Servers are the only ones that come
//! and go, see [`servers`].

mod exporter;
mod list;
mod outgoing;
pub mod pools;
mod reference;
pub mod servers;

pub use exporter::{Monitoring, is_on, start};
pub use list::{Kind, Metric};
pub(crate) use outgoing::called;
pub use reference::reference;

crate::metrics_list! {
    BUILD_INFO: gauge "scalelite_build_info" [version, process] "1, and the version of this process.";
    OUTGOING_CALLS: counter "scalelite_outgoing_calls_total" [server, result] "Calls to BigBlueButton servers: `success`, `failed` (the server said so), `timeout`, `unreachable`, `broken` (no usable answer), `local` (no connection could be made from here).";
    OUTGOING_SECONDS: latency "scalelite_outgoing_call_seconds" [server] "How long calls to a server took, with the connection.";
    MEETINGS_FORGOTTEN: counter "scalelite_meetings_forgotten_total" [reason] "Meetings that are not known any more: `ended` (its server no longer knows it), `end_call`, `server_offline`, `server_removed`, `moved` (placed anew, as its cordoned server no longer had it), `released` (no server took it).";
    REDIS_CONNECTIONS: gauge "scalelite_redis_connections" [] "Connections to Redis; each carries many operations at the same time.";
    REDIS_BUSY: gauge "scalelite_redis_operations_running" [] "Operations that wait for Redis now.";
    REDIS_FAILURES: counter "scalelite_redis_failures_total" [] "Operations on Redis that failed.";
    REDIS_SECONDS: latency "scalelite_redis_operation_seconds" [] "How long operations on Redis took.";
    DATABASE_CONNECTIONS: gauge "scalelite_database_connections" [database, state] "Connections to a database (`postgres`, `recordings_sqlite`, `live_sqlite`), `used` or `idle`.";
    DATABASE_LIMIT: gauge "scalelite_database_connections_max" [database] "The most connections that there may be.";
    CALLBACKS: counter "scalelite_callbacks_total" [outcome] "Callbacks to front ends: `delivered`, `unwanted`, `failed` (tried again), `postponed`, `given_up`.";
    OUTBOX: gauge "scalelite_callbacks_pending" [] "Callbacks that are not delivered yet.";
    OUTBOX_AGE: gauge "scalelite_callbacks_oldest_seconds" [] "The age of the oldest of them; 0 if there is none.";
}
