//! What the whole-system tests are made of: real processes, real stores, and a client of our own.
//!
//! * [`site`]: one installation of its own for each test: a store, simulated servers, processes.
//! * [`store`]: the live state in Redis or embedded; [`redis_server`]: a Redis that can be stopped.
//! * [`binaries`], [`process`]: our binaries, started, watched and ended.
//! * [`client`], [`signature`], [`answer`]: signed calls and what comes back, written apart from
//!   `scalelite-core`; [`wire`]: bytes as they are, for what no client would send.
//! * [`prometheus`]: what a process tells of itself.
//! * [`curl`]: a client that is not ours, also over TLS; [`container`]: images of ours, run without an engine.
//! * [`stub`]: a server that answers as a test says.
//! * [`wait`]: waiting for a condition, never for a time.
//!
//! The tests are in `tests/tests`, one file per theme.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "this is test code: what goes wrong is to end the test, loudly"
)]

pub mod answer;
pub mod binaries;
pub mod client;
pub mod container;
pub mod curl;
pub mod process;
pub mod prometheus;
pub mod redis_server;
pub mod signature;
pub mod site;
pub mod store;
pub mod stub;
pub mod wait;
pub mod wire;

/// Makes two tests of an async function that takes a [`Mode`](store::Mode): one on Redis, one embedded.
#[macro_export]
macro_rules! in_both_modes {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[tokio::test]
            async fn redis() {
                super::$name($crate::store::Mode::Redis).await;
            }

            #[tokio::test]
            async fn embedded() {
                super::$name($crate::store::Mode::Embedded).await;
            }
        }
    )+};
}
