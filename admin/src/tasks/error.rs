//! Why a task failed: what the operator reads on standard error.

use scalelite_core::state::StateError;

use super::api_url::ApiUrlError;
use super::servers_file::FileError;
use super::sync_file::SyncError;

/// A task ends with this and the exit status 1.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    /// No such server.
    #[error("ERROR: No server found with id: {0}")]
    NoServer(String),
    /// No such meeting.
    #[error("ERROR: No meeting found with id: {0}")]
    NoMeeting(String),
    /// `servers:add` without its two arguments.
    #[error("Error: Please input at least a URL and a secret!")]
    NoUrlOrSecret,
    /// A URL that is none.
    #[error("Error: {0}")]
    Url(#[from] ApiUrlError),
    /// A new server would have the ID of another.
    #[error("ERROR: Server already exists with id '{0}'")]
    IdTaken(String),
    /// `meetings:info` without a meeting.
    #[error("Error: Please input a meetingID!")]
    NoMeetingId,
    /// A meeting got lost while it was asked for.
    #[error("WARNING: Could not get info for meeting id={0}: it is not known")]
    NoInfo(String),
    /// `poll` with an interval that is none.
    #[error("ERROR: The interval must be a positive number of seconds, not {0}")]
    Interval(String),
    /// `servers:addAll` cannot use its file.
    #[error("ERROR: {0}")]
    File(#[from] FileError),
    /// `servers:sync` cannot do what it is told.
    #[error("ERROR: {0}")]
    Sync(#[from] SyncError),
    /// The live state cannot be used.
    #[error("ERROR: {0}")]
    State(#[from] StateError),
    /// The schedule of `poll` does not work.
    #[error("ERROR: {0}")]
    Schedule(#[from] scalelite_poller::ScheduleError),
    /// A task that asks first, and nobody there to answer.
    #[error("ERROR: no answer; use --yes")]
    NoAnswer,
    /// Standard input or output, or a signal.
    #[error("ERROR: {0}")]
    Io(#[from] std::io::Error),
}
