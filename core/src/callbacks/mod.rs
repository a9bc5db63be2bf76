//! Callbacks: what a meeting's front end wants to be told (CONTRACT §7).
//!
//! A callback is queued in the database, in the transaction that makes it due, and stays there until it is
//! delivered: the outbox. [`deliver`] is the worker that empties it.

use std::time::Duration;

mod address;
mod courier;
pub mod deliver;
mod pace;
mod receiver;
mod token;
mod turns;
pub(crate) mod yaml;

pub use courier::CourierError;
pub use pace::Pace;

/// What is remembered for a meeting (`callback_data.callback_attributes`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallbackAttributes {
    /// Where learning analytics go.
    pub analytics_callback_url: Option<String>,
    /// Where it is told that a recording is ready.
    pub recording_ready_url: Option<String>,
    /// The tenant whose meeting it is. Not known of what the original remembered.
    pub tenant_id: Option<String>,
}

/// A callback that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueCallback {
    /// The key of its row.
    pub id: i64,
    /// Where it goes.
    pub url: String,
    /// The meeting it is about.
    pub meeting_id: String,
    /// The recording that is ready.
    pub record_id: String,
    /// The tenant whose secrets sign it.
    pub tenant_id: Option<String>,
    /// How often it failed before.
    pub failures: u32,
    /// How long ago it was queued.
    pub age: Duration,
}
