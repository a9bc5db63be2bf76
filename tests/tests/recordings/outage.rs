//! PostgreSQL goes away in the middle of an import, for longer than any lease.

use std::fs;
use std::time::Duration;

use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::eventually;
use scalelite_testbed::postgres::PostgresServer;
use scalelite_testbed::receiver::Receiver;

use super::tars::{MEETING, drop_tar_with};
use crate::playback::given::{Library, get};

const SOON: Duration = Duration::from_secs(60);
const OUTAGE: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_recording_is_imported_once() {
    let mut database = PostgresServer::start();
    let url = database.url();
    let changes = [
        ("DATABASE_URL", url.as_str()),
        ("SERVE_RECORDINGS", "true"),
        ("RECORDING_IMPORT_SETTLE", "0.1"),
        ("RECORDING_IMPORT_LEASE", "5"),
        ("CALLBACK_ALLOW_PRIVATE", "true"),
    ];
    let library = Library::start_with(Mode::Embedded, 1, &changes).await;
    let api = library.api().await;
    let receiver = Receiver::always(200);
    let create = [("meetingID", MEETING), ("meta_bn-recording-ready-url", &receiver.url("/ready"))];
    api.call("create", &create).await.assert_success();
    let _importers = [library.importer().await, library.importer().await];
    // Large enough to be caught while it is unpacked.
    let large = "0123456789abcdef".repeat(1 << 20);
    let files: Vec<(String, &str)> = (0..8).map(|n| (format!("files/{n}"), large.as_str())).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, content)| (path.as_str(), *content)).collect();
    drop_tar_with(&library, "rec-1", &files);
    let work = library.site.dir().join("work");
    eventually("it is being unpacked", SOON, async || fs::read_dir(&work).ok()?.next().map(drop)).await;
    database.stop();
    tokio::time::sleep(OUTAGE).await;
    let tar = library.site.dir().join("spool/rec-1.tar");
    let recorded_before = !tar.exists();
    database.start_again();
    eventually("the tar is imported", SOON, async || (!tar.exists()).then_some(())).await;
    assert!(!recorded_before, "the database was stopped in the middle of the import");
    eventually("the front end is told", SOON, async || (!receiver.asked().is_empty()).then_some(())).await;
    eventually("nothing is left", SOON, async || fs::read_dir(&work).ok()?.next().is_none().then_some(()))
        .await;
    let told = api.call("getRecordings", &[]).await;
    assert_eq!(told.assert_success().fields("recordID"), ["rec-1"]);
    assert_eq!(get(&api, "/video/rec-1/files/7").await.body.len(), large.len());
    assert_eq!(database.psql("SELECT count(*) FROM recordings"), "1");
    assert_eq!(receiver.asked().len(), 1);
}
