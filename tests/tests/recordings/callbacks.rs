//! A front end is told that a recording is ready: once, however often it must be tried (CONTRACT §7).

use std::time::Duration;

use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::eventually;
use scalelite_testbed::postgres::PostgresServer;
use scalelite_testbed::receiver::{Answer, Receiver};

use super::tars::{MEETING, drop_tar};
use crate::playback::given::Library;

const SOON: Duration = Duration::from_secs(40);

async fn told_once(mode: Mode, changes: &[(&str, &str)]) {
    let mut all = vec![("RECORDING_IMPORT_SETTLE", "0.1"), ("CALLBACK_ALLOW_PRIVATE", "true")];
    all.extend_from_slice(changes);
    let library = Library::start_with(mode, 1, &all).await;
    let api = library.api().await;
    let receiver = Receiver::start(|before, _| Answer::Status(if before == 0 { 500 } else { 200 }));
    let url = receiver.url("/ready?a=b");
    let create = [
        ("meetingID", MEETING),
        ("meta_bbb-recording-ready-url", "https://not-this-one.example.com/"),
        ("meta_bn-recording-ready-url", &url),
        ("meta_other", "stays"),
    ];
    api.call("create", &create).await.assert_success();
    let sent = library.site.sim(0).requests_for("create")[0].params();
    let sent: Vec<&str> = sent.iter().map(|(name, _)| name.as_str()).collect();
    assert!(
        sent.contains(&"meta_other") && sent.iter().all(|name| !name.contains("recording-ready")),
        "{sent:?}"
    );

    let importer = library.importer().await;
    drop_tar(&library, "rec-1");
    eventually("the callback is delivered", SOON, async || (receiver.asked().len() >= 2).then_some(())).await;
    drop(importer);
    // Another importer finds nothing left to be told.
    let mut importer = library.importer().await;
    assert!(importer.is_running());
    assert!(library.catalog.take_callbacks(10, Duration::ZERO).await.unwrap().is_empty());
    let asked = receiver.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|asked| asked.line == "POST /ready?a=b HTTP/1.1"), "{asked:?}");
    assert!(asked[1].body.starts_with("signed_parameters="), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    told_once(Mode::Embedded, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let database = PostgresServer::start();
    told_once(Mode::Redis, &[("DATABASE_URL", &database.url())]).await;
}
