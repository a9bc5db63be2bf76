//! `bbb-sim`: plays any number of BigBlueButton servers until it is told to stop.

use std::io::Write;
use std::net::IpAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bbb_sim::{Fleet, SimOptions};
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

/// Plays BigBlueButton servers, for demos and load tests.
///
/// Prints one line of JSON per server, {"url":…,"secret":…}, once all of them serve, and runs until SIGTERM
/// or SIGINT. Each server takes commands at /sim/… on its own port: POST /sim/fault {"fault":"hang"},
/// POST /sim/users {"meeting_id":…,"attendees":3}, POST /sim/end {"meeting_id":…}, GET /sim/meetings,
/// GET /sim/counts; ?server=N speaks to another one, to bring back one that is down for instance.
#[derive(Parser)]
#[command(name = "bbb-sim", version)]
struct Arguments {
    /// How many servers
    #[arg(long, default_value_t = 1)]
    servers: usize,
    /// The secret they share
    #[arg(long, default_value = "sim-secret")]
    secret: String,
    /// The address they listen on
    #[arg(long, default_value = "127.0.0.1")]
    bind: IpAddr,
    /// The first server's port, the others follow; 0: any free ports
    #[arg(long, default_value_t = 0)]
    port_base: u16,
    /// Every API call's answer comes this much later
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// The meetings each server has from the start, named sim-SERVER-MEETING, from 0
    #[arg(long, default_value_t = 0)]
    meetings_per_server: usize,
    /// The users in each of these meetings; the first is a moderator
    #[arg(long, default_value_t = 0)]
    users_per_meeting: u32,
    /// The threads that serve
    #[arg(long, default_value_t = 1)]
    workers: usize,
    /// The BigBlueButton version they say they are
    #[arg(long, default_value = "3.0.4")]
    bbb_version: String,
    /// How many of the latest requests each server remembers for GET /sim/requests
    #[arg(long, default_value_t = 0)]
    request_log: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    ensure!(arguments.servers > 0, "--servers must be at least 1");
    // Listened to before the first line is printed, so that whoever reads it may stop us.
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen to SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen to SIGINT")?;
    let fleet = Fleet::start(
        arguments.servers,
        SimOptions {
            bind: arguments.bind,
            port: arguments.port_base,
            secret: arguments.secret,
            bbb_version: arguments.bbb_version,
            latency: Duration::from_millis(arguments.latency_ms),
            log_capacity: arguments.request_log,
            workers: arguments.workers,
            ..SimOptions::default()
        },
    )
    .await?;
    fill(&fleet, arguments.meetings_per_server, arguments.users_per_meeting)?;
    announce(&fleet).context("cannot write to stdout")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    fleet.stop().await;
    Ok(())
}

fn fill(fleet: &Fleet, meetings: usize, users: u32) -> Result<()> {
    for (server, sim) in fleet.iter().enumerate() {
        for meeting in 0..meetings {
            let id = format!("sim-{server}-{meeting}");
            sim.add_meeting(id.as_str())?;
            sim.add_users(&id, users.saturating_sub(1), users.min(1), 0)?;
        }
    }
    Ok(())
}

fn announce(fleet: &Fleet) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for sim in fleet.iter() {
        writeln!(out, "{}", serde_json::json!({ "url": sim.url(), "secret": sim.secret() }))?;
    }
    out.flush()
}
