//! Whole importers on a spool and a store on disk.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on has failed.

mod broken;
mod embedded;
mod killed;
mod leftovers;
mod memory;
mod ordinary;
mod outages;
mod place;
mod servers;
mod tars;
