//! The binary `scalelite-recording-importer`: reads the configuration, builds the parts and runs them.

use std::process::ExitCode;

use clap::Parser;
use scalelite_core::recordings::store::Store;
use scalelite_core::{config::Process, monitoring, startup};

/// Imports recordings from the spool, and tells front ends that they are ready. It is configured by environment
/// variables.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {}

/// In place of the system's, see docs/ARCHITECTURE.md.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    Arguments::parse();
    startup::run_service(
        "the importer",
        Process::Importer,
        &[monitoring::METRICS, scalelite_importer::METRICS],
        async |config, shutdown| -> anyhow::Result<()> {
            if let Some(why) = scalelite_importer::disabled(&config) {
                scalelite_importer::idle(why, shutdown).await;
                return Ok(());
            }
            let Some(catalog) = startup::open_catalog(&config, 1).await? else { return Ok(()) };
            let state = startup::open_state(&config, 1).await?;
            let store = Store::new(&config.recordings)?;
            Ok(scalelite_importer::run(config, catalog, store, state, shutdown).await?)
        },
    )
}
