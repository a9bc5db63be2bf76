//! What is measured of imports, and what it aims at.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rustix::fs::{Advice, fadvise};
use scalelite_core::recordings::catalog::Catalog;
use scalelite_core::recordings::model::Filter;
use scalelite_core::recordings::postgres::PostgresCatalog;
use scalelite_testbed::postgres::{Durability, PostgresServer};

use super::given::{self, Shape};
use crate::fixture::Fixture;
use crate::plan::peak_mib;
use crate::process::Process;
use crate::report::{self, Row, Verdict};

/// How `bench import` is called.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The disk to measure on: a directory there.
    #[arg(long, default_value = "bench-data")]
    data: PathBuf,
    /// How often each measurement is made; the median counts.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Only measurements whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
}

/// 1 GB.
const LARGE: Shape = Shape { files: 2000, bytes_each: 500_000 };
const SMALL: Shape = Shape { files: 100, bytes_each: 10_000 };
const SMALL_ONES: u64 = 500;
/// The importer is to hold no more.
const MEMORY_MIB: f64 = 64.0;
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    fs::create_dir_all(&options.data)?;
    // The processes that are started work elsewhere.
    let data = options.data.canonicalize()?;
    // All of it goes in the end: to make files takes long while the system still remembers others that were removed.
    let data = tempfile::Builder::new().prefix("import-").tempdir_in(data)?;
    let mut rows = Vec::new();
    if "large".contains(&options.only) {
        large(data.path(), options.runs, &mut rows).await?;
    }
    if "small".contains(&options.only) {
        small(data.path(), options.runs, &mut rows).await?;
    }
    let (table, missed) = report::table(&rows);
    writeln!(std::io::stdout(), "{table}\n{missed} aims missed")?;
    Ok(())
}

/// An importer at work, with everything it needs on the disk that is measured.
struct Importer {
    _fixture: Fixture,
    _database: PostgresServer,
    catalog: PostgresCatalog,
    process: Process,
    dir: PathBuf,
}

impl Importer {
    async fn start(data: &Path) -> anyhow::Result<Self> {
        let dir = dir_in(data)?;
        let database = PostgresServer::with(Durability::Full, data);
        let catalog = PostgresCatalog::new(&database.url(), 1)?;
        catalog.migrate().await?;
        let mut fixture = Fixture::start().await?;
        fixture.set("DATABASE_URL", database.url());
        for (name, place) in [
            ("RECORDING_SPOOL_DIR", "spool"),
            ("RECORDING_WORK_DIR", "work"),
            ("RECORDING_PUBLISH_DIR", "published"),
            ("RECORDING_UNPUBLISH_DIR", "unpublished"),
        ] {
            fs::create_dir(dir.join(place))?;
            fixture.set(name, dir.join(place).display().to_string());
        }
        // Waiting for a tar to be still is no work.
        fixture.set("RECORDING_IMPORT_SETTLE", "0.05".to_owned());
        let mut process = fixture.ours("scalelite-recording-importer", &[])?;
        process.says("importing recordings")?;
        Ok(Self { _fixture: fixture, _database: database, catalog, process, dir })
    }

    /// Imports these tars; gives the time from the moment the first of them is in the spool until the last one is
    /// out of it.
    async fn import(&self, tars: &[PathBuf]) -> anyhow::Result<Duration> {
        let spool = self.dir.join("spool");
        let started = Instant::now();
        for tar in tars {
            // A name of its own: the tar stays where it is.
            fs::hard_link(tar, spool.join(tar.file_name().context("a tar has a name")?))?;
        }
        while fs::read_dir(&spool)?.flatten().any(|entry| entry.path().extension().is_some()) {
            ensure!(started.elapsed() < PATIENCE, "the import does not end: {}", self.process.log()?);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let took = started.elapsed();
        let imported = self.catalog.page(&Filter::default(), 0, 1).await?.total;
        ensure!(imported == tars.len() as u64, "{imported} were imported: {}", self.process.log()?);
        Ok(took)
    }
}

/// One large tar, against `tar`.
async fn large(data: &Path, runs: usize, rows: &mut Vec<Row>) -> anyhow::Result<()> {
    let tar = given::tar(&dir_in(data)?, LARGE, 1)?;
    let (mut plain, mut synced, mut imports, mut peak) = (Vec::new(), Vec::new(), Vec::new(), 0.0_f64);
    for _ in 0..runs {
        let (time, with_sync) = unpack(data, &tar)?;
        plain.push(time);
        synced.push(with_sync);
        let importer = Importer::start(data).await?;
        from_disk(&tar)?;
        imports.push(importer.import(std::slice::from_ref(&tar)).await?);
        peak = peak.max(peak_mib(&importer.process)?);
    }
    let (plain, synced, import) = (median(&mut plain), median(&mut synced), median(&mut imports));
    rows.push(Row {
        what: format!(
            "import, 1 GB in 2,000 files: {import:.2} s\n`tar -xf`: {plain:.2} s, with a sync: {synced:.2} s"
        ),
        connections: String::new(),
        measured: None,
        cpu_per_request: None,
        memory: format!("importer {peak:.1} MiB"),
        verdicts: vec![
            Verdict::at_most("took", import / plain, 1.3, "× `tar -xf`"),
            Verdict::at_most("memory", peak, MEMORY_MIB, "MiB"),
        ],
    });
    Ok(())
}

/// Many small ones, all there at once.
async fn small(data: &Path, runs: usize, rows: &mut Vec<Row>) -> anyhow::Result<()> {
    let dir = dir_in(data)?;
    let tars: Vec<PathBuf> =
        (0..SMALL_ONES).map(|number| given::tar(&dir, SMALL, number)).collect::<anyhow::Result<_>>()?;
    let (mut times, mut peak) = (Vec::new(), 0.0_f64);
    for _ in 0..runs {
        let importer = Importer::start(data).await?;
        rustix::fs::sync();
        times.push(importer.import(&tars).await?);
        peak = peak.max(peak_mib(&importer.process)?);
    }
    let time = median(&mut times);
    let per_second = SMALL_ONES as f64 / time;
    rows.push(Row {
        what: format!("import, 500 of 100 files: {per_second:.0}/s"),
        connections: String::new(),
        measured: None,
        cpu_per_request: None,
        memory: format!("importer {peak:.1} MiB"),
        verdicts: vec![
            Verdict::at_least("40/s", per_second / 40.0, 1.0),
            Verdict::at_most("memory", peak, MEMORY_MIB, "MiB"),
        ],
    });
    Ok(())
}

/// How long `tar` takes, and how long until all of it is on the disk.
fn unpack(data: &Path, tar: &Path) -> anyhow::Result<(Duration, Duration)> {
    let dir = dir_in(data)?;
    from_disk(tar)?;
    let started = Instant::now();
    let status = Command::new("tar").arg("-xf").arg(tar).arg("-C").arg(&dir).status()?;
    ensure!(status.success(), "tar: {status}");
    let plain = started.elapsed();
    rustix::fs::syncfs(fs::File::open(&dir)?)?;
    Ok((plain, started.elapsed()))
}

/// Nothing is left to be written, and nothing of the tar is in memory.
fn from_disk(tar: &Path) -> anyhow::Result<()> {
    rustix::fs::sync();
    fadvise(fs::File::open(tar)?, 0, None, Advice::DontNeed)?;
    Ok(())
}

fn dir_in(data: &Path) -> anyhow::Result<PathBuf> {
    Ok(tempfile::tempdir_in(data)?.keep())
}

/// In seconds.
fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0.0, Duration::as_secs_f64)
}
