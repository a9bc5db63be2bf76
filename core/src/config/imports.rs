//! Import of recordings: what the importer takes from the spool, when, and how much of it.

use std::thread::available_parallelism;
use std::time::Duration;

use super::reader::Reader;

/// More imports at the same time help no disk.
const MOST_BY_DEFAULT: usize = 4;

/// Import of recordings (CONTRACT §6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportConfig {
    /// `RECORDING_IMPORT_UNPUBLISHED`: an imported recording starts unpublished. Default: false.
    pub unpublished: bool,
    /// `RECORDING_IMPORT_POLL`: look at the spool on a schedule and not on the file system's notice alone.
    /// Default: true.
    pub poll: bool,
    /// `RECORDING_IMPORT_POLL_INTERVAL`, in seconds: between two looks at the spool. Default: 60 s.
    pub poll_interval: Duration,
    /// `RECORDING_IMPORT_SETTLE`, in seconds: a tar is taken when it has not changed for this long.
    /// Default: 2 s.
    pub settle: Duration,
    /// `RECORDING_IMPORT_LEASE`, in seconds: after this long, the tar of an importer that died is taken by
    /// another. Default: 20 s.
    pub lease: Duration,
    /// `RECORDING_IMPORT_CONCURRENCY`: tars unpacked at the same time. Default: one per CPU, at most 4.
    pub concurrency: usize,
    /// `RECORDING_IMPORT_MAX_ENTRIES`: files and directories of one tar. Default: 100,000.
    pub max_entries: u64,
    /// `RECORDING_IMPORT_MAX_BYTES`: size of all files of one tar, in bytes. Default: 64 GiB.
    pub max_bytes: u64,
}

impl ImportConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let (seconds, shortest) = (Duration::from_secs, Duration::from_millis(50));
        Self {
            unpublished: reader.flag("RECORDING_IMPORT_UNPUBLISHED", false),
            poll: reader.flag("RECORDING_IMPORT_POLL", true),
            poll_interval: reader.seconds("RECORDING_IMPORT_POLL_INTERVAL", seconds(60), shortest),
            settle: reader.seconds("RECORDING_IMPORT_SETTLE", seconds(2), shortest),
            lease: reader.seconds("RECORDING_IMPORT_LEASE", seconds(20), seconds(1)),
            concurrency: match reader.size("RECORDING_IMPORT_CONCURRENCY", 0, 0..=64, "imports") {
                0 => available_parallelism().map_or(1, |cpus| cpus.get().min(MOST_BY_DEFAULT)),
                number => number,
            },
            max_entries: reader.large("RECORDING_IMPORT_MAX_ENTRIES", 100_000, 1, "entries"),
            max_bytes: reader.large("RECORDING_IMPORT_MAX_BYTES", 64 << 30, 1, "bytes"),
        }
    }
}
