//! A store that is away: viewers are told so, and nothing has to be started again when it is back.

use std::time::Duration;

use scalelite_system_tests::answer::Answer;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::{becomes, within};
use scalelite_testbed::postgres::PostgresServer;

use super::given::{Given, HOUR, Library, assert_not_found, get};

const LIMIT: Duration = Duration::from_secs(30);

#[track_caller]
fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(answer.header("retry-after").is_some() && answer.body.starts_with("<!DOCTYPE html>"));
    assert_eq!(answer.header("x-accel-redirect"), None);
}

#[tokio::test]
async fn the_database() {
    let mut postgres = PostgresServer::start();
    let library = Library::start(Mode::Embedded, &[("DATABASE_URL", &postgres.url())]).await;
    library.add(Given::default()).await;
    let api = library.api().await;
    assert_eq!(get(&api, "/video/r-1/").await.status, 200);
    postgres.stop();
    for path in ["/video/r-1/", "/recording/r-1/video", "/video/unknown/"] {
        assert_unavailable(&within("an answer", LIMIT, get(&api, path)).await);
    }
    // What leads nowhere needs no database.
    assert_not_found(&get(&api, "/video/r-1/.hidden").await);
    postgres.start_again();
    becomes("it is played again", LIMIT, 200, async || get(&api, "/video/r-1/").await.status).await;
    assert_not_found(&get(&api, "/video/unknown/").await);
}

#[tokio::test]
async fn the_live_state() {
    let mut library = Library::start(Mode::Redis, &[("PROTECTED_RECORDINGS_ENABLED", "true")]).await;
    library.add(Given { protected: true, ..Given::default() }).await;
    library.add(Given { id: "open", url: Some("/video/open/"), ..Given::default() }).await;
    let api = library.api().await;
    let token = library.site.state().issue_playback_token("r-1", "video", HOUR).await.unwrap();
    let link = format!("/recording/r-1/video?token={token}");
    library.site.store.redis.as_mut().unwrap().stop().await;
    assert_unavailable(&get(&api, &link).await);
    assert_eq!(get(&api, "/recording/open/video").await.status, 307);
    assert_eq!(get(&api, "/video/open/").await.status, 200);
    library.site.store.redis.as_mut().unwrap().start_again().await;
    // The token was kept, for it was not used.
    becomes("the link works", LIMIT, 307, async || get(&api, &link).await.status).await;
}
