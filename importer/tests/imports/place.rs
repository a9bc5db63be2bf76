//! A spool, a store and a catalog of the test's own, and importers that work on them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use scalelite_core::config::{Config, source};
use scalelite_core::recordings::catalog::Catalog;
use scalelite_core::recordings::store::Store;
use scalelite_core::startup;
use scalelite_core::state::sqlite::SqliteState;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::memory::Memory;

/// Longer than anything here takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(30);
/// A tar is taken when it was still for so long.
pub(crate) const SETTLE: Duration = Duration::from_millis(100);

pub(crate) struct Place {
    dir: TempDir,
    pub(crate) catalog: Arc<Memory>,
    settings: Vec<(&'static str, String)>,
}

/// An importer that runs until it is stopped.
pub(crate) struct Running {
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    /// Stops it as SIGTERM does, and waits until it has ended.
    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        let began = Instant::now();
        self.task.await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(6), "it took {:?}", began.elapsed());
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        let dir = TempDir::new().unwrap();
        fs::create_dir(dir.path().join("spool")).unwrap();
        Self { dir, catalog: Arc::new(Memory::new()), settings: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.settings.push((name, value.to_owned()));
        self
    }

    /// The settings of an importer here, as environment variables.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let path = |name: &str| self.dir.path().join(name).to_str().unwrap().to_owned();
        let mut pairs = vec![
            ("RECORDING_SPOOL_DIR", path("spool")),
            ("RECORDING_WORK_DIR", path("work")),
            ("RECORDING_PUBLISH_DIR", path("published")),
            ("RECORDING_UNPUBLISH_DIR", path("unpublished")),
            ("SCALELITE_DATA_DIR", path("data")),
            ("RECORDING_IMPORT_SETTLE", SETTLE.as_secs_f64().to_string()),
            ("RECORDING_IMPORT_LEASE", "1".to_owned()),
            ("RECORDING_IMPORT_POLL_INTERVAL", "1".to_owned()),
            ("LOADBALANCER_SECRET", "secret".to_owned()),
        ];
        pairs.extend(self.settings.iter().cloned());
        pairs
    }

    fn config(&self) -> Config {
        let pairs = self.environment();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Config::from_source(&source::from_pairs(&pairs)).unwrap().config
    }

    pub(crate) fn store(&self) -> Store {
        Store::new(&self.config().recordings).unwrap()
    }

    /// The catalog of the settings, with its schema.
    pub(crate) async fn configured_catalog(&self) -> Arc<dyn Catalog> {
        let catalog = startup::open_catalog(&self.config(), 1).await.unwrap().unwrap();
        catalog.migrate().await.unwrap();
        catalog
    }

    pub(crate) async fn start(&self) -> Running {
        self.start_on(self.catalog.clone()).await
    }

    pub(crate) async fn start_on(&self, catalog: Arc<dyn Catalog>) -> Running {
        let config = Arc::new(self.config());
        let state = Arc::new(SqliteState::open(&self.path("live.sqlite3")).await.unwrap());
        let (shutdown, token) = (CancellationToken::new(), CancellationToken::clone);
        let importer = scalelite_importer::run(config, catalog, self.store(), state, token(&shutdown));
        let task = tokio::spawn(async move { importer.await.unwrap() });
        Running { shutdown, task }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    /// Drops a file into the spool, as rsync does.
    pub(crate) fn drop_tar(&self, name: &str, content: &[u8]) {
        let hidden = self.path(&format!("spool/.{name}.part"));
        fs::write(&hidden, content).unwrap();
        fs::rename(hidden, self.path(&format!("spool/{name}"))).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.path(path)).ok()
    }

    /// All files below a directory, sorted.
    pub(crate) fn files(&self, below: &str) -> Vec<String> {
        let mut files = Vec::new();
        collect(&self.path(below), "", &mut files);
        files.sort();
        files
    }

    /// Nothing of an import is left: no tar but the failed ones, nothing unpacked, no lease.
    pub(crate) fn assert_clean(&self) {
        let spool: Vec<_> =
            self.files("spool").into_iter().filter(|file| !file.starts_with("failed/")).collect();
        assert!(spool.is_empty(), "{spool:?}");
        let work = fs::read_dir(self.path("work")).unwrap();
        let work: Vec<_> = work.map(|entry| entry.unwrap().file_name()).collect();
        assert!(work.is_empty(), "{work:?}");
        assert_eq!(self.catalog.leases_held(), 0);
    }

    pub(crate) fn is_clean(&self) -> bool {
        let spool = self.files("spool").into_iter().all(|file| file.starts_with("failed/"));
        let work = fs::read_dir(self.path("work")).is_ok_and(|mut work| work.next().is_none());
        spool && work && self.catalog.leases_held() == 0
    }
}

fn collect(root: &Path, below: &str, files: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(root.join(below)) else { return };
    for entry in entries {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => collect(root, &path, files),
            _ => files.push(path),
        }
    }
}

/// Asks again and again until it is so.
pub(crate) async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < DEADLINE, "not within {DEADLINE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
