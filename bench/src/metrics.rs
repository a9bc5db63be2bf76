//! `join` with metrics and without, by turns, on the same Redis and the same server.

use std::time::Duration;

use anyhow::ensure;

use crate::fixture::{Fixture, SECRET, signed};
use crate::plan::{Subject, measure, peak_mib};
use crate::process::Process;
use crate::report::{Row, Verdict};
use crate::wrk::Measured;

/// Each is measured so often, by turns; the best round counts, since others disturb.
const ROUNDS: usize = 5;
/// At most 3 % slower.
const AIM: f64 = 0.97;

type Best = Option<(Measured, Duration)>;

pub(crate) async fn run(seconds: u64, connections: usize, rows: &mut Vec<Row>) -> anyhow::Result<()> {
    let mut fixture = Fixture::start().await?;
    let (_sim, urls) = fixture.simulators("sim", &[], 1)?;
    fixture.add_servers("bench", &urls).await?;
    let mut off = fixture.ours_as("off", "scalelite-api", &[])?;
    fixture.set("METRICS_BIND", "127.0.0.1:0".to_owned());
    let mut on = fixture.ours_as("on", "scalelite-api", &[])?;
    let urls = [off.address()?, on.address()?];
    let create = reqwest::get(format!("{}{}", urls[0], signed("create", "meetingID=bench", SECRET))).await?;
    ensure!(create.text().await?.contains("SUCCESS"), "the meeting cannot be created");
    let path = signed("join", "meetingID=bench&fullName=Bob+Bench&role=VIEWER", SECRET);
    let mut best: [Best; 2] = [None, None];
    for round in 0..ROUNDS {
        // Who comes second in one round comes first in the next.
        for turn in 0..2 {
            let which = (round + turn) % 2;
            let process = [&off, &on][which];
            let subject = Subject { process, url: format!("{}{path}", urls[which]) };
            let (measured, cpu) = measure(&subject, connections, seconds, None)?;
            if best[which].is_none_or(|(best, _)| measured.per_second > best.per_second) {
                best[which] = Some((measured, cpu));
            }
        }
    }
    let [Some((off_measured, off_cpu)), Some((on_measured, on_cpu))] = best else { return Ok(()) };
    let row = |what: &str, process: &Process, measured, cpu, verdicts| {
        Ok::<_, anyhow::Error>(Row {
            what: what.to_owned(),
            connections: connections.to_string(),
            measured: Some(measured),
            cpu_per_request: Some(cpu),
            memory: format!("api {:.1} MiB", peak_mib(process)?),
            verdicts,
        })
    };
    rows.push(row("join, metrics off", &off, off_measured, off_cpu, Vec::new())?);
    let verdicts = vec![
        Verdict::at_least("calls without", on_measured.per_second / off_measured.per_second, AIM),
        Verdict::at_least("CPU without", off_cpu.as_secs_f64() / on_cpu.as_secs_f64(), AIM),
    ];
    rows.push(row("join, metrics on", &on, on_measured, on_cpu, verdicts)?);
    Ok(())
}
