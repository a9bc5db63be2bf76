//! Servers: what changes of them, and what a poll takes and brings.

use std::time::Duration;

use secrecy::SecretString;

use crate::pool::health::Health;
use crate::pool::server::{AdminState, Server, ServerId, Usage};

/// A server to add.
#[derive(Debug, Clone)]
pub struct NewServer {
    /// Its ID.
    pub id: ServerId,
    /// Its API URL.
    pub url: String,
    /// The secret that signs calls to it.
    pub secret: SecretString,
    /// Its tag.
    pub tag: Option<String>,
    /// What one user counts on it.
    pub load_multiplier: f64,
}

/// What to change of a server; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct ServerChange {
    /// Its API URL.
    pub url: Option<String>,
    /// Its secret.
    pub secret: Option<SecretString>,
    /// Its tag; `Some(None)` takes it away.
    pub tag: Option<Option<String>>,
    /// What one user counts on it.
    pub load_multiplier: Option<f64>,
    /// What the operator wants of it.
    pub state: Option<AdminState>,
}

/// A server to poll now.
#[derive(Debug, Clone)]
pub struct PollTask {
    /// The server as it was when the poll began.
    pub server: Server,
    /// How much load had been added to it by then; handed back with the result, so that what is added
    /// while the poll is under way is not lost.
    pub load_added: f64,
    /// How long before that its last poll began, if it was polled before: the times of all polls of a server follow
    /// each other without a gap and without an overlap, whoever polls.
    pub since_last: Option<Duration>,
}

/// What a poll of a server found.
#[derive(Debug, Clone)]
pub struct PollResult {
    /// The server.
    pub server_id: ServerId,
    /// Its health now.
    pub health: Health,
    /// Its load (with the multiplier) and its numbers, if it answered. None leaves them as they are,
    /// but for a server that is offline: that one has no load and no users.
    pub measured: Option<(f64, Usage)>,
    /// From [`PollTask::load_added`].
    pub load_added_before: f64,
}

/// What became of a server by a poll's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It was recorded.
    Done,
    /// It was recorded, and as the server was cordoned and has no load, it is disabled now.
    Drained,
    /// The server was removed while it was polled.
    Gone,
}
