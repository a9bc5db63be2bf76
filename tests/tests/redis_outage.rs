//! Redis stops and starts again under traffic (CONTRACT §2, §9).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Method;
use scalelite_system_tests::answer::Answer;
use scalelite_system_tests::client::answer;
use scalelite_system_tests::signature::SECRET;
use scalelite_system_tests::site::{Api, Site};
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::{becomes, eventually, within};
use serde_json::json;

use crate::management::{Manager, Told};

/// The calls of the traffic.
const CALLS: [&str; 5] = ["getMeetingInfo", "isMeetingRunning", "join", "create", "getMeetings"];

async fn call(api: &Api, call: &str) -> Answer {
    api.call(call, &[("meetingID", "room"), ("fullName", "A"), ("role", "VIEWER")]).await
}

fn is_served(answer: &Answer) -> bool {
    answer.status == 302 || answer.is_success()
}

#[tokio::test]
async fn full_service_is_back_within_five_seconds() {
    let mut site = Site::start(Mode::Redis, 3).await;
    let mut api = site.api().await;
    let mut poller = site.poller().await;
    call(&api, "create").await.assert_success();
    call(&api, "join").await.location();
    let Site { sims, store, .. } = &mut site;
    let redis = store.redis.as_mut().unwrap();
    let (over, away) = (AtomicBool::new(false), AtomicBool::new(false));

    let traffic = join_all(CALLS.iter().map(|name| {
        let (api, over, away) = (&api, &over, &away);
        async move {
            let mut refused = 0;
            while !over.load(Ordering::SeqCst) {
                let answer = within(name, Duration::from_secs(5), call(api, name)).await;
                if !is_served(&answer) {
                    answer.assert_xml();
                    assert_eq!(answer.text("returncode"), "FAILED", "{answer:?}");
                    assert_eq!(answer.text("messageKey"), "internalError", "{answer:?}");
                    assert!(!answer.text("message").is_empty());
                    refused += usize::from(away.load(Ordering::SeqCst));
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            refused
        }
    }));

    let story = async {
        redis.stop().await;
        away.store(true, Ordering::SeqCst);
        for name in CALLS {
            let answer = within(name, Duration::from_secs(5), call(&api, name)).await;
            answer.assert_xml();
            assert_eq!(answer.text("returncode"), "FAILED", "{name}: {answer:?}");
        }
        let health = within("health_check", Duration::from_secs(5), api.send(Method::GET, "/health_check"));
        let health = health.await;
        assert_eq!(health.status, 503);
        assert!(health.body.starts_with("Health Check Failure: "), "{health:?}");
        let top = api.send(Method::GET, "/bigbluebutton/api").await;
        top.assert_success();

        redis.start_again().await;
        away.store(false, Ordering::SeqCst);
        let back = Instant::now();
        let limit = Duration::from_secs(5);
        eventually("all is served again", limit, async || {
            for name in CALLS {
                if !is_served(&call(&api, name).await) {
                    return None;
                }
            }
            let health = api.send(Method::GET, "/health_check").await;
            (health.status == 200 && health.body == "success").then_some(())
        })
        .await;
        // The poller too, from within the same five seconds or its next second.
        sims[0].clear_requests();
        let left = (limit + Duration::from_secs(1)).saturating_sub(back.elapsed());
        eventually("the poller polls", left, async || (sims[0].count("getMeetings") > 0).then_some(())).await;
        over.store(true, Ordering::SeqCst);
    };
    let (refused, ()) = futures_util::join!(traffic, story);
    assert!(refused.iter().all(|count| *count > 0), "there was traffic all the time: {refused:?}");
    assert!(api.service.is_running() && poller.service.is_running());
    let host = site.host("room");
    site.sim(host).end_meeting("room");
    becomes("the poller forgets an ended meeting", Duration::from_secs(10), None, async || {
        site.meeting("room").await
    })
    .await;
}

#[tokio::test]
async fn services_start_while_redis_is_away() {
    let mut site = Site::start(Mode::Redis, 1).await;
    site.store.redis.as_mut().unwrap().stop().await;
    let api = site.api().await;
    call(&api, "create").await.assert_xml();
    let mut poller = site.poller().await;
    poller.service.logged("live state cannot be used").await;
    site.store.redis.as_mut().unwrap().start_again().await;
    eventually("a create is served", Duration::from_secs(5), async || {
        is_served(&call(&api, "create").await).then_some(())
    })
    .await;
    eventually("the poller polls", Duration::from_secs(5), async || {
        (site.sim(0).count("getMeetings") > 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn connections_that_were_idle_work_again() {
    let mut site = Site::start(Mode::Redis, 1).await;
    let api = site.api().await;
    // Every worker has a connection, and none of them is used while Redis is away.
    let path = api.path("isMeetingRunning", "meetingID=room");
    for answer in join_all((0..20).map(|_| api.send(Method::GET, &path))).await {
        answer.assert_success();
    }
    let redis = site.store.redis.as_mut().unwrap();
    redis.stop().await;
    redis.start_again().await;
    // The time is what is promised, not something to wait for: nobody asks before it is over.
    tokio::time::sleep(Duration::from_secs(5)).await;
    for answer in join_all((0..20).map(|_| api.send(Method::GET, &path))).await {
        answer.assert_success();
    }
}

#[tokio::test]
async fn operators_and_callers_are_told_in_their_own_way() {
    let mut site = Site::start(Mode::Redis, 1).await;
    let api = site.api_with(&[("MULTITENANCY_ENABLED", "true"), ("URL_HOST", "127.0.0.1")]).await;
    let dial = async |host: &str| {
        let client = api.with_host(host);
        let request = client.request(Method::POST, "/fsapi").basic_auth("fsapi", Some(SECRET));
        answer(request.body("section=dialplan&Caller-Destination-Number=1&variable_pin=12345")).await
    };
    assert_eq!(dial("127.0.0.1").await.status, 200);
    site.store.redis.as_mut().unwrap().stop().await;
    let manager = Manager::new(&api);
    let told =
        Told(503, json!({ "error": "The load balancer's live state is not available at the moment." }));
    assert_eq!(manager.get("getServers", "").await, told);
    let tenant = json!({ "tenant": { "name": "acme", "secrets": "s" } });
    assert_eq!(manager.post("addTenant", &tenant).await, told);
    // FreeSWITCH tries its next gateway.
    for host in ["127.0.0.1", "acme.127.0.0.1"] {
        assert_eq!(dial(host).await.status, 503, "{host}");
    }
    site.store.redis.as_mut().unwrap().start_again().await;
    eventually("all is served again", Duration::from_secs(5), async || {
        let works = manager.get("getTenants", "").await.0 == 200 && dial("127.0.0.1").await.status == 200;
        works.then_some(())
    })
    .await;
}
