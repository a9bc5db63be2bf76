//! Polls the servers: which are healthy, how loaded they are, and which meetings are over
//! (CONTRACT §11).
//!
//! One `getMeetings` per server tells all of it; only a meeting that is missing from its server's list is
//! asked for by itself. [`Poller`] does one pass, [`run`] does them on a schedule.

mod ends;
mod meetings;
mod metrics;
mod pass;
mod schedule;
mod servers;
pub mod service;
mod usage;
mod versions;

pub use metrics::METRICS;
pub use pass::Poller;
pub use schedule::{RunError, run};
