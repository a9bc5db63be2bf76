//! `recordings:watch`: the importer, in the foreground.

use std::sync::Arc;

use scalelite_core::config::Config;
use scalelite_core::recordings::store::Store;
use scalelite_core::{shutdown, startup};

use super::TaskError;
use crate::cli::WatchSpool;
use crate::tasks::poll;

/// `recordings:watch`: until SIGTERM or SIGINT.
pub(super) async fn watch(mut config: Config, arguments: &WatchSpool) -> Result<(), TaskError> {
    let import = &mut config.recordings.import;
    if let Some(poll) = arguments.force_polling() {
        import.poll = poll;
    }
    if let Some(text) = arguments.latency() {
        import.poll_interval = poll::seconds(text).ok_or_else(|| TaskError::Interval(text.to_owned()))?;
    }
    let shutdown = shutdown::on_signal()?;
    let slots = scalelite_importer::slots(&config);
    let catalog = match (scalelite_importer::disabled(&config), startup::open_catalog(&config, slots).await?)
    {
        (None, Some(catalog)) => catalog,
        (why, _) => {
            scalelite_importer::idle(why.unwrap_or("there is no database"), shutdown).await;
            return Ok(());
        }
    };
    let state = startup::open_state(&config, 1).await?;
    let store = Store::new(&config.recordings)?;
    Ok(scalelite_importer::run(Arc::new(config), catalog, store, state, shutdown).await?)
}
