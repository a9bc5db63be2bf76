//! The end of a meeting is told once, whoever notices it.

use bbb_sim::{Fault, RecordedRequest};
use reqwest::Method;
use scalelite_system_tests::client::answer;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::site::Api;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::eventually;
use scalelite_testbed::receiver::Receiver;

use super::{Place, SOON};

in_both_modes!(
    a_server_tells_and_it_is_passed_on,
    told_although_the_server_died,
    told_after_an_end_call,
    a_meeting_that_was_not_made_is_not_over,
);

const MARKED: &str = "meetingID=room+1%2F%C3%BC";

/// What the server was told of callbacks.
fn given(request: &RecordedRequest) -> Vec<(String, String)> {
    let is_callback = |name: &str| ["endcallbackurl", "meetingendedurl"].iter().any(|own| name.contains(own));
    request.params().into_iter().filter(|(name, _)| is_callback(&name.to_lowercase())).collect()
}

async fn create(api: &Api, meeting: &str, receiver: &Receiver) {
    let (callback, ended) = (receiver.url("/callback?a=b"), receiver.url("/ended"));
    let params = [("meetingID", meeting), ("meta_endCallbackUrl", &callback), ("meetingEndedURL", &ended)];
    api.call("create", &params).await.assert_success();
}

/// What the receiver was asked for, in order.
fn lines(receiver: &Receiver) -> Vec<String> {
    let mut lines: Vec<String> = receiver.asked().into_iter().map(|asked| asked.line).collect();
    lines.sort();
    lines
}

fn expected(meeting: &str, marks: bool) -> [String; 2] {
    [format!("GET /callback?a=b&recordingmarks={marks}&{meeting} HTTP/1.1"), "GET /ended HTTP/1.1".to_owned()]
}

/// Waits until the receiver was told, and then for whatever else might come.
async fn told(place: &Place, receiver: &Receiver, lines_expected: &[String]) {
    eventually("the front end is told", SOON, async || (lines(receiver).len() >= 2).then_some(())).await;
    eventually("nothing more is to be told", SOON, async || {
        let catalog = &place.library.catalog;
        let awaited = catalog.awaited_ends(None, 10).await.unwrap().is_empty();
        let due = catalog.take_callbacks(10, std::time::Duration::ZERO).await.unwrap().is_empty();
        (awaited && due).then_some(())
    })
    .await;
    assert_eq!(lines(receiver), lines_expected);
}

async fn a_server_tells_and_it_is_passed_on(mode: Mode) {
    let place = Place::start(mode, 1, &[]).await;
    let (api, sim) = (place.library.api().await, place.library.site.sim(0));
    let receiver = Receiver::always(200);
    create(&api, "room 1/ü", &receiver).await;
    // Front ends do that with every join.
    create(&api, "room 1/ü", &receiver).await;
    let requests = sim.requests_for("create");
    let [(name, url)] = given(&requests[0]).try_into().expect("one callback");
    assert_eq!(name, "meta_endCallbackUrl");
    let own = format!("{}/bigbluebutton/api/meeting_ended_callback?token=", api.base());
    assert!(url.starts_with(&own), "{url}");
    assert_eq!(given(&requests[1]), [(name, url.clone())]);

    let tell = async |url: &str| {
        let path = url.strip_prefix(api.base()).unwrap();
        let path = format!("{path}&recordingmarks=true&{MARKED}");
        answer(api.request(Method::GET, &path)).await
    };
    tell(&url.replace("token=", "token=0")).await.assert_success();
    assert_eq!(tell(&url.replace("token=", "tok=")).await.status, 404);
    tell(&url).await.assert_success();
    sim.end_meeting("room 1/ü");
    // The server may try again, and the poller sees it, too.
    tell(&url).await.assert_success();
    let _poller = place.poller().await;
    eventually("it is forgotten", SOON, async || {
        place.library.site.meeting("room 1/ü").await.is_none().then_some(())
    })
    .await;
    told(&place, &receiver, &expected(MARKED, true)).await;
}

async fn told_although_the_server_died(mode: Mode) {
    let place = Place::start(mode, 1, &[]).await;
    let (api, sim) = (place.library.api().await, place.library.site.sim(0));
    let receiver = Receiver::always(200);
    create(&api, "lost", &receiver).await;
    let url = given(&sim.requests_for("create")[0]).remove(0).1;
    let _poller = place.poller().await;
    let _another = place.poller().await;
    sim.set_fault(Fault::Down);
    told(&place, &receiver, &expected("meetingID=lost", false)).await;
    // It was only cut off, and tells late.
    let path = url.strip_prefix(api.base()).unwrap();
    api.send(Method::GET, &format!("{path}&recordingmarks=true")).await.assert_success();
    told(&place, &receiver, &expected("meetingID=lost", false)).await;
}

async fn told_after_an_end_call(mode: Mode) {
    let place = Place::start(mode, 1, &[("URL_HOST", "127.0.0.1")]).await;
    let (api, sim) = (place.library.api().await, place.library.site.sim(0));
    let receiver = Receiver::always(200);
    create(&api, "short", &receiver).await;
    let url = given(&sim.requests_for("create")[0]).remove(0).1;
    assert!(url.starts_with("https://127.0.0.1/bigbluebutton/api/meeting_ended_callback?token="), "{url}");
    api.call("end", &[("meetingID", "short")]).await.assert_success();
    // The importer delivers callbacks as well.
    let _importer = place.library.importer().await;
    told(&place, &receiver, &expected("meetingID=short", false)).await;
}

async fn a_meeting_that_was_not_made_is_not_over(mode: Mode) {
    let place = Place::start(mode, 1, &[]).await;
    let (api, sim) = (place.library.api().await, place.library.site.sim(0));
    let receiver = Receiver::always(200);
    let url = receiver.url("/callback");
    let params = [("meetingID", "room"), ("meta_endCallbackUrl", url.as_str())];
    sim.set_fault_for("create", Fault::failing("invalidSomething"));
    assert_eq!(api.call("create", &params).await.text("messageKey"), "invalidSomething");
    sim.clear_faults();
    sim.set_fault(Fault::Down);
    let other = [("meetingID", "other"), ("meta_endCallbackUrl", url.as_str())];
    assert_eq!(api.call("create", &other).await.text("returncode"), "FAILED");
    let awaited = place.library.catalog.awaited_ends(None, 10).await.unwrap();
    assert!(awaited.is_empty(), "{awaited:?}");
    sim.clear_faults();
    // The next meeting of that ID is told of as ever.
    place.library.site.set_online(0, 0.0).await;
    api.call("create", &other).await.assert_success();
    assert_eq!(place.library.catalog.awaited_ends(None, 10).await.unwrap().len(), 1);
    assert!(receiver.asked().is_empty());
}
