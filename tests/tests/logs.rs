//! What the log tells of a request, and what it must never tell (DESIGN, rule 9).

use std::time::Duration;

use bbb_sim::Fault;
use reqwest::Method;
use scalelite_system_tests::client::answer;
use scalelite_system_tests::signature::SECRET;
use scalelite_system_tests::site::Site;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::eventually;

#[tokio::test]
async fn logs_tell_no_secrets() {
    const PASSWORD: &str = "a-password-of-moderators";
    const NAME: &str = "Zacharias-Nobody-Elses-Name";
    let site = Site::start(Mode::Redis, 2).await;
    let debug = [("RAILS_LOG_LEVEL", "debug"), ("SERVER_UNHEALTHY_THRESHOLD", "1")];
    let api = site.api_with(&debug).await;
    let mut poller = site.poller_with(&debug).await;
    let params =
        [("meetingID", "room"), ("moderatorPW", PASSWORD), ("password", PASSWORD), ("fullName", NAME)];
    for fault in [Fault::None, Fault::Garbage, Fault::failing("someKey"), Fault::Reset, Fault::Down] {
        for n in 0..2 {
            site.sim(n).set_fault(fault.clone());
        }
        for call in ["create", "join", "getMeetingInfo", "getMeetings", "end", "create"] {
            api.call(call, &params).await;
            api.with_secret("wrong").call(call, &params).await;
        }
    }
    let state = site.state();
    eventually("the poller gives up the servers", Duration::from_secs(10), async || {
        let servers = state.servers().await.ok()?;
        servers.iter().all(|server| !server.route.online).then_some(())
    })
    .await;
    poller.service.signal("TERM");
    poller.service.exit(Duration::from_secs(5)).await;
    for log in [api.service.log(), poller.service.log()] {
        assert!(log.lines().count() > 5);
        for secret in [SECRET, site.sim(0).secret(), PASSWORD, NAME, "checksum="] {
            let line = log.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret}");
        }
    }
}

#[tokio::test]
async fn a_request_has_its_id() {
    let site = Site::start(Mode::Embedded, 1).await;
    let mut api = site.api_with(&[("LOG_FORMAT", "json"), ("BIND", "tcp://127.0.0.1:0")]).await;
    let path = api.path("end", "meetingID=room");
    let given = answer(api.request(Method::GET, &path).header("x-request-id", "from-the-proxy_1")).await;
    assert_eq!(given.header("x-request-id"), Some("from-the-proxy_1"));
    api.service.logged("from-the-proxy_1").await;
    for bad in ["", "a b", "<x>", &"x".repeat(500)] {
        let made = answer(api.request(Method::GET, &path).header("x-request-id", bad)).await;
        let made = made.header("x-request-id").unwrap().to_owned();
        assert!(made.len() == 32 && made.bytes().all(|byte| byte.is_ascii_hexdigit()), "{made}");
    }
}
