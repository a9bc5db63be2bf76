//! Load tests, each against reference points measured in the same run: machines are shared and noisy, so
//! only the ratios mean something. Run with `cargo run --release -p scalelite-bench` after
//! `cargo build --release --workspace`; needs `redis-server`, `nginx` and `wrk`, and PostgreSQL for recordings.

#![expect(
    clippy::disallowed_methods,
    reason = "a measurement waits for processes and has nothing else to do"
)]

mod fixture;
mod import;
mod metrics;
mod plan;
mod process;
mod recordings;
mod reference;
mod report;
mod tenants;
mod wrk;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Measures the load balancer against its reference points.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Seconds of load per measurement.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Connections, one measurement each.
    #[arg(long, value_delimiter = ',', default_values_t = [16, 64, 1000])]
    connections: Vec<usize>,
    /// Only scenarios whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
}

#[derive(Subcommand)]
enum Command {
    /// Measures `getRecordings` of many recordings, in PostgreSQL (which must be installed) and in SQLite.
    Recordings(recordings::Options),
    /// Measures imports of recordings into a PostgreSQL.
    Import(import::Options),
    /// Serves the reference points A, B and C (started by the measurement itself).
    #[command(hide = true)]
    Reference {
        /// The Unix socket of Redis.
        #[arg(long)]
        redis: PathBuf,
        /// How many bytes A answers.
        #[arg(long)]
        bytes: usize,
        /// Where C passes calls on to: `name=url`.
        #[arg(long)]
        upstream: Vec<String>,
    },
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match arguments.command {
        Some(Command::Reference { redis, bytes, upstream }) => {
            runtime.block_on(reference::serve(&redis, bytes, &upstream))
        }
        Some(Command::Recordings(options)) => runtime.block_on(recordings::run(&options)),
        Some(Command::Import(options)) => runtime.block_on(import::run(&options)),
        None => runtime.block_on(plan::run(arguments.seconds, &arguments.connections, &arguments.only)),
    }
}
