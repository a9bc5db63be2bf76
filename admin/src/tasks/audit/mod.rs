//! The audit log: every task that changes something is noted when it is over, here and nowhere else.

mod known;
mod record;
mod show;
mod user;

use scalelite_core::audit::{self, Actor};
use scalelite_core::config::Config;
use scalelite_core::recordings::catalog::{Catalog, CatalogError};
use scalelite_core::startup;

pub(super) use known::without_user;
pub(super) use record::Record;
pub(super) use show::show;

/// Notes what a task has changed, in the log and in the database, if there is one. That it cannot be noted does not
/// make the task fail.
pub(super) async fn note(config: &Config, record: &Record, failed: bool) {
    let actor = Actor::user(&user::name(), &audit::host_name());
    let changes = record.changes(&actor, failed);
    if changes.is_empty() {
        return;
    }
    match startup::open_catalog(config, 1).await {
        Ok(catalog) => {
            if config.stores.is_embedded()
                && let Some(catalog) = &catalog
                && let Err(error) = ready(&**catalog).await
            {
                tracing::warn!(%error, "the database of the audit log cannot be brought to its schema");
            }
            audit::note(catalog.as_deref(), &changes).await;
        }
        Err(error) => {
            audit::note(None, &changes).await;
            tracing::warn!(%error, "done, but not noted in the audit log");
        }
    }
}

/// Nobody runs `db:migrate` for a file that makes itself.
async fn ready(catalog: &dyn Catalog) -> Result<(), CatalogError> {
    match catalog.check().await {
        Err(CatalogError::MigrationsPending) => catalog.migrate().await.map(drop),
        result => result,
    }
}
