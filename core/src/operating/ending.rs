//! Ending meetings, as tasks and the management API do it: they are forgotten, then ended on their servers. Each server has its own few calls at
//! the same time, so that one that does not answer holds up no other.

use std::collections::HashMap;
use std::time::Duration;

use crate::bbb::params::Params;
use crate::pool::server::{AdminState, Route, ServerId};
use crate::state::{ForgetIf, Meeting, ServerChange};
use futures_util::StreamExt;
use futures_util::stream::{self, SelectAll};

use super::bounds::{BoundedError, Bounds};
use crate::bbb::client::BbbClient;
use crate::state::{LiveState, StateError};

/// Calls at the same time to one server.
const AT_ONCE: usize = 8;

/// What became of a meeting.
#[derive(Debug)]
pub enum Outcome {
    /// It is not known any more; its server has yet to end it.
    Forgotten,
    /// Its server has ended it.
    Ended,
    /// It is forgotten, but its server has not ended it.
    NotEnded(EndError),
}

/// Why a meeting was not ended.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// Its server did not do it.
    #[error(transparent)]
    Call(#[from] BoundedError),
    /// There is nobody to ask.
    #[error("its server {0} is not known any more")]
    NoServer(ServerId),
}

/// What meetings are ended with.
#[derive(Debug, Clone, Copy)]
pub struct Ending<'a> {
    /// Where they are forgotten.
    pub state: &'a dyn LiveState,
    /// What calls their servers.
    pub client: &'a BbbClient,
    /// How long all calls to servers may take together; none: servers are not told.
    pub limit: Option<Duration>,
}

/// Forgets the meetings that are still bound to the same server, then (if there is a limit for it) sends `end` for
/// each to its server; tells of each outcome as it comes.
///
/// # Errors
///
/// The live state cannot be used, or an outcome cannot be told. That a server does not end a meeting is an outcome.
pub async fn forget_and_end<'a, E: From<StateError>>(
    Ending { state, client, limit }: Ending<'_>,
    meetings: impl IntoIterator<Item = (Option<&'a Route>, &'a Meeting)>,
    mut tell: impl FnMut(&Meeting, Outcome) -> Result<(), E>,
) -> Result<(), E> {
    let mut by_server: HashMap<&ServerId, Vec<(&Route, &Meeting)>> = HashMap::new();
    for (server, meeting) in meetings {
        let only = ForgetIf { on_server: Some(&meeting.server_id), not_placed_since: None };
        if !state.forget_meeting(&meeting.id, only).await? {
            continue;
        }
        tell(meeting, Outcome::Forgotten)?;
        match server {
            Some(server) => by_server.entry(&server.id).or_default().push((server, meeting)),
            None => {
                let error = EndError::NoServer(meeting.server_id.clone());
                tell(meeting, Outcome::NotEnded(error))?;
            }
        }
    }
    let Some(limit) = limit else { return Ok(()) };
    let bounds = Bounds::new(client, limit);
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
        tell(meeting, outcome)?;
    }
    Ok(())
}

/// Forgets all meetings of a server, then has it end them, as [`forget_and_end`] does.
///
/// # Errors
///
/// As there.
pub async fn clear<E: From<StateError>>(
    ending: Ending<'_>,
    server: &Route,
    tell: impl FnMut(&Meeting, Outcome) -> Result<(), E>,
) -> Result<(), E> {
    let mut meetings = ending.state.meetings().await?;
    meetings.retain(|meeting| meeting.server_id == server.id);
    meetings.sort_by(|a, b| a.id.cmp(&b.id));
    forget_and_end(ending, meetings.iter().map(|meeting| (Some(server), meeting)), tell).await
}

/// Takes a server out of use (unless it is to keep its state), then [clears](clear) it: in this order, so that no new
/// meeting is placed there meanwhile. False if there is no such server any more.
///
/// # Errors
///
/// As [`forget_and_end`].
pub async fn panic<E: From<StateError>>(
    ending: Ending<'_>,
    server: &Route,
    keep_state: bool,
    tell: impl FnMut(&Meeting, Outcome) -> Result<(), E>,
) -> Result<bool, E> {
    if !keep_state {
        let disabled = ServerChange { state: Some(AdminState::Disabled), ..ServerChange::default() };
        if !ending.state.change_server(&server.id, &disabled).await? {
            return Ok(false);
        }
    }
    clear(ending, server, tell).await?;
    Ok(true)
}
