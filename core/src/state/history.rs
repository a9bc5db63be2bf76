//! The last day of each server: one sample for each five minutes, in which the polls of that time are folded.

use std::collections::HashMap;

use crate::pool::server::ServerId;

/// How long a sample stands for, in seconds.
pub const SAMPLE_SECONDS: u64 = 300;
/// How many samples there are of a server, at most: those of the last 24 hours.
pub const SAMPLES: u64 = 288;

/// The histories of all servers, each with the oldest sample first. There is no sample of a time without polls.
pub type Histories = HashMap<ServerId, Vec<Sample>>;

/// What the polls of five minutes saw of a server: of each number the largest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// When these five minutes began, by the store's clock, in seconds since 1970; a multiple of [`SAMPLE_SECONDS`].
    pub at: u64,
    /// Its load, with the multiplier, as it was measured.
    pub load: f64,
    /// Meetings on it.
    pub meetings: u64,
    /// Users on it.
    pub users: u64,
    /// Cameras shared on it.
    pub videos: u64,
    /// Whether one of the polls found it offline.
    pub offline: bool,
}

/// The number of the five minutes that a time (in milliseconds since 1970) lies in.
pub(super) fn slot_of(now_ms: u64) -> u64 {
    now_ms / (SAMPLE_SECONDS * 1000)
}

/// The slot that a history may begin with, if this is the one of now.
pub(super) fn oldest(now: u64) -> u64 {
    (now + 1).saturating_sub(SAMPLES)
}
