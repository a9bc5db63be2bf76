//! The process: reads the configuration, builds the parts and runs them.

use std::process::ExitCode;

use clap::Parser;
use scalelite_core::config::Monitored;
use scalelite_core::recordings::store::Store;
use scalelite_core::{monitoring, startup};

/// Imports recordings from the spool, and tells front ends that they are ready. It is configured by environment
/// variables.
#[derive(Parser)]
#[command(name = "scalelite-recording-importer", version, about)]
struct Arguments {}

/// The whole of `scalelite-recording-importer`; it is in `scalelite` as well, under that name.
#[must_use]
pub fn main() -> ExitCode {
    Arguments::parse();
    let lists = [monitoring::METRICS, crate::METRICS];
    startup::run_service(
        "the importer",
        Monitored::Importer,
        &lists,
        async |config, shutdown| -> anyhow::Result<()> {
            if let Some(why) = crate::disabled(&config) {
                crate::idle(why, shutdown).await;
                return Ok(());
            }
            let Some(catalog) = startup::open_catalog(&config, 1).await? else { return Ok(()) };
            let state = startup::open_state(&config, 1).await?;
            let store = Store::new(&config.recordings)?;
            Ok(crate::run(config, catalog, store, state, shutdown).await?)
        },
    )
}
