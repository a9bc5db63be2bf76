//! Tenants and their settings: one by one, and all at once by a file.

mod diff;
mod document;
mod one;
mod plan;
mod settings;
mod sync;
mod views;

use super::{Context, TaskError};
use crate::cli::TenantsTask;

pub(crate) use document::DocumentError;
pub(crate) use plan::PlanError;

/// Runs a task for tenants.
pub(super) async fn run(task: &TenantsTask, context: &mut Context) -> Result<(), TaskError> {
    if !context.config.meetings.multitenancy {
        return Err(TaskError::NoTenants);
    }
    match task {
        TenantsTask::List(listing) => one::list(context, listing.json).await,
        TenantsTask::Add(tenant) => one::add(context, tenant).await,
        TenantsTask::Update(tenant) => one::update(context, tenant).await,
        TenantsTask::UpdateLrsBasic(lrs) => one::update_lrs_basic(context, lrs).await,
        TenantsTask::UpdateLrsKc(lrs) => one::update_lrs_kc(context, lrs).await,
        TenantsTask::Remove(tenant) => one::remove(context, &tenant.id).await,
        TenantsTask::Sync(sync) => sync::sync(context, sync).await,
        TenantsTask::Yaml => sync::dump(context).await,
        TenantsTask::ListSettings(listing) => settings::list(context, listing.json).await,
        TenantsTask::AddSetting(setting) => settings::add(context, setting).await,
        TenantsTask::RemoveSetting(setting) => settings::remove(context, &setting.id).await,
    }
}
