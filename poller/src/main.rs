//! The binary `scalelite-poller`: reads the configuration, builds the parts and runs them.

use std::process::ExitCode;

use clap::Parser;
use scalelite_core::{config::Process, monitoring, startup};
use scalelite_poller::Poller;

/// Polls the BigBlueButton servers and the meetings. It is configured by environment variables.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {}

/// In place of the system's, see docs/ARCHITECTURE.md.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    Arguments::parse();
    startup::run_service(
        "the poller",
        Process::Poller,
        &[monitoring::METRICS, scalelite_poller::METRICS],
        async |config, shutdown| -> anyhow::Result<()> {
            let state = startup::open_state(&config, 1).await?;
            let client = startup::bbb_client(&config, 1, startup::IDLE_OF_POLLS);
            // For passes, and for callbacks. Polls do without.
            let catalog = startup::open_catalog(&config, 2).await.unwrap_or_else(|error| {
                tracing::error!(%error, "no callbacks are sent from here: there is no database");
                None
            });
            let poller = Poller::new(config, state, client).with_catalog(catalog);
            Ok(scalelite_poller::run(poller, shutdown).await?)
        },
    )
}
