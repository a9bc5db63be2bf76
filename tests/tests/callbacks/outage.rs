//! The database goes away: meetings begin all the same, and their servers call back themselves.

use std::time::Duration;

use reqwest::Method;
use scalelite_system_tests::client::answer;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::within;

use super::Place;
use super::analytics::server_token;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn meetings_begin_without_the_database() {
    let mut place = Place::start(Mode::Redis, 1, &[]).await;
    let api = place.library.api().await;
    let create = async |meeting: &str| {
        let params = [("meetingID", meeting), ("meta_endCallbackUrl", "https://front.example.org/end")];
        within("create", Duration::from_secs(5), api.call("create", &params)).await.assert_success();
        place.library.site.sim(0).requests_for("create").pop().unwrap().param("meta_endCallbackUrl").unwrap()
    };
    assert!(create("before").await.starts_with(api.base()));
    drop(place.database.take());
    assert_eq!(create("meanwhile").await, "https://front.example.org/end", "nobody else will tell");
    within("end", Duration::from_secs(5), api.call("end", &[("meetingID", "before")])).await.assert_success();

    // Who can try again is told to.
    let token = server_token(place.library.site.sim(0).secret());
    let analytics = api.request(Method::POST, "/bigbluebutton/api/analytics_callback").bearer_auth(token);
    let analytics = analytics.header("Content-Type", "application/json").body("{\"meeting_id\":\"before\"}");
    assert_eq!(answer(analytics).await.status, 503);
    let ended = api.send(Method::GET, "/bigbluebutton/api/meeting_ended_callback?token=t").await;
    assert_eq!(ended.status, 503);
}
