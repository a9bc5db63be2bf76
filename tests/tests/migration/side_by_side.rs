//! Both on one Redis at the same time, as while a site migrates.

use scalelite_system_tests::site::Site;
use scalelite_system_tests::store::Mode;

use super::original::Original;
use crate::original_records::{IDS, fill};

/// The number that both derive from its ID.
const DEMO: (&str, &str) = ("Demo Meeting", "953452953");
const OTHER: (&str, &str) = ("random-6071372", "814461265");

#[tokio::test]
async fn each_serves_the_others_meetings() {
    let mut site = Site::start(Mode::Redis, 0).await;
    fill(&mut site).await;
    let original = Original(site.redis());
    let api = site.api().await;
    let index = |id: &str| IDS.iter().position(|known| *known == id).expect("a known server");

    // The original makes a meeting: we join and end it.
    let server = index(&original.create(DEMO.0, DEMO.1, "").await);
    site.sim(server).add_meeting(DEMO.0).unwrap();
    let again = api.call("create", &[("meetingID", DEMO.0)]).await;
    assert_eq!(again.assert_success().text("messageKey"), "duplicateWarning");
    assert_eq!(again.text("voiceBridge"), site.sim(server).meeting(DEMO.0).unwrap().voice_bridge);
    let joined = api.call("join", &[("meetingID", DEMO.0), ("fullName", "A"), ("role", "VIEWER")]).await;
    assert!(joined.location().starts_with(&format!("{}/join?", site.sim(server).url())), "{joined:?}");
    api.call("end", &[("meetingID", DEMO.0)]).await.assert_success();
    assert_eq!(original.meeting(DEMO.0).await, None);
    assert_eq!(original.meeting_of(DEMO.1).await, None, "its number is free");

    // We make one: the original joins and ends it.
    let created = api.call("create", &[("meetingID", OTHER.0), ("moderatorPW", "ours")]).await;
    assert_eq!(created.assert_success().text("voiceBridge"), OTHER.1);
    let host = site.host(OTHER.0);
    let seen = original.meeting(OTHER.0).await.expect("the original finds it");
    assert_eq!((seen["server_id"].as_str(), seen["moderator_pw"].as_str()), (IDS[host], "ours"));
    assert_eq!(original.meeting_of(OTHER.1).await.as_deref(), Some(OTHER.0));
    original.end(OTHER.0).await;
    site.sim(host).end_meeting(OTHER.0);
    let gone = api.call("join", &[("meetingID", OTHER.0), ("fullName", "A"), ("role", "VIEWER")]).await;
    assert_eq!(gone.text("messageKey"), "notFound");
    // The same ID again begins anew, with the same number.
    let created = api.call("create", &[("meetingID", OTHER.0)]).await;
    assert_eq!(created.assert_success().text("voiceBridge"), OTHER.1);

    // Both count on the same loads: whoever creates next takes the other server.
    let loads =
        async || (original.server(IDS[0]).await.unwrap().load, original.server(IDS[1]).await.unwrap().load);
    let before = loads().await;
    let theirs = index(&original.find_available().await);
    api.call("create", &[("meetingID", "next")]).await.assert_success();
    assert_eq!(site.host("next"), theirs, "{before:?}");
    assert_ne!(loads().await, before);
    original.assert_keys().await;
}

#[tokio::test]
async fn what_either_poller_finds_is_what_both_use() {
    let mut site = Site::start(Mode::Redis, 0).await;
    fill(&mut site).await;
    let original = Original(site.redis());
    // Its poller found 7 users on one server and 3 on the other.
    original.poll(IDS[0], 1, 7).await;
    original.poll(IDS[1], 1, 3).await;
    let api = site.api().await;
    api.call("create", &[("meetingID", "room")]).await.assert_success();
    assert_eq!(site.host("room"), 1);
    let status = site.task(&["status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    let users = |server: &serde_json::Value| server["users"].as_u64();
    let mut users: Vec<_> = status.as_array().unwrap().iter().map(users).collect();
    users.sort();
    assert_eq!(users, [Some(0), Some(3), Some(7)]);

    // Ours sees what is there; the original goes on with that.
    site.sim(1).add_users("room-1", 40, 0, 1).unwrap();
    let ran = site.task(&["poll:all"]);
    assert_eq!(ran, "");
    let server = original.server(IDS[1]).await.unwrap();
    assert_eq!(server.fields["users"], "40");
    assert_eq!(original.find_available().await, IDS[0]);
    original.assert_keys().await;
}
