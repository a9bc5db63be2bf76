//! The audit log: every task that changes something is noted when it is over, here and nowhere else.

mod known;
mod record;
mod show;
mod user;

use std::time::Duration;

use scalelite_core::audit::{self, Actor};
use scalelite_core::config::Config;
use scalelite_core::recordings::catalog::{Catalog, CatalogError};
use scalelite_core::startup;
use tokio::time::timeout;

use super::TaskError;

pub(super) use record::Record;
pub(super) use show::show;

/// A database that is there answers well within this.
const LOOK: Duration = Duration::from_secs(3);

/// Notes what a task has changed, in the log and in the database, if there is one. That it cannot be noted does not
/// make the task fail.
pub(super) async fn note(config: &Config, record: &Record, failure: Option<&TaskError>) {
    let actor = Actor::user(&user::name(), &audit::host_name());
    let changes = record.changes(&actor, failure.is_some());
    if changes.is_empty() {
        return;
    }
    match startup::open_catalog(config, 1).await {
        Ok(catalog) => {
            let tells = matches!(failure, Some(TaskError::Catalog(_)));
            if tells
                && let Some(catalog) = &catalog
                && !matches!(timeout(LOOK, catalog.check()).await, Ok(Ok(())))
            {
                // The task tells what is the matter with the database.
                return audit::note(None, &changes).await;
            }
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
pub(super) async fn ready(catalog: &dyn Catalog) -> Result<(), CatalogError> {
    match catalog.check().await {
        Err(CatalogError::MigrationsPending) => catalog.migrate().await.map(drop),
        result => result,
    }
}
