//! `getRecordings`: what it tells, and of which recordings.

use scalelite_system_tests::store::Mode;
use scalelite_testbed::postgres::PostgresServer;

use crate::playback::given::{Given, Library};

async fn answers_exactly(library: &Library) {
    let api = library.api().await;
    api.call("getRecordings", &[]).await.assert_success().assert_text("messageKey", "noRecordings");
    for (id, published) in [("rec-a1", true), ("rec-a2", false), ("rec-b", true)] {
        library.add(Given { id, published, url: Some("/video/x?a=1&b"), ..Given::default() }).await;
    }
    let ids = async |params: &[(&str, &str)]| {
        let mut ids = api.call("getRecordings", params).await.assert_success().fields("recordID");
        ids.sort();
        ids
    };
    assert_eq!(ids(&[]).await, ["rec-a1", "rec-a2", "rec-b"]);
    assert_eq!(ids(&[("recordID", "rec-a,none")]).await, ["rec-a1", "rec-a2"]);
    assert_eq!(ids(&[("meetingID", "other,room"), ("state", "unpublished")]).await, ["rec-a2"]);
    assert_eq!(ids(&[("state", "any")]).await.len(), 3);
    for (name, odd) in [
        ("recordID", "%"),
        ("recordID", "_ec-a"),
        ("meetingID", "' OR 1=1 --"),
        ("meta_x", "%,_"),
        ("state", "%"),
    ] {
        assert_eq!(ids(&[(name, odd)]).await, [""; 0], "{name}={odd}");
    }
    let many: Vec<String> = (0..2000).map(|n| format!("rec-{n}")).chain(["rec-b".to_owned()]).collect();
    assert_eq!(ids(&[("recordID", &many.join(","))]).await, ["rec-b"]);

    let changed = api
        .call("updateRecordings", &[("recordID", "rec-b"), ("meta_Course", "a b"), ("meta_none", "")])
        .await;
    changed.assert_success().assert_text("updated", "true");
    assert_eq!(ids(&[("meta_course", "x,a b")]).await, ["rec-b"]);
    assert_eq!(ids(&[("meta_course", "a b"), ("recordID", "rec-a")]).await, [""; 0]);

    let forwarded = api
        .request(reqwest::Method::GET, &api.path("getRecordings", "recordID=rec-b"))
        .header("X-Forwarded-Proto", "https")
        .header("X-Forwarded-Host", "inner.example.com, bbb.example.com:8443");
    let told = scalelite_system_tests::client::answer(forwarded).await;
    told.assert_success().assert_text("url", "https://bbb.example.com:8443/video/x?a=1&b");
    assert_eq!(told.header("content-type"), Some("application/xml; charset=utf-8"));
    assert!(told.body.contains("<metadata><course>a b</course></metadata>"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    answers_exactly(&Library::start(Mode::Embedded, &[]).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let database = PostgresServer::start();
    let changes = [("DATABASE_URL", database.url())];
    let changes = changes.each_ref().map(|(name, url)| (*name, url.as_str()));
    answers_exactly(&Library::start(Mode::Redis, &changes).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_protected_recording_has_a_link_that_works_once() {
    let library = Library::start(Mode::Embedded, &[]).await;
    library.add(Given { protected: true, ..Given::default() }).await;
    let api = library.api().await;
    let told = api.call("getRecordings", &[]).await;
    told.assert_success().assert_text("protected", "true");
    let url = told.text("url");
    let path = url.strip_prefix(api.base()).expect("the link leads here").to_owned();
    assert!(path.starts_with("/recording/r-1/video?token="), "{path}");
    assert_eq!(api.send(reqwest::Method::GET, &path).await.status, 307);
    assert_eq!(api.send(reqwest::Method::GET, &path).await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_may_be_required() {
    let library = Library::start(Mode::Embedded, &[]).await;
    let api = library.api_with(&[("GET_RECORDINGS_API_FILTERED", "true")]).await;
    let message = "param meetingID or recordID must be included.";
    api.call("getRecordings", &[("recordID", ",")]).await.assert_failed("missingParameters", message);
    api.call("getRecordings", &[("meetingID", "m")]).await.assert_success();
}
