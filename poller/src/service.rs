//! The process: reads the configuration, builds the parts and runs them.

use std::process::ExitCode;

use clap::Parser;
use scalelite_core::config::Monitored;
use scalelite_core::{monitoring, startup};

use crate::Poller;

/// Polls the BigBlueButton servers and the meetings. It is configured by environment variables.
#[derive(Parser)]
#[command(name = "scalelite-poller", version, about)]
struct Arguments {}

/// The whole of `scalelite-poller`; it is in `scalelite` as well, under that name.
#[must_use]
pub fn main() -> ExitCode {
    Arguments::parse();
    let lists = [monitoring::METRICS, crate::METRICS];
    startup::run_service(
        "the poller",
        Monitored::Poller,
        &lists,
        async |config, shutdown| -> anyhow::Result<()> {
            let state = startup::open_state(&config, 1).await?;
            let client = startup::bbb_client(&config, 1, startup::IDLE_OF_POLLS);
            // For passes, and for callbacks. Polls do without.
            let catalog = startup::open_catalog(&config, 2).await.unwrap_or_else(|error| {
                tracing::error!(%error, "no callbacks are sent from here: there is no database");
                None
            });
            let poller = Poller::new(config, state, client).with_catalog(catalog);
            Ok(crate::run(poller, shutdown).await?)
        },
    )
}
