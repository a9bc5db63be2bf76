//! Ending meetings: they are forgotten, then ended on their servers. Each server has its own few calls at
//! the same time, so that one that does not answer holds up no other.

use std::collections::HashMap;
use std::io;

use futures_util::StreamExt;
use futures_util::stream::{self, SelectAll};
use scalelite_core::bbb::params::Params;
use scalelite_core::pool::server::{Route, ServerId};
use scalelite_core::state::{ForgetIf, Meeting};

use super::bounds::{BoundedError, Bounds};
use super::{Context, TaskError};
use crate::output::Output;

/// Calls at the same time to one server.
const AT_ONCE: usize = 8;

/// What became of a meeting.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is not known any more; its server has yet to end it.
    Forgotten,
    /// Its server has ended it.
    Ended,
    /// It is forgotten, but its server has not ended it.
    NotEnded(EndError),
}

/// Why a meeting was not ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum EndError {
    /// Its server did not do it.
    #[error(transparent)]
    Call(#[from] BoundedError),
    /// There is nobody to ask.
    #[error("its server {0} is not known any more")]
    NoServer(ServerId),
}

/// Forgets the meetings that are still bound to the same server, then (if `end`) sends `end` for each to its
/// server; tells of each outcome as it comes.
pub(super) async fn forget_and_end<'a>(
    context: &mut Context,
    meetings: impl IntoIterator<Item = (Option<&'a Route>, &'a Meeting)>,
    end: bool,
    mut tell: impl FnMut(&mut Output, &Meeting, Outcome) -> io::Result<()>,
) -> Result<(), TaskError> {
    let mut by_server: HashMap<&ServerId, Vec<(&Route, &Meeting)>> = HashMap::new();
    for (server, meeting) in meetings {
        let only = ForgetIf { on_server: Some(&meeting.server_id), not_placed_since: None };
        if !context.state.forget_meeting(&meeting.id, only).await? {
            continue;
        }
        tell(&mut context.out, meeting, Outcome::Forgotten)?;
        match server {
            Some(server) => by_server.entry(&server.id).or_default().push((server, meeting)),
            None => {
                let error = EndError::NoServer(meeting.server_id.clone());
                tell(&mut context.out, meeting, Outcome::NotEnded(error))?;
            }
        }
    }
    if !end {
        return Ok(());
    }
    let bounds = Bounds::new(&context.client);
    let bounds = &bounds;
    let mut ends: SelectAll<_> = by_server
        .into_values()
        .map(|meetings| {
            let calls = meetings.into_iter().map(|(server, meeting)| async move {
                let password = meeting.moderator_pw.as_str();
                let params = Params::from([("meetingID", meeting.id.as_str()), ("password", password)]);
                (meeting, bounds.get(server, "end", &params).await)
            });
            stream::iter(calls).buffered(AT_ONCE)
        })
        .collect();
    while let Some((meeting, result)) = ends.next().await {
        let outcome = match result {
            Ok(_) => Outcome::Ended,
            Err(error) => Outcome::NotEnded(error.into()),
        };
        tell(&mut context.out, meeting, outcome)?;
    }
    Ok(())
}
