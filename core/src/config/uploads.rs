//! Upload of recordings over HTTP(S) to the spool.

use std::time::Duration;

use super::reader::Reader;

/// Upload of recordings (a way into the spool beside shared directories and rsync).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadConfig {
    /// `RECORDING_UPLOAD_ENABLED`: servers may upload; they sign with their own secrets. Default: true.
    pub enabled: bool,
    /// `RECORDING_UPLOAD_MAX_BYTES`: largest tar, in bytes. Default: 64 GiB.
    pub max_bytes: u64,
    /// `RECORDING_UPLOAD_CONCURRENCY`: uploads that a process takes at the same time. Default: 16.
    pub concurrency: usize,
    /// `RECORDING_UPLOAD_MIN_FREE_BYTES`: what is left free of the spool's file system. Default: 1 GiB.
    pub min_free_bytes: u64,
    /// `RECORDING_UPLOAD_EXPIRY`, in minutes: an upload that nobody goes on with is removed. Default: a week.
    pub expiry: Duration,
}

impl UploadConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            enabled: reader.flag("RECORDING_UPLOAD_ENABLED", true),
            max_bytes: reader.large("RECORDING_UPLOAD_MAX_BYTES", 64 << 30, 1, "bytes"),
            concurrency: reader.size("RECORDING_UPLOAD_CONCURRENCY", 16, 1..=1024, "uploads"),
            min_free_bytes: reader.large("RECORDING_UPLOAD_MIN_FREE_BYTES", 1 << 30, 0, "bytes"),
            expiry: reader.minutes("RECORDING_UPLOAD_EXPIRY", 7 * 24 * 60, 1),
        }
    }
}
