//! The binary `scalelite` itself, on an embedded live state of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on has failed.

mod audit;
mod golden;
mod meetings;
mod metrics;
mod servers;
mod shell;
mod site;
mod spelling;
mod sync;
mod tenants;
mod up;
