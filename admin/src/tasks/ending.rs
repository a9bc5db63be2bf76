//! Ending meetings on their servers: all at the same time within bounds, so that one server that does not
//! answer holds up nothing.

use std::time::Duration;

use futures_util::{Stream, StreamExt};
use scalelite_core::bbb::client::{BbbClient, CallError};
use scalelite_core::bbb::params::Params;
use scalelite_core::pool::server::Route;
use scalelite_core::state::Meeting;
use tokio::time::Instant;

/// Calls at the same time.
const AT_ONCE: usize = 32;
/// All calls of a task together take no longer.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Why a meeting was not ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum EndError {
    /// Its server did not do it.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Others took all the time.
    #[error("there was no time left")]
    NoTime,
}

/// Sends `end` for each meeting to its server; gives the outcomes in the meetings' order.
pub(super) fn end_all<'a>(
    client: &'a BbbClient,
    meetings: impl IntoIterator<Item = (&'a Route, &'a Meeting)> + 'a,
) -> impl Stream<Item = (&'a Meeting, Result<(), EndError>)> + 'a {
    let deadline = Instant::now() + TIME_LIMIT;
    let calls = meetings.into_iter().map(move |(server, meeting)| async move {
        let params =
            Params::from([("meetingID", meeting.id.as_str()), ("password", meeting.moderator_pw.as_str())]);
        let call = client.get(server.into(), "end", &params);
        let result = match tokio::time::timeout_at(deadline, call).await {
            Ok(answer) => answer.map(drop).map_err(EndError::Call),
            Err(_) => Err(EndError::NoTime),
        };
        (meeting, result)
    });
    futures_util::stream::iter(calls).buffered(AT_ONCE)
}
