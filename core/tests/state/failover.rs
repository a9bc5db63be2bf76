//! A `create` that its server does not answer goes to the next one (CONTRACT §3.11).

use std::time::Duration;

use scalelite_core::pool::server::AdminState;
use scalelite_core::state::{NewServer, Placement};

use crate::given::{self, Create, available, created, is_known, load, new_server, set_state};
use crate::redis_server::eventually;
use crate::store::Store;

pub(crate) async fn moves_on_and_takes_its_load_back(store: &Store) {
    let state = &*store.a;
    available(state, NewServer { load_multiplier: 2.0, ..new_server("a") }, 1.0).await;
    available(state, NewServer { load_multiplier: 3.0, ..new_server("b") }, 4.0).await;
    available(state, new_server("c"), 5.0).await;
    let first = Create::of("m").moderator_pw("first").tenant("t").created_on(state).await;
    assert_eq!(first.server.id.as_str(), "a");
    assert_eq!(load(state, "a").await, Some(3.0));
    let retry = Create::of("m").moderator_pw("other").tenant("t").voice_bridges(&["7"]);
    let second = retry.clone().failed(&["a"]).created_on(state).await;
    assert_eq!(second.server.id.as_str(), "b");
    assert_eq!(second.meeting.voice_bridge, first.meeting.voice_bridge);
    assert_eq!(second.meeting.moderator_pw, "first");
    assert_eq!(second.meeting.tenant_id.as_deref(), Some("t"));
    assert_eq!((load(state, "a").await, load(state, "b").await), (Some(1.0), Some(7.0)));
    let third = retry.clone().failed(&["a", "b"]).created_on(state).await;
    assert_eq!(third.server.id.as_str(), "c");
    assert_eq!((load(state, "b").await, load(state, "c").await), (Some(4.0), Some(6.0)));
    let known = retry.existing_on(state).await;
    assert_eq!(known.meeting, third.meeting);
    assert_eq!(state.meetings().await.unwrap(), [third.meeting]);
}

pub(crate) async fn stays_if_another_server_failed(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["a", "b"]).await;
    assert_eq!(created(state, "m").await, "a");
    let known = Create::of("m").failed(&["b", "unknown"]).existing_on(state).await;
    assert_eq!(known.server.id.as_str(), "a");
    assert_eq!(load(state, "b").await, Some(0.0));
    let new = Create::of("n").failed(&["b"]).created_on(state).await;
    assert_eq!(new.server.id.as_str(), "a", "though the other has less load");
}

pub(crate) async fn with_no_server_left_the_meeting_is_forgotten(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["a"]).await;
    Create::of("m").voice_bridges(&["1"]).created_on(state).await;
    let refused = Create::of("m").voice_bridges(&["1"]).failed(&["a"]).on(state).await;
    assert!(matches!(refused, Placement::NoServer), "{refused:?}");
    assert_eq!(load(state, "a").await, Some(0.0));
    assert!(!is_known(state, "m").await);
    assert!(state.meetings().await.unwrap().is_empty());
    // Its number is free, and a later create starts clean.
    Create::of("n").voice_bridges(&["1"]).created_on(state).await;
    Create::of("m").voice_bridges(&["1", "2"]).created_on(state).await;
}

pub(crate) async fn with_no_tagged_server_left_the_meeting_is_forgotten(store: &Store) {
    let state = &*store.a;
    available(state, NewServer { tag: Some("t".to_owned()), ..new_server("a") }, 0.0).await;
    available(state, new_server("b"), 0.0).await;
    Create::of("m").tags("t!").created_on(state).await;
    let refused = Create::of("m").tags("t!").failed(&["a"]).on(state).await;
    assert!(matches!(refused, Placement::TagUnavailable), "{refused:?}");
    assert_eq!(load(state, "a").await, Some(0.0));
    assert!(!is_known(state, "m").await);
}

pub(crate) async fn taking_back_stops_at_zero(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["a", "b"]).await;
    assert_eq!(created(state, "m").await, "a");
    given::polled(state, "a", 0.0).await;
    let moved = Create::of("m").failed(&["a"]).created_on(state).await;
    assert_eq!(moved.server.id.as_str(), "b");
    assert_eq!(load(state, "a").await, Some(0.0));
}

pub(crate) async fn nothing_is_taken_back_from_an_unavailable_server(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["a", "b"]).await;
    let short = Create::of("m").ttl(Duration::from_secs(1));
    assert_eq!(short.created_on(state).await.server.id.as_str(), "a");
    set_state(state, "a", AdminState::Disabled).await;
    let before = given::begin_poll(state, "a").await.load_added;
    let moved = short.failed(&["a"]).created_on(state).await;
    assert_eq!(moved.server.id.as_str(), "b");
    assert_eq!(load(state, "a").await, None);
    assert_eq!(given::begin_poll(state, "a").await.load_added, before);
    eventually("it expires all the same", async || !is_known(state, "m").await).await;
}

pub(crate) async fn a_meeting_that_another_create_got_stays(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["a", "b"]).await;
    assert_eq!(created(state, "m").await, "a");
    Create::of("m").existing_on(&*store.b).await;
    store.b.confirm_meeting("m", true).await.unwrap();
    let late = Create::of("m").failed(&["a"]).existing_on(state).await;
    assert_eq!(late.server.id.as_str(), "a", "the other one was told SUCCESS");
    state.release_meeting("m", &"a".into()).await.unwrap();
    assert!(is_known(state, "m").await);
    assert_eq!((load(state, "a").await, load(state, "b").await), (Some(1.0), Some(0.0)));
}
