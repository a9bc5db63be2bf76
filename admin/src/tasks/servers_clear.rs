//! `servers:disable` and `servers:panic`: a server loses its meetings.

use scalelite_core::pool::server::{AdminState, Route};
use scalelite_core::state::Meeting;

use super::ending::{Outcome, forget_and_end};
use super::servers::to_state;
use super::{Context, TaskError};
use crate::cli::{DisableServer, PanicServer};
use crate::output::complain;

/// `servers:disable`
pub(super) async fn disable(context: &mut Context, arguments: &DisableServer) -> Result<(), TaskError> {
    let id = &arguments.id;
    context.out.line(format!("Disabling server {id}..."))?;
    let server = context.server(id).await?;
    let loaded = server.load.is_some_and(|load| load > 0.0);
    if loaded && !arguments.yes && !confirmed(context)? {
        context.record.nothing();
        return Ok(context.out.line("OK")?);
    }
    change_state(context, id).await?;
    if loaded {
        clear(context, &server.route, true).await?;
    }
    Ok(context.out.line("OK")?)
}

fn confirmed(context: &mut Context) -> Result<bool, TaskError> {
    let out = &mut context.out;
    out.line(
        "WARNING: You are trying to disable a server with active load. You should use the cordon option if",
    )?;
    out.line("          you do not want to clear all the meetings")?;
    out.line("If you still wish to continue please enter `yes`")?;
    out.confirmed()?.ok_or(TaskError::NoAnswer)
}

/// `servers:panic`
pub(super) async fn panic(context: &mut Context, arguments: &PanicServer) -> Result<(), TaskError> {
    let id = &arguments.id;
    context.out.line(format!("Panicking server {id}..."))?;
    let server = context.server(id).await?;
    if !arguments.keep_state() {
        change_state(context, id).await?;
    }
    clear(context, &server.route, !arguments.skip_end_calls()).await?;
    Ok(context.out.line("OK")?)
}

/// Comes first, so that no new meeting is placed on the server while the others are cleared.
async fn change_state(context: &Context, id: &str) -> Result<(), TaskError> {
    if context.state.change_server(&id.into(), &to_state(AdminState::Disabled)).await? {
        Ok(())
    } else {
        Err(TaskError::NoServer(id.to_owned()))
    }
}

/// Forgets all meetings of a server, and then has it end them. One that it does not end is only warned of.
async fn clear(context: &mut Context, server: &Route, end: bool) -> Result<(), TaskError> {
    let meetings = meetings_on(context, server).await?;
    let meetings = meetings.iter().map(|meeting| (Some(server), meeting));
    forget_and_end(context, meetings, end, |out, meeting, outcome| match outcome {
        Outcome::Forgotten => out.line(format!("Clearing Meeting id={}", meeting.id)),
        Outcome::Ended => Ok(()),
        Outcome::NotEnded(error) => {
            complain(format_args!("WARNING: Could not end meeting id={}: {error}", meeting.id));
            Ok(())
        }
    })
    .await
}

/// The meetings bound to a server, by ID.
pub(super) async fn meetings_on(context: &Context, server: &Route) -> Result<Vec<Meeting>, TaskError> {
    let mut meetings = context.state.meetings().await?;
    meetings.retain(|meeting| meeting.server_id == server.id);
    meetings.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(meetings)
}
