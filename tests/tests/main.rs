//! The whole system, as its users meet it (issue 2, "Must hold" and "Bad input"). One file per theme.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what goes wrong in a test is to end it, loudly"
)]

mod audit;
mod bad_input;
mod callbacks;
mod calls;
mod clients;
mod dashboard;
mod deployment;
mod dial_in;
mod failover;
mod logs;
mod management;
mod operators;
mod original_records;
mod parameters;
mod placement;
mod playback;
mod polls;
mod processes;
mod recording_tasks;
mod recordings;
mod redis_outage;
mod server_answers;
mod service_manager;
mod signatures;
mod slow_servers;
mod status;
mod tenants;
mod text_tracks;
mod uploads;
