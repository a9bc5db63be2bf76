//! Imports recordings: watches the spool, unpacks each tar, records it and puts its trees in place
//! (CONTRACT §6).
//!
//! * `spool`: the tars, when they are ready, and how they leave.
//! * [`unpack`]: from a tar to files, within limits.
//! * `import`: one tar, from its lease to its removal.
//! * `watch`, `housekeeping`: what is started, and what is cleared away.
//!
//! Any number of importers may run, on any number of hosts that share the spool and the store: the leases in the
//! database tell who does what.

mod housekeeping;
mod import;
mod metrics;
mod parts;
mod run;
pub mod service;
mod spool;
mod syncs;
pub mod unpack;
mod watch;

pub use metrics::METRICS;
pub use run::{ImporterError, disabled, idle, run, slots};
