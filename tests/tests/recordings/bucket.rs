//! Recordings in a bucket, from the tar to its deletion.

use std::time::Duration;

use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::eventually;
use scalelite_testbed::moto::Moto;

use super::tars::drop_tar;
use crate::playback::given::{Library, get};

const SOON: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn imported_played_hidden_and_deleted() {
    let Some(moto) = Moto::start() else { return };
    let env = moto.env();
    let mut changes: Vec<_> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
    changes.push(("RECORDING_IMPORT_SETTLE", "0.1"));
    let library = Library::start(Mode::Embedded, &changes).await;
    let api = library.api().await;
    let _importer = library.importer().await;
    let id = "rec-in-a-bucket";
    drop_tar(&library, id);
    let listed = async || api.call("getRecordings", &[("recordID", id)]).await.field("state");
    eventually("it is listed", SOON, async || listed().await.filter(|state| state == "published")).await;
    let file = format!("/video/{id}/a%20b/%C3%B1%25.vtt");
    assert_eq!(get(&api, &file).await.body, "WEBVTT");
    assert_eq!(get(&api, &format!("/presentation/{id}/")).await.body, "page of presentation");

    api.call("publishRecordings", &[("recordID", id), ("publish", "false")]).await.assert_success();
    assert_eq!(get(&api, &file).await.status, 404);
    assert!(moto.keys().iter().all(|key| key.starts_with("unpublished/")), "{:?}", moto.keys());
    api.call("publishRecordings", &[("recordID", id), ("publish", "true")]).await.assert_success();
    assert_eq!(get(&api, &file).await.body, "WEBVTT");
    assert!(moto.keys().iter().all(|key| key.starts_with("published/")), "{:?}", moto.keys());

    api.call("deleteRecordings", &[("recordID", id)]).await.assert_success();
    assert_eq!(get(&api, &file).await.status, 404);
    assert_eq!(moto.keys(), [""; 0]);
    assert_eq!(listed().await, None);
}
