//! The binary `scalelite-api`: reads the configuration, builds the parts and runs them.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use scalelite_api::Parts;
use scalelite_core::recordings::store::Store;
use scalelite_core::{config::Process, monitoring, startup};

/// The HTTP front end of the load balancer. It is configured by environment variables.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {}

/// In place of the system's, see docs/ARCHITECTURE.md.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    Arguments::parse();
    startup::run_service(
        "the front end",
        Process::Api,
        &[monitoring::METRICS, scalelite_api::METRICS],
        async |config, shutdown| -> anyhow::Result<()> {
            let workers = config.http.workers;
            let state = startup::open_state(&config, workers).await?;
            let client = startup::bbb_client(&config, workers, startup::IDLE_OF_FRONT_END);
            let catalog = startup::open_catalog(&config, workers).await?;
            if let Some(catalog) = &catalog {
                startup::migrate_beside(Arc::clone(catalog), shutdown.clone()).await;
            }
            let store = Store::new(&config.recordings)?;
            let bound = scalelite_api::bind(&config.http.bind)?;
            Ok(scalelite_api::run(Parts { config, state, client, catalog, store }, bound, shutdown).await?)
        },
    )
}
