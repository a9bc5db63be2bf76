//! `meetings` and `meetings:end`.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::StreamExt;
use scalelite_core::bbb::params::Params;
use scalelite_core::bbb::response;
use scalelite_core::operating::bounds::Bounds;
use scalelite_core::pool::server::{Route, ServerId};
use scalelite_core::state::Meeting;

use super::ending::{EndError, Outcome, TIME_LIMIT, forget_and_end};
use super::views::MeetingView;
use super::{Context, TaskError, ids};
use crate::cli::{EndMeetings, ListingOf, given};
use crate::output::complain;

/// Meetings asked for at the same time.
const AT_ONCE: usize = 32;

/// `meetings`, `meetings:list`
pub(super) async fn list(context: &mut Context, listing: &ListingOf) -> Result<(), TaskError> {
    let meetings = chosen(context, given(listing.ids.as_ref())).await?;
    if listing.json {
        let views: Vec<MeetingView<'_>> = meetings.iter().map(MeetingView::from).collect();
        return Ok(context.out.json(&views)?);
    }
    let servers = routes(context).await?;
    let client = Arc::clone(&context.client);
    let bounds = Bounds::new(&client, TIME_LIMIT);
    let bounds = &bounds;
    let questions = meetings.iter().map(|meeting| {
        let server = servers.get(&meeting.server_id);
        async move {
            let Some(server) = server else { return (meeting, None) };
            let params = Params::from([("meetingID", meeting.id.as_str())]);
            let answer = bounds.get(server, "getMeetingInfo", &params).await;
            (meeting, Some((server, answer)))
        }
    });
    let mut answers = futures_util::stream::iter(questions).buffered(AT_ONCE);
    while let Some((meeting, answer)) = answers.next().await {
        match answer {
            Some((server, Ok(answer))) => {
                let id = response::top_level(&answer.body, ["meetingID"]).ok().and_then(|[id]| id);
                context.out.line(format!("\nMeetingID: {}", id.unwrap_or_default()))?;
                context.out.line(format!("\tServer ID: {}", server.id))?;
                context.out.line(format!("\tServer Url: {}", server.url))?;
            }
            Some((_, Err(error))) => {
                complain(format_args!("\nFailed to get meeting id={} status: {error}", meeting.id));
            }
            None => {
                let error = EndError::NoServer(meeting.server_id.clone());
                complain(format_args!("\nFailed to get meeting id={} status: {error}", meeting.id));
            }
        }
    }
    Ok(())
}

/// `meetings:end`
pub(super) async fn end(context: &mut Context, arguments: &EndMeetings) -> Result<(), TaskError> {
    if !arguments.yes && !confirmed(context)? {
        context.record.nothing();
        return Ok(context.out.line("OK")?);
    }
    let meetings = chosen(context, given(arguments.ids.as_ref())).await?;
    if meetings.is_empty() {
        context.record.nothing();
        complain(format_args!("No meetings to clear"));
    }
    let servers = routes(context).await?;
    let meetings = meetings.iter().map(|meeting| (servers.get(&meeting.server_id), meeting));
    forget_and_end(context, meetings, |_, meeting, outcome| {
        match outcome {
            Outcome::Forgotten => {}
            Outcome::Ended => complain(format_args!("Clearing Meeting id={}", meeting.id)),
            Outcome::NotEnded(error) => {
                complain(format_args!("WARNING: Could not end meeting id={}: {error}", meeting.id));
            }
        }
        Ok(())
    })
    .await?;
    Ok(context.out.line("OK")?)
}

fn confirmed(context: &mut Context) -> Result<bool, TaskError> {
    context.out.line("WARNING: You are trying to clear active meetings.")?;
    context.out.line("If you still wish to continue please enter `yes`")?;
    context.out.confirmed()?.ok_or(TaskError::NoAnswer)
}

/// The meetings of these IDs, which must all be known, in their order; without any, all by ID.
async fn chosen(context: &Context, wanted: Option<&str>) -> Result<Vec<Meeting>, TaskError> {
    let mut all = context.state.meetings().await?;
    all.sort_by(|a, b| a.id.cmp(&b.id));
    let mut wanted = ids(wanted).peekable();
    if wanted.peek().is_none() {
        return Ok(all);
    }
    let find = |id: &str| all.iter().find(|meeting| meeting.id == id).cloned();
    wanted.map(|id| find(id).ok_or_else(|| TaskError::NoMeeting(id.to_owned()))).collect()
}

async fn routes(context: &Context) -> Result<HashMap<ServerId, Route>, TaskError> {
    let servers = context.state.servers().await?;
    Ok(servers.into_iter().map(|server| (server.route.id.clone(), server.route)).collect())
}
