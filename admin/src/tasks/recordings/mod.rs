//! Tasks on recordings.

mod change;
mod list;
mod show;
mod tenant;
mod text;
mod update;
mod view;
mod watch;

use std::collections::HashMap;
use std::sync::Arc;

use scalelite_core::config::Config;
use scalelite_core::recordings::catalog::{Catalog, Head};
use scalelite_core::recordings::operations::Operations;
use scalelite_core::recordings::store::Store;
use scalelite_core::startup;

use super::TaskError;
use super::audit::Record;
use crate::cli::RecordingsTask;
use crate::output::Output;

/// What tasks on recordings work with.
struct Library {
    config: Arc<Config>,
    catalog: Arc<dyn Catalog>,
    store: Store,
    out: Output,
    record: Record,
}

impl Library {
    async fn open(config: &Arc<Config>, record: &Record) -> Result<Self, TaskError> {
        let catalog = startup::open_catalog(config, 1).await?.ok_or(TaskError::NoDatabase)?;
        let store = Store::new(&config.recordings)?;
        let (config, record) = (Arc::clone(config), record.clone());
        Ok(Self { config, catalog, store, out: Output::stdout(), record })
    }

    fn operations(&self) -> Operations {
        Operations::new(Arc::clone(&self.catalog), self.store.clone())
    }

    /// The recordings of these IDs, each named once, which must all be there, in their order; deleted ones too.
    async fn heads(&self, record_ids: &[String]) -> Result<Vec<Head>, TaskError> {
        if record_ids.is_empty() {
            return Err(TaskError::NoRecordIds);
        }
        let found = self.catalog.heads(record_ids, None).await?;
        let mut by_id: HashMap<String, Head> =
            found.into_iter().map(|head| (head.record_id.clone(), head)).collect();
        let heads =
            record_ids.iter().map(|id| by_id.remove(id).ok_or_else(|| TaskError::NoRecording(id.clone())));
        heads.collect()
    }
}

/// Runs one task to its end.
pub(super) async fn run(
    task: &RecordingsTask,
    config: &Arc<Config>,
    record: &Record,
) -> Result<(), TaskError> {
    if let RecordingsTask::Watch(arguments) = task {
        return watch::watch(Config::clone(config), arguments).await;
    }
    let mut library = Library::open(config, record).await?;
    library.catalog.check().await?;
    match task {
        RecordingsTask::List(arguments) => list::list(&mut library, arguments).await?,
        RecordingsTask::Show(arguments) => show::show(&mut library, arguments).await?,
        RecordingsTask::Publish(arguments) => change::publish(&mut library, &arguments.ids(), true).await?,
        RecordingsTask::Unpublish(arguments) => {
            change::publish(&mut library, &arguments.ids(), false).await?;
        }
        RecordingsTask::Delete(arguments) => change::delete(&mut library, arguments).await?,
        RecordingsTask::Update => update::update(&mut library).await?,
        RecordingsTask::AddToTenant(arguments) => tenant::adopt(&mut library, arguments).await?,
        RecordingsTask::Watch(_) => {}
    }
    Ok(library.out.flush()?)
}
