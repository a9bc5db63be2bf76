//! The simulator as its users see it: over HTTP, and through the library.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod binary;
mod client;
mod control;
mod faults;
mod fleet;
mod life_cycle;
mod protocol;
