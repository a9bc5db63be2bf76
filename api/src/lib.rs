//! The HTTP front end: checks each signed call and routes it to the meeting's server
//! (CONTRACT §2–§5, §13). `routes` is its whole surface on one screen.

mod app;
mod auth;
mod bigbluebutton;
mod body;
mod dashboard;
mod error;
mod fsapi;
mod health;
mod host;
mod management;
mod metrics;
mod playback;
mod ready;
mod request_log;
mod requests;
mod routes;
mod server;
pub mod service;
mod slashes;
mod tenants;
mod uploads;

pub use app::Parts;
pub use metrics::METRICS;
pub use server::{Bound, bind, run};
