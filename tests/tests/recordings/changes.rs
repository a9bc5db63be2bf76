//! `publishRecordings`, `updateRecordings`, `deleteRecordings`: rows and files together.

use reqwest::Method;
use scalelite_system_tests::store::Mode;
use scalelite_testbed::postgres::PostgresServer;

use crate::playback::given::{Given, Library};

const FILES: &[(&str, &str)] = &[("index.html", "page"), ("a/b.txt", "b")];
const NONE: &str = "We could not find recordings";

async fn three(library: &Library) {
    for id in ["r-1", "r-2", "r-3"] {
        library.add(Given { id, files: FILES, ..Given::default() }).await;
    }
    library.add(Given { id: "r-1", format: "presentation", files: FILES, ..Given::default() }).await;
}

async fn work(library: &Library) {
    three(library).await;
    let api = library.api_with(&[("SERVE_RECORDINGS", "true")]).await;
    let (shown, hidden) = (library.published(), library.site.dir().join("unpublish"));
    let status = async |path: &str| api.send(Method::GET, path).await.status;
    assert_eq!(status("/video/r-1/a/b.txt").await, 200);

    let unpublish = [("recordID", "r-1,none,r-2"), ("publish", "false")];
    api.call("publishRecordings", &unpublish).await.assert_success().assert_text("published", "false");
    assert_eq!(status("/video/r-1/a/b.txt").await, 404);
    for tree in ["video/r-1", "presentation/r-1", "video/r-2"] {
        assert!(hidden.join(tree).join("a/b.txt").exists() && !shown.join(tree).exists(), "{tree}");
    }
    let states = api.call("getRecordings", &[("recordID", "r-1")]).await;
    states.assert_text("state", "unpublished");
    states.assert_text("published", "false");

    // Twice does no harm.
    api.call("publishRecordings", &unpublish).await.assert_success();
    let publish = [("recordID", "r-1"), ("publish", "TRUE")];
    api.call("publishRecordings", &publish).await.assert_success().assert_text("published", "true");
    assert_eq!(status("/video/r-1/a/b.txt").await, 200);
    assert_eq!(status("/presentation/r-1/").await, 200);

    // Of shown and hidden ones the files go.
    api.call("deleteRecordings", &[("recordID", "r-1,r-2,none")])
        .await
        .assert_success()
        .assert_text("deleted", "true");
    for tree in ["video/r-1", "presentation/r-1", "video/r-2"] {
        assert!(!hidden.join(tree).exists() && !shown.join(tree).exists(), "{tree}");
    }
    assert_eq!(status("/video/r-1/a/b.txt").await, 404);
    assert_eq!(api.call("getRecordings", &[]).await.fields("recordID"), ["r-3"]);
    let deleted = api.call("getRecordings", &[("state", "deleted")]).await;
    assert_eq!(deleted.fields("recordID").len(), 2);
    for (call, params) in [
        ("deleteRecordings", vec![("recordID", "r-1,none")]),
        ("publishRecordings", vec![("recordID", "r-1"), ("publish", "true")]),
        ("updateRecordings", vec![("recordID", "none"), ("meta_a", "1")]),
    ] {
        api.call(call, &params).await.assert_failed("notFound", NONE);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    work(&Library::start(Mode::Embedded, &[]).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let database = PostgresServer::start();
    work(&Library::start(Mode::Redis, &[("DATABASE_URL", &database.url())]).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metadata_and_protection_of_all_or_none() {
    let library = Library::start(Mode::Embedded, &[]).await;
    three(&library).await;
    let api = library.api().await;
    let set = [("recordID", "r-1,r-2"), ("meta_Name", "x < y"), ("meta_gone", "1"), ("protect", "true")];
    api.call("updateRecordings", &set).await.assert_success().assert_text("updated", "true");
    let told = api.call("getRecordings", &[("state", "published")]).await;
    assert_eq!(told.fields("name").iter().filter(|name| *name == "x < y").count(), 2, "{told:?}");
    assert_eq!(told.fields("protected"), ["false", "true", "true"]);
    let remove = [("recordID", "r-1"), ("meta_gone", ""), ("meta_unknown", "")];
    api.post_form("updateRecordings", &encode(&remove), &[]).await.assert_success();
    assert_eq!(api.call("getRecordings", &[("meta_gone", "1")]).await.fields("recordID"), ["r-2"]);

    let some_missing = [("recordID", "r-3,none"), ("meta_name", "other")];
    api.call("updateRecordings", &some_missing).await.assert_failed("notFound", NONE);
    assert_eq!(api.call("getRecordings", &[("meta_name", "other")]).await.fields("recordID"), [""; 0]);
    api.call("updateRecordings", &[("recordID", "r-3")])
        .await
        .assert_success()
        .assert_text("updated", "false");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_is_told() {
    let library = Library::start(Mode::Embedded, &[]).await;
    let api = library.api().await;
    for call in ["publishRecordings", "updateRecordings", "deleteRecordings"] {
        let params = [("publish", "true"), ("recordID", "")];
        api.call(call, &params).await.assert_failed("missingParamRecordID", "You must specify a recordID.");
    }
    api.call("publishRecordings", &[("recordID", "a")])
        .await
        .assert_failed("missingParamPublish", "You must specify a publish value true or false.");
    let odd = api.call("updateRecordings", &[("recordID", "a"), ("meta_a b", "1")]).await;
    assert_eq!(odd.text("messageKey"), "invalidParameters");
}

fn encode(params: &[(&str, &str)]) -> String {
    scalelite_system_tests::client::encode(params)
}
