//! `tenants:yaml` and `tenants:sync`: tenants to and from a file.

use scalelite_core::tenant::TenantSaved;

use super::document::{DocumentError, parse, write};
use super::one::warn_of_name;
use super::plan::{Mode, Step, plan};
use super::{Context, TaskError};
use crate::cli::{SyncTenants, given};
use crate::output::complain;
use crate::tasks::ending::{Outcome, forget_and_end};
use crate::tasks::servers_file::read;
use crate::tasks::sync_file::SyncError;

/// `tenants:yaml`
pub(super) async fn dump(context: &mut Context) -> Result<(), TaskError> {
    let text = write(&context.state.tenants().await?).map_err(DocumentError::from)?;
    Ok(context.out.line(text.trim_end())?)
}

/// `tenants:sync`: nothing is done unless all of the file can be used.
pub(super) async fn sync(context: &mut Context, arguments: &SyncTenants) -> Result<(), TaskError> {
    let path = given(arguments.path.as_ref()).ok_or(SyncError::NoPath)?;
    let mode = Mode::parse(arguments.mode())?;
    let wanted = parse(&read(path)?)?;
    let current = context.state.tenants().await?;
    let meetings = context.state.meetings().await?.into_iter();
    let mut meetings: Vec<(String, String)> =
        meetings.filter_map(|meeting| Some((meeting.tenant_id?, meeting.id))).collect();
    meetings.sort();
    context.record.nothing();
    for step in plan(&wanted, &current, &meetings, mode)? {
        if !arguments.dry_run() {
            take(context, &step).await?;
            if let Some((id, how)) = step.change() {
                context.record.step(id, how);
            }
        }
        for line in step.lines() {
            context.out.line(line)?;
        }
    }
    Ok(())
}

async fn take(context: &mut Context, step: &Step) -> Result<(), TaskError> {
    let (name, saved) = match step {
        Step::Add(tenant) => {
            warn_of_name(&tenant.name);
            (&tenant.name, context.state.add_tenant(tenant).await?)
        }
        Step::Change { id, change, .. } => (id, context.state.change_tenant(id, change).await?),
        Step::Keep { .. } => return Ok(()),
        Step::Remove { id, name, meetings } => {
            end(context, meetings).await?;
            let removed = context.state.remove_tenant(id).await?;
            (name, if removed { TenantSaved::Done } else { TenantSaved::Unknown })
        }
    };
    match saved {
        TenantSaved::Done => Ok(()),
        _ => Err(TaskError::TenantRaced(name.clone())),
    }
}

/// One that cannot be ended may be over already.
async fn end(context: &mut Context, ids: &[String]) -> Result<(), TaskError> {
    if ids.is_empty() {
        return Ok(());
    }
    let servers = context.state.servers().await?;
    let meetings = context.state.meetings().await?;
    let meetings = meetings.iter().filter(|meeting| ids.contains(&meeting.id)).map(|meeting| {
        let server = servers.iter().find(|server| server.route.id == meeting.server_id);
        (server.map(|server| &server.route), meeting)
    });
    forget_and_end(context, meetings, |_, meeting, outcome| {
        if let Outcome::NotEnded(error) = outcome {
            complain(format_args!("Failed to end meeting id={}: {error}", meeting.id));
        }
        Ok(())
    })
    .await
}
