//! The process: reads the configuration, builds the parts and runs them.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use scalelite_core::config::Monitored;
use scalelite_core::recordings::store::Store;
use scalelite_core::{monitoring, startup};

use crate::Parts;

/// The HTTP front end of the load balancer. It is configured by environment variables.
#[derive(Parser)]
#[command(name = "scalelite-api", version, about)]
struct Arguments {}

/// The whole of `scalelite-api`; it is in `scalelite` as well, under that name.
#[must_use]
pub fn main() -> ExitCode {
    Arguments::parse();
    let lists = [monitoring::METRICS, crate::METRICS];
    startup::run_service(
        "the front end",
        Monitored::Api,
        &lists,
        async |config, shutdown| -> anyhow::Result<()> {
            let workers = config.http.workers;
            let state = startup::open_state(&config, workers).await?;
            let client = startup::bbb_client(&config, workers, startup::IDLE_OF_FRONT_END);
            let catalog = startup::open_catalog(&config, workers).await?;
            if let Some(catalog) = &catalog {
                startup::migrate_beside(Arc::clone(catalog), shutdown.clone()).await;
            }
            let store = Store::new(&config.recordings)?;
            let bound = crate::bind(&config.http.bind)?;
            Ok(crate::run(Parts { config, state, client, catalog, store }, bound, shutdown).await?)
        },
    )
}
