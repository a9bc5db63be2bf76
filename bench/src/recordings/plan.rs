//! What is measured of recordings, and what it aims at.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use scalelite_core::recordings::catalog::Catalog;

use super::database::{Database, Kind};
use super::direct::{self, Question};
use super::http::{FrontEnd, Streamed};
use super::shape::Shape;
use crate::process::Usage;
use crate::report::{self, Row, Verdict};
use crate::wrk::Measured;

/// How `bench recordings` is called.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Where the databases are kept from one run to the next.
    #[arg(long, default_value = "bench-data")]
    data: PathBuf,
    /// How many recordings.
    #[arg(long, default_value_t = 1_000_000)]
    recordings: u64,
    /// In which database.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Kind::Postgres, Kind::Sqlite])]
    database: Vec<Kind>,
    /// Seconds of load per measurement.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Connections for single questions, one measurement each.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16])]
    connections: Vec<usize>,
    /// The catalog by itself, too.
    #[arg(long)]
    catalog: bool,
    /// Only measurements whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
}

/// What one question is to reach in PostgreSQL.
struct Aim {
    what: &'static str,
    question: Question,
    p50_ms: f64,
    per_second: Option<f64>,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let shape = Shape { recordings: options.recordings };
    let mut rows = Vec::new();
    for &kind in &options.database {
        let database = Database::open(kind, &options.data, shape).await?;
        if options.catalog {
            catalog(options, kind, &database, shape, &mut rows).await?;
        }
        front_end(options, kind, &database, shape, &mut rows).await?;
    }
    let (table, missed) = report::table(&rows);
    writeln!(std::io::stdout(), "{table}\n{missed} aims missed")?;
    Ok(())
}

async fn front_end(
    options: &Options,
    kind: Kind,
    database: &Database,
    shape: Shape,
    rows: &mut Vec<Row>,
) -> anyhow::Result<()> {
    let front_end = FrontEnd::start(database.url()).await?;
    let factor = factor(kind);
    if "all".contains(&options.only) {
        let Streamed { bytes, time, first } = front_end.stream(shape).await?;
        let megabytes = bytes as f64 / 1e6;
        let speed = megabytes / time.as_secs_f64();
        let Usage { cpu, peak_kib } = front_end.process.usage()?;
        let peak = peak_kib as f64 / 1024.0;
        rows.push(Row {
            what: format!(
                "{kind:?}: all, {megabytes:.0} MB in {:.1} s\n({:.1} s of processor time of the API),\nthe first after {:.0} ms",
                time.as_secs_f64(),
                cpu.as_secs_f64(),
                first.as_secs_f64() * 1e3
            ),
            connections: "1".to_owned(),
            measured: None,
            cpu_per_request: None,
            memory: format!("api {peak:.1} MiB"),
            verdicts: vec![
                Verdict::at_least(&format!("{:.0} MB/s", 50.0 / factor), speed / (50.0 / factor), 1.0),
                Verdict::at_most("API memory", peak, 80.0, "MiB"),
            ],
        });
    }
    for aim in aims(shape).iter().filter(|aim| aim.what.contains(&options.only)) {
        for &connections in &options.connections {
            let (measured, cpu) = front_end.load(aim.question, shape, connections, options.seconds).await?;
            rows.push(Row {
                what: format!("{kind:?}: {}", aim.what),
                connections: connections.to_string(),
                measured: Some(measured),
                cpu_per_request: Some(cpu),
                memory: String::new(),
                verdicts: verdicts(kind, aim, connections, measured),
            });
        }
    }
    Ok(())
}

/// How much slower than in PostgreSQL it may be.
fn factor(kind: Kind) -> f64 {
    if kind == Kind::Sqlite { 3.0 } else { 1.0 }
}

fn aims(shape: Shape) -> [Aim; 5] {
    let aim = |what, question, p50_ms, per_second| Aim { what, question, p50_ms, per_second };
    [
        aim("meetingID", Question::Meeting, 3.0, Some(1500.0)),
        aim("recordID", Question::Record, 3.0, Some(1500.0)),
        aim("meta_course-id", Question::Course, 10.0, None),
        aim("limit=25", Question::Page { offset: 0 }, 5.0, None),
        aim("limit=25, half-way", Question::Page { offset: shape.recordings / 2 }, 50.0, None),
    ]
}

async fn catalog(
    options: &Options,
    kind: Kind,
    database: &Database,
    shape: Shape,
    rows: &mut Vec<Row>,
) -> anyhow::Result<()> {
    let catalog: Arc<dyn Catalog> = Arc::from(database.catalog(2).await?);
    for aim in aims(shape).iter().filter(|aim| aim.what.contains(&options.only)) {
        for &connections in &options.connections {
            let time = Duration::from_secs(options.seconds);
            let measured = direct::load(&catalog, aim.question, shape, connections, time).await?;
            rows.push(Row {
                what: format!("{kind:?}, catalog: {}", aim.what),
                connections: connections.to_string(),
                measured: Some(measured),
                cpu_per_request: None,
                memory: String::new(),
                verdicts: verdicts(kind, aim, connections, measured),
            });
        }
    }
    Ok(())
}

fn verdicts(kind: Kind, aim: &Aim, connections: usize, measured: Measured) -> Vec<Verdict> {
    let factor = factor(kind);
    // One after the other tells how long an answer takes; many at once, how many there are.
    if connections == 1 {
        let p50 = measured.p50.as_secs_f64() * 1e3;
        return vec![Verdict::at_most("p50", p50, aim.p50_ms * factor, "ms")];
    }
    let aim = aim.per_second.map(|aim| aim / factor);
    aim.map(|aim| Verdict::at_least(&format!("{aim:.0}/s"), measured.per_second / aim, 1.0))
        .into_iter()
        .collect()
}
