//! The whole system, as its users meet it. One file per theme.
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
mod chart;
mod clients;
mod compose;
mod dashboard;
mod deployment;
mod dial_in;
mod documents;
mod failover;
mod images;
mod logs;
mod management;
mod metrics;
mod migration;
mod nginx;
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
mod rolling_restart;
mod server_answers;
mod service_manager;
mod signatures;
mod slow_servers;
mod status;
mod tenants;
mod text_tracks;
mod uploads;
