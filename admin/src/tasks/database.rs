//! `db:setup` and `db:migrate`: the database of recordings.

use std::time::Duration;

use scalelite_core::backoff::Backoff;
use scalelite_core::config::Config;
use scalelite_core::recordings::catalog::Catalog;
use scalelite_core::startup;

use super::TaskError;
use super::audit::Record;
use crate::cli::DatabaseTask;
use crate::output::{Output, complain};

/// Between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Runs one task to its end; a database that is away is tried `DB_CONNECTION_RETRY_COUNT` times more.
pub(super) async fn run(task: &DatabaseTask, config: &Config, record: &Record) -> Result<(), TaskError> {
    let mut out = Output::stdout();
    // Most often there is nothing to do.
    record.nothing();
    let catalog = startup::open_catalog(config, 1).await?.ok_or(TaskError::NoDatabase)?;
    let mut backoff = Backoff::new(LONGEST_WAIT);
    let mut tries_left = config.stores.db_connection_retry_count;
    loop {
        match prepare(task, config, catalog.as_ref(), record, &mut out).await {
            Err(TaskError::Catalog(error)) if tries_left > 0 && error.is_passing() => {
                tries_left -= 1;
                complain(format_args!("WARNING: {error}; trying again"));
                tokio::time::sleep(backoff.wait()).await;
            }
            result => break result?,
        }
    }
    Ok(out.flush()?)
}

async fn prepare(
    task: &DatabaseTask,
    config: &Config,
    catalog: &dyn Catalog,
    record: &Record,
    out: &mut Output,
) -> Result<(), TaskError> {
    if *task == DatabaseTask::Setup
        && let Some(name) = startup::create_database(config).await?
    {
        record.step(&name, "created");
        out.line(format!("Created database '{name}'"))?;
    }
    let applied = catalog.migrate().await?;
    for name in &applied {
        record.step("database", format_args!("migrated: {name}"));
        out.line(format!("Migrated: {name}"))?;
    }
    Ok(out.line("The database is up to date")?)
}
