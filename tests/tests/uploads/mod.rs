//! Recordings that servers upload to the spool.

mod cut;
mod hook;
mod proxy;
mod refused;
pub(crate) mod sender;
mod together;

use std::path::Path;
use std::time::Duration;

use scalelite_system_tests::site::Api;
use scalelite_system_tests::wait::eventually;

use crate::playback::given::Library;

/// Longer than an import takes on a busy machine.
const SOON: Duration = Duration::from_secs(60);
const RECORD: &str = "a1d40231a2b0b82e1f2d6a4b9c9e9b1d2f3a4b5c-1504122319984";
/// So that importers do not wait for long, and a full disk matters only where it is to.
const QUICK: [(&str, &str); 3] = [
    ("RECORDING_IMPORT_SETTLE", "0.1"),
    ("RECORDING_IMPORT_POLL_INTERVAL", "1"),
    ("RECORDING_UPLOAD_MIN_FREE_BYTES", "0"),
];

/// The names in a directory.
fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The tars in the spool, and what is left of uploads.
fn in_spool(library: &Library) -> (Vec<String>, Vec<String>) {
    let spool = library.site.dir().join("spool");
    let (uploads, mut tars) = (names(&spool.join(".uploads")), names(&spool));
    tars.retain(|name| name != ".uploads");
    (tars, uploads)
}

/// Waits until the recording is listed, and its tar is gone.
async fn is_imported(library: &Library, api: &Api, record_id: &str) {
    eventually("the recording is imported", SOON, async || {
        let told = api.call("getRecordings", &[("recordID", record_id)]).await;
        let is_listed = told.field("recordID").is_some_and(|id| id == record_id);
        (is_listed && in_spool(library).0.is_empty()).then_some(())
    })
    .await;
}
