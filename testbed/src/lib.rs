//! Servers of other people's that tests and load tests start for themselves, each with its own files, reached
//! on this machine only, and gone with whoever started it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "this is test code: what goes wrong is to end the test, loudly"
)]

pub mod moto;
pub mod nginx;
pub mod ports;
pub mod postgres;
pub mod receiver;
pub mod rsa_key;
