//! What the processes of the load balancer share.
//!
//! * [`config`]: the environment, read once into typed values.
//! * [`bbb`]: the BigBlueButton protocol: checksums, ordered parameters, signed calls, answers.
//! * [`pool`]: pure decisions: load, placement, health, voice bridge numbers.
//! * [`state`]: the live state (servers, meetings, tenants) in Redis or SQLite, behind one trait.
//! * [`operating`]: what operators do, by task or by the management API.
//! * [`recordings`]: their data in PostgreSQL or SQLite behind one trait, their files on disk or in S3.
//! * [`callbacks`]: what front ends want to be told, and the outbox of what they were not told yet.
//! * [`dialplan`]: dial-in: what FreeSWITCH is told to do with a call.
//! * [`lrs`]: how servers get to a tenant's learning record store.
//! * [`tenant`]: a tenant and its settings.
//! * [`audit`]: who changed what.
//! * [`usage`]: what tenants have used.
//! * [`monitoring`]: what is counted, and told to Prometheus.
//! * [`backoff`]: waiting for what is away.
//! * [`startup`], [`telemetry`] and [`shutdown`]: how every process begins, logs and ends.
//! * [`service_manager`] and [`pulse`]: what systemd is told of it, and whether its parts go on.
//!
//! The numbers in `CONTRACT §n` refer to the interface that is kept, see `docs/ARCHITECTURE.md`.

pub mod audit;
pub mod backoff;
pub mod bbb;
pub mod callbacks;
mod cause;
pub mod config;
pub mod dialplan;
pub mod lrs;
pub mod monitoring;
pub mod operating;
pub mod pool;
pub mod printable;
pub mod pulse;
pub mod recordings;
pub mod service_manager;
pub mod shutdown;
mod sqlite;
pub mod startup;
pub mod state;
pub mod telemetry;
pub mod tenant;
mod thread_slot;
mod tls;
pub mod usage;
