//! `servers:sync`: makes the servers what a file says.

use scalelite_core::operating::api_url;
use scalelite_core::pool::server::{AdminState, Route, ServerId};
use scalelite_core::state::Meeting;

use super::ending::{Outcome, forget_and_end};
use super::servers::to_state;
use super::servers_file::read;
use super::sync_file::{Mode, SyncError, parse};
use super::sync_plan::{Step, plan};
use super::{Context, TaskError};
use crate::cli::{SyncServers, given};
use crate::output::complain;

/// `servers:sync`
pub(super) async fn sync(context: &mut Context, arguments: &SyncServers) -> Result<(), TaskError> {
    let path = given(arguments.path.as_ref()).ok_or(SyncError::NoPath)?;
    let mode = Mode::parse(arguments.mode())?;
    let desired = parse(&read(path).map_err(SyncError::File)?)?;
    let servers = context.state.servers().await?;
    let mut meetings = context.state.meetings().await?;
    meetings.sort_by(|a, b| a.id.cmp(&b.id));
    context.record.nothing();
    for step in plan(&desired, &servers, &meetings, mode) {
        if arguments.dry_run() {
            tell(context, &step)?;
        } else {
            take(context, step, mode).await?;
        }
    }
    Ok(())
}

fn tell(context: &mut Context, step: &Step) -> Result<(), TaskError> {
    for line in step.lines() {
        context.out.line(line)?;
    }
    Ok(())
}

async fn take(context: &mut Context, step: Step, mode: Mode) -> Result<(), TaskError> {
    match &step {
        Step::Create(server) => {
            raced(context.state.add_server(server).await?, &server.id)?;
            if let Some(warning) = api_url::warning(&server.url) {
                complain(warning);
            }
        }
        Step::Change { id, change, .. } => {
            raced(context.state.change_server(id, change).await?, id)?;
        }
        Step::Keep(_) => {}
        Step::Drain(id) => cordon(context, id).await?,
        Step::Empty { server, meetings } => {
            // This takes a while: what is going on is told first.
            tell(context, &step)?;
            empty(context, server, meetings).await?;
            note(context, &step);
            return Ok(());
        }
        Step::Remove { id, in_use } => {
            if *in_use {
                cordon(context, id).await?;
            }
            if has_meetings(context, id).await? {
                // It came after the look at the servers.
                return match mode {
                    Mode::Force => Err(SyncError::NotEmpty(id.to_string()).into()),
                    _ => done(context, &Step::Drain(id.clone())),
                };
            }
            raced(context.state.remove_server(id).await?, id)?;
        }
    }
    done(context, &step)
}

fn done(context: &mut Context, step: &Step) -> Result<(), TaskError> {
    note(context, step);
    tell(context, step)
}

fn note(context: &Context, step: &Step) {
    if let Some((id, how)) = step.change() {
        context.record.step(id, how);
    }
}

fn raced(done: bool, id: &ServerId) -> Result<(), SyncError> {
    if done { Ok(()) } else { Err(SyncError::Raced(id.to_string())) }
}

async fn cordon(context: &Context, id: &ServerId) -> Result<(), TaskError> {
    Ok(raced(context.state.change_server(id, &to_state(AdminState::Cordoned)).await?, id)?)
}

async fn has_meetings(context: &Context, id: &ServerId) -> Result<bool, TaskError> {
    Ok(context.state.meetings().await?.iter().any(|meeting| meeting.server_id == *id))
}

/// One that cannot be ended may be over already.
async fn empty(context: &mut Context, server: &Route, meetings: &[Meeting]) -> Result<(), TaskError> {
    let meetings = meetings.iter().map(|meeting| (Some(server), meeting));
    forget_and_end(context, meetings, |_, meeting, outcome| {
        if let Outcome::NotEnded(error) = outcome {
            complain(format_args!("[{}] Failed to end meeting id={}: {error}", server.id, meeting.id));
        }
        Ok(())
    })
    .await
}
