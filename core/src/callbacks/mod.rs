//! Callbacks: what a meeting's front end wants to be told (CONTRACT §7).
//!
//! A callback is queued in the database, in the transaction that makes it due, and stays there until it is
//! delivered: the outbox. [`deliver`] is the worker that empties it.

use std::time::Duration;

mod address;
mod courier;
pub mod deliver;
pub(crate) mod outbox;
mod pace;
mod receiver;
mod token;
mod turns;
pub(crate) mod yaml;

pub use courier::CourierError;
pub use pace::Pace;
pub use token::is_signed_by_any;

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

/// Who wants to be told that a meeting is over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndUrls {
    /// `meta_endCallbackUrl`: with the parameters `recordingmarks` and `meetingID`.
    pub end_callback: Option<String>,
    /// `meetingEndedURL`: as it is.
    pub meeting_ended: Option<String>,
}

/// A meeting whose end is awaited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwaitedEnd {
    /// The key of its row, by which its server may tell us; nobody can guess it.
    pub token: String,
    /// `meetingID`.
    pub meeting_id: String,
}

/// How long a meeting that is over waits for its server to tell so: only the server knows whether its recording has
/// marks.
pub const END_GRACE: Duration = Duration::from_secs(10);

/// Learning analytics of a meeting, to be passed on.
#[derive(Debug, Clone, Copy)]
pub struct Analytics<'a> {
    /// Where they go.
    pub url: &'a str,
    /// The meeting.
    pub meeting_id: &'a str,
    /// The tenant whose secrets sign them.
    pub tenant_id: Option<&'a str>,
    /// They themselves, as JSON.
    pub body: &'a str,
}

/// What a callback tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A recording is ready.
    RecordingReady {
        /// The recording.
        record_id: String,
    },
    /// Learning analytics. They may be long, so they stay in the database until they are sent.
    Analytics {
        /// How long.
        bytes: usize,
    },
    /// A meeting is over.
    MeetingEnded {
        /// Whether its recording has marks; none if the receiver does not want to know.
        recording_marks: Option<bool>,
    },
}

/// What waits to be delivered, due or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many callbacks.
    pub pending: u64,
    /// How long ago the oldest of them was queued; zero if there is none.
    pub oldest: Duration,
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
    /// What it tells.
    pub message: Message,
    /// The tenant whose secrets sign it.
    pub tenant_id: Option<String>,
    /// How often it failed before.
    pub failures: u32,
    /// How long ago it was queued.
    pub age: Duration,
}
