//! Who may call: checksums, secrets and host names (CONTRACT §2).

use reqwest::Method;
use reqwest::header::HOST;
use scalelite_system_tests::client::answer;
use scalelite_system_tests::signature::{Hash, SECRET, checksum};
use scalelite_system_tests::site::{Api, Site};
use scalelite_system_tests::store::Mode;

use crate::calls::{ABOUT_A_MEETING, FORM, assert_refused, with_room};

#[tokio::test]
async fn checksums() {
    let (site, api) = with_room(Mode::Embedded).await;
    let call = "isMeetingRunning";
    for hash in Hash::ALL {
        api.with_hash(hash).get(call, "meetingID=room").await.assert_success();
        assert_refused(&api.with_hash(hash).with_secret("wrong").get(call, "meetingID=room").await);
        assert_refused(&api.with_hash(hash).with_secret("").get(call, "meetingID=room").await);
        let other_call = checksum(hash, "join", "meetingID=room", SECRET);
        let path = format!("/bigbluebutton/api/{call}?meetingID=room&checksum={other_call}");
        assert_refused(&api.send(Method::GET, &path).await);
    }
    // The raw string is what is signed, whatever it says and wherever the checksum stands.
    for query in ["meetingID=room&a=%20+%7e%zz", "a&&b=&meetingID=room&", "meetingID=room&a=b&a=c"] {
        api.get(call, query).await.assert_success();
    }
    let first = checksum(Hash::Sha1, call, "meetingID=room", SECRET);
    let path = format!("/bigbluebutton/api/{call}?checksum={first}&meetingID=room");
    api.send(Method::GET, &path).await.assert_success();
    let middle = checksum(Hash::Sha512, call, "a=1&meetingID=room", SECRET);
    let path = format!("/bigbluebutton/api/{call}?a=1&checksum={middle}&meetingID=room");
    api.send(Method::GET, &path).await.assert_success();
    // In the body of a POST, which is not signed itself.
    let in_body = checksum(Hash::Sha256, call, "a=1", SECRET);
    let path = format!("/bigbluebutton/api/{call}?a=1");
    let request = api.request(Method::POST, &path).header("content-type", FORM);
    answer(request.body(format!("meetingID=room&checksum={in_body}"))).await.assert_success();
    for query in ["", "?", "?checksum=", "?checksum=0", "?meetingID=room", "?checksum=%ff"] {
        let answer = api.send(Method::GET, &format!("/bigbluebutton/api/{call}{query}")).await;
        answer.assert_xml();
        assert_eq!(answer.text("returncode"), "FAILED", "{query}");
    }
    for length in [39, 40, 64, 96, 127, 128, 129, 5000] {
        let path = format!("/bigbluebutton/api/{call}?meetingID=room&checksum={}", "0".repeat(length));
        assert_refused(&api.send(Method::GET, &path).await);
    }
    // What is refused reaches no server, whatever else is wrong with it.
    site.sim(0).clear_requests();
    for call in ABOUT_A_MEETING.into_iter().chain(["getMeetings"]) {
        assert_refused(&api.with_secret("wrong").get(call, "").await);
        assert_refused(&api.with_secret("wrong").get(call, "meetingID=room").await);
    }
    assert!(site.sim(0).requests().is_empty());
}

#[tokio::test]
async fn several_secrets_and_few_algorithms() {
    let site = Site::start(Mode::Embedded, 1).await;
    let digits = |api: &Api, secret: &str, hash: Hash| {
        let client = api.with_secret(secret).with_hash(hash);
        let site = &site;
        async move {
            site.sim(0).clear_requests();
            let told = client.call("create", &[("meetingID", "room")]).await;
            let request = site.sim(0).requests_for("create").pop();
            told.is_success().then(|| request.unwrap().param("checksum").unwrap().len())
        }
    };
    let api = site.api_with(&[("LOADBALANCER_SECRETS", "second::third")]).await;
    for secret in [SECRET, "second", "third"] {
        assert_eq!(digits(&api, secret, Hash::Sha1).await, Some(64), "SHA256 signs");
    }
    for secret in ["", "second::third", "second:", "fourth"] {
        assert_eq!(digits(&api, secret, Hash::Sha1).await, None, "{secret:?}");
    }
    let api = site.api_with(&[("LOADBALANCER_SECRET", ""), ("LOADBALANCER_SECRETS", "second")]).await;
    assert_eq!(digits(&api, "second", Hash::Sha512).await, Some(64));
    assert_eq!(digits(&api, SECRET, Hash::Sha512).await, None);
    let api = site.api_with(&[("LOADBALANCER_CHECKSUM_ALGORITHM", "SHA512:SHA256")]).await;
    for (hash, expected) in
        [(Hash::Sha1, None), (Hash::Sha256, Some(128)), (Hash::Sha384, None), (Hash::Sha512, Some(128))]
    {
        assert_eq!(digits(&api, SECRET, hash).await, expected, "{}", hash.name());
    }
    let api = site.api_with(&[("LOADBALANCER_CHECKSUM_ALGORITHM", "SHA1")]).await;
    assert_eq!(digits(&api, SECRET, Hash::Sha1).await, Some(40));
}
#[tokio::test]
async fn only_the_configured_host_is_served() {
    let site = Site::start(Mode::Embedded, 0).await;
    let api = site.api_with(&[("URL_HOST", "lb.example.org")]).await;
    let status =
        async |host: &str, path: &str| answer(api.request(Method::GET, path).header(HOST, host)).await.status;
    for path in ["/bigbluebutton/api", "/bigbluebutton/api/create", "/", "/anything"] {
        assert_eq!(status("lb.example.org", path).await, 200, "{path}");
        assert_eq!(status("LB.example.org:8443", path).await, 200, "{path}");
        for evil in ["evil.example.org", "sub.lb.example.org", "127.0.0.1", "lb.example.org.evil"] {
            assert_eq!(status(evil, path).await, 403, "{evil}{path}");
        }
    }
    assert_eq!(status("evil.example.org", "/health_check").await, 200);
}
