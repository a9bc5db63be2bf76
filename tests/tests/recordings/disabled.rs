//! Without recordings, and without their database.

use reqwest::Method;
use scalelite_system_tests::store::Mode;
use scalelite_testbed::postgres::PostgresServer;

use crate::playback::given::{Given, Library};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_are_none() {
    let library = Library::start(Mode::Embedded, &[]).await;
    library.add(Given::default()).await;
    for off in [("RECORDING_DISABLED", "true"), ("DB_DISABLED", "true")] {
        let api = library.api_with(&[off]).await;
        let none = api.call("getRecordings", &[("recordID", "r-1")]).await;
        none.assert_success().assert_text("messageKey", "noRecordings");
        for call in ["publishRecordings", "updateRecordings", "deleteRecordings"] {
            let params = [("recordID", "r-1"), ("publish", "true")];
            api.call(call, &params).await.assert_failed("notFound", "We could not find recordings");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_is_told_and_comes_back() {
    let mut database = PostgresServer::start();
    let url = database.url();
    let library = Library::start(Mode::Embedded, &[("DATABASE_URL", &url)]).await;
    library.add(Given::default()).await;
    let api = library.api().await;
    assert_eq!(api.send(Method::GET, "/health_check").await.status, 200);
    database.stop();
    let away = api.call("getRecordings", &[]).await;
    away.assert_failed("internalError", "The recordings are not available at the moment.");
    assert_eq!(api.send(Method::GET, "/health_check").await.status, 503);
    // Meetings go on.
    api.call("getMeetings", &[]).await.assert_success();
    database.start_again();
    let back = || async { api.call("getRecordings", &[]).await.is_success().then_some(()) };
    scalelite_system_tests::wait::eventually("recordings are back", std::time::Duration::from_secs(20), back)
        .await;
    assert_eq!(api.send(Method::GET, "/health_check").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_front_end_that_starts_first_migrates_when_the_database_is_there() {
    let mut database = PostgresServer::start();
    let url = database.url();
    database.stop();
    let site = scalelite_system_tests::site::Site::start(Mode::Embedded, 0).await;
    let api = site.api_with(&[("DB_DISABLED", ""), ("DATABASE_URL", &url)]).await;
    assert_eq!(api.send(Method::GET, "/health_check").await.status, 503);
    database.start_again();
    let there = || async { (api.send(Method::GET, "/health_check").await.status == 200).then_some(()) };
    scalelite_system_tests::wait::eventually("the schema is made", std::time::Duration::from_secs(20), there)
        .await;
    api.call("getRecordings", &[]).await.assert_success();
}
