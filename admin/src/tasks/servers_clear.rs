//! `servers:disable` and `servers:panic`: a server loses its meetings.

use scalelite_core::operating::ending::{self, Outcome};
use scalelite_core::pool::server::AdminState;
use scalelite_core::state::Meeting;

use super::servers::to_state;
use super::{Context, TaskError};
use crate::cli::{DisableServer, PanicServer};
use crate::output::{Output, complain};

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
    // First, so that no new meeting is placed there while the others are cleared.
    if !context.state.change_server(&id.as_str().into(), &to_state(AdminState::Disabled)).await? {
        return Err(TaskError::NoServer(id.to_owned()));
    }
    if loaded {
        let (ending, out) = context.ending(true);
        ending::clear(ending, &server.route, |meeting, outcome| tell(out, meeting, outcome)).await?;
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
    let (ending, out) = context.ending(!arguments.skip_end_calls());
    let known = ending::panic(ending, &server.route, arguments.keep_state(), |meeting, outcome| {
        tell(out, meeting, outcome)
    });
    if !known.await? {
        return Err(TaskError::NoServer(id.to_owned()));
    }
    Ok(context.out.line("OK")?)
}

/// A meeting that is not ended is only warned of.
fn tell(out: &mut Output, meeting: &Meeting, outcome: Outcome) -> Result<(), TaskError> {
    match outcome {
        Outcome::Forgotten => out.line(format!("Clearing Meeting id={}", meeting.id))?,
        Outcome::Ended => {}
        Outcome::NotEnded(error) => {
            complain(format_args!("WARNING: Could not end meeting id={}: {error}", meeting.id));
        }
    }
    Ok(())
}
