//! Meetings: found, joined, ended, forgotten.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;
use scalelite_core::pool::server::AdminState;
use scalelite_core::state::{ForgetIf, LiveState, Moment, Placement};
use secrecy::ExposeSecret;

use crate::given::{self, Create, created, is_known, load, set_state};
use crate::redis_server::eventually;
use crate::store::Store;

const SECOND: Duration = Duration::from_secs(1);

pub(crate) async fn located_with_its_server(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["s"]).await;
    let new = Create::of("m").created_on(state).await;
    let located = store.b.locate_meeting("m", None).await.unwrap().unwrap();
    assert_eq!(located.meeting, new.meeting);
    assert_eq!(located.meeting.id, "m");
    assert_eq!(located.meeting.moderator_pw, "password of m");
    assert_eq!(located.meeting.tenant_id, None);
    let server = located.server;
    assert_eq!(server.id, located.meeting.server_id);
    assert_eq!(server.url, "https://s.example.com/bigbluebutton/api");
    assert_eq!(server.secret.expose_secret(), "secret of s");
    assert_eq!((server.tag, server.state, server.online), (None, AdminState::Enabled, true));
    assert_eq!(load(state, "s").await, Some(1.0), "to look is not to join");
    assert!(!is_known(state, "M").await);
}

pub(crate) async fn a_join_counts_on_an_available_server_only(store: &Store) {
    let state = &*store.a;
    let server = scalelite_core::state::NewServer { load_multiplier: 1.5, ..given::new_server("s") };
    given::available(state, server, 0.0).await;
    created(state, "m").await;
    let join = async || state.join_meeting("m", None).await.unwrap().unwrap();
    let joined = join().await;
    assert_eq!(joined.meeting, state.locate_meeting("m", None).await.unwrap().unwrap().meeting);
    assert_eq!((joined.server.url, joined.server.online), (given::new_server("s").url, true));
    assert_eq!(load(state, "s").await, Some(3.0));
    set_state(state, "s", AdminState::Cordoned).await;
    assert_eq!(join().await.server.state, AdminState::Cordoned);
    assert_eq!(load(state, "s").await, Some(4.5));
    let added = given::begin_poll(state, "s").await.load_added;
    set_state(state, "s", AdminState::Disabled).await;
    assert_eq!(join().await.server.state, AdminState::Disabled);
    set_state(state, "s", AdminState::Enabled).await;
    assert!(join().await.server.online, "but its load is not known before the next poll");
    given::lost(state, "s").await;
    assert!(!join().await.server.online);
    assert_eq!(load(state, "s").await, None);
    assert_eq!(given::begin_poll(state, "s").await.load_added, added);
    assert!(state.join_meeting("other", None).await.unwrap().is_none());
}

pub(crate) async fn joins_at_once_all_count(store: &Store) {
    given::servers(&*store.a, &["s"]).await;
    created(&*store.a, "m").await;
    let joins = (0..50).map(async |n| {
        let state = if n % 2 == 0 { &store.a } else { &store.b };
        state.join_meeting("m", None).await.unwrap().unwrap()
    });
    join_all(joins).await;
    assert_eq!(load(&*store.a, "s").await, Some(51.0));
}

pub(crate) async fn taken_once(store: &Store) {
    given::servers(&*store.a, &["s"]).await;
    let new = Create::of("m").created_on(&*store.a).await;
    let takes = (0..10).map(async |n| {
        let state = if n % 2 == 0 { &store.a } else { &store.b };
        state.take_meeting("m", None).await.unwrap()
    });
    let mut taken = join_all(takes).await.into_iter().flatten();
    assert_eq!(taken.next().unwrap().meeting, new.meeting);
    assert!(taken.next().is_none());
    assert!(!is_known(&*store.a, "m").await);
    assert!(store.a.meetings().await.unwrap().is_empty());
    assert_eq!(load(&*store.a, "s").await, Some(1.0), "the next poll will tell");
}

pub(crate) async fn forgotten_only_under_its_conditions(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["a", "b"]).await;
    let forget = async |id, only| state.forget_meeting(id, only).await.unwrap();
    assert!(!forget("m", ForgetIf::default()).await, "there is none");
    assert_eq!(created(state, "m").await, "a");
    let (a, b) = ("a".into(), "b".into());
    assert!(!forget("m", ForgetIf { on_server: Some(&b), ..ForgetIf::default() }).await);
    assert!(is_known(state, "m").await);
    assert!(forget("m", ForgetIf { on_server: Some(&a), ..ForgetIf::default() }).await);
    assert!(!is_known(state, "m").await);
    assert_eq!(created(state, "m").await, "b");
    assert!(forget("m", ForgetIf::default()).await);
    assert!(!forget("m", ForgetIf::default()).await);
}

/// The store's clock has gone on.
async fn later_than(state: &dyn LiveState, before: Moment) -> Moment {
    eventually("time goes on", async || state.now().await.unwrap() > before).await;
    state.now().await.unwrap()
}

pub(crate) async fn not_forgotten_if_placed_since(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["a"]).await;
    let since = |moment| ForgetIf { on_server: None, not_placed_since: Some(moment) };
    let poll_began = state.now().await.unwrap();
    created(state, "m").await;
    assert!(!state.forget_meeting("m", since(poll_began)).await.unwrap());
    let poll_began = later_than(state, state.now().await.unwrap()).await;
    Create::of("m").existing_on(&*store.b).await;
    assert!(!state.forget_meeting("m", since(poll_began)).await.unwrap(), "a repeated create counts too");
    state.join_meeting("m", None).await.unwrap();
    state.renew_meetings(&["m".to_owned()], SECOND * 60).await.unwrap();
    let poll_began = later_than(state, state.now().await.unwrap()).await;
    let held = state.forget_meeting("m", since(poll_began)).await.unwrap();
    assert!(!held, "its create may still be on its way to the server");
    state.confirm_meeting("m", true).await.unwrap();
    assert!(!state.forget_meeting("m", since(poll_began)).await.unwrap(), "that poll began before");
    let poll_began = later_than(state, state.now().await.unwrap()).await;
    state.locate_meeting("m", None).await.unwrap();
    let a = "a".into();
    let both = ForgetIf { on_server: Some(&a), not_placed_since: Some(poll_began) };
    assert!(state.forget_meeting("m", both).await.unwrap());
    assert!(!is_known(state, "m").await);
}

pub(crate) async fn lives_for_its_time_unless_renewed(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["s"]).await;
    Create::of("short").ttl(SECOND).created_on(state).await;
    Create::of("renewed").ttl(SECOND).created_on(state).await;
    let mut ids: Vec<String> = (0..1200).map(|n| format!("unknown {n}")).collect();
    ids.push("renewed".to_owned());
    state.renew_meetings(&ids, SECOND * 600).await.unwrap();
    state.renew_meetings(&[], SECOND).await.unwrap();
    eventually("it expires", async || !is_known(state, "short").await).await;
    assert!(state.join_meeting("short", None).await.unwrap().is_none());
    assert!(state.take_meeting("short", None).await.unwrap().is_none());
    assert!(!state.forget_meeting("short", ForgetIf::default()).await.unwrap());
    state.renew_meetings(&["short".to_owned()], SECOND).await.unwrap();
    let left: Vec<String> = state.meetings().await.unwrap().into_iter().map(|meeting| meeting.id).collect();
    assert_eq!(left, ["renewed"], "renewing what is not there makes nothing");
    assert_eq!(load(state, "s").await, Some(2.0));
    Create::of("short").created_on(state).await;
    assert!(is_known(state, "short").await);
    Create::of("cut").ttl(SECOND * 600).created_on(state).await;
    state.renew_meetings(&["cut".to_owned()], SECOND).await.unwrap();
    eventually("a shorter time holds too", async || !is_known(state, "cut").await).await;
}

pub(crate) async fn listed_until_forgotten(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["a", "b"]).await;
    assert!(state.meetings().await.unwrap().is_empty());
    let mut expected = Vec::new();
    for n in 0..700 {
        expected.push(Create::of(&format!("m{n:03}")).created_on(state).await.meeting);
    }
    expected.push(Create::of("z").tenant("t").created_on(state).await.meeting);
    let mut listed = store.b.meetings().await.unwrap();
    listed.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(listed, expected);
    state.forget_meeting("m007", ForgetIf::default()).await.unwrap();
    let listed = state.meetings().await.unwrap();
    assert_eq!(listed.len(), 700);
    assert!(listed.iter().all(|meeting| meeting.id != "m007"));
}

pub(crate) async fn each_tenant_has_its_own(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["s"]).await;
    let own = Create::of("m").tenant("t1").created_on(state).await.meeting;
    assert_eq!(own.tenant_id.as_deref(), Some("t1"));
    Create::of("open").created_on(state).await;
    let refused = Create::of("m").tenant("t2").on(state).await;
    assert!(matches!(refused, Placement::OtherTenant), "{refused:?}");
    let refused = Create::of("m").tenant("t2").failed(&["s"]).on(state).await;
    assert!(matches!(refused, Placement::OtherTenant), "{refused:?}");
    for other in ["t2", "T1", "t"] {
        assert!(state.locate_meeting("m", Some(other)).await.unwrap().is_none());
        assert!(state.join_meeting("m", Some(other)).await.unwrap().is_none());
        assert!(state.take_meeting("m", Some(other)).await.unwrap().is_none());
    }
    assert_eq!(load(state, "s").await, Some(2.0));
    assert!(state.locate_meeting("open", Some("t1")).await.unwrap().is_none());
    // Without a tenant all is seen: tasks and the poller ask so.
    assert_eq!(state.locate_meeting("m", None).await.unwrap().unwrap().meeting, own);
    assert_eq!(state.locate_meeting("m", Some("t1")).await.unwrap().unwrap().meeting, own);
    assert_eq!(state.join_meeting("m", Some("t1")).await.unwrap().unwrap().meeting, own);
    assert_eq!(Create::of("m").tenant("t1").existing_on(state).await.meeting, own);
    assert_eq!(state.take_meeting("m", Some("t1")).await.unwrap().unwrap().meeting, own);
    let theirs = Create::of("m").tenant("t2").created_on(state).await.meeting;
    assert_eq!(theirs.tenant_id.as_deref(), Some("t2"));
}

pub(crate) async fn a_create_is_pending_until_it_is_confirmed(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["a"]).await;
    state.confirm_meeting("m", true).await.unwrap();
    assert!(!is_known(state, "m").await, "confirming makes nothing");
    assert!(!Create::of("m").created_on(state).await.pending);
    assert!(Create::of("m").existing_on(&*store.b).await.pending);
    state.confirm_meeting("m", true).await.unwrap();
    assert!(!Create::of("m").existing_on(&*store.b).await.pending);
    assert!(!Create::of("m").existing_on(state).await.pending, "only the first create counts");
    assert!(state.take_meeting("m", None).await.unwrap().is_some());
    assert!(!Create::of("m").created_on(state).await.pending);
    assert!(Create::of("m").existing_on(state).await.pending, "it was ended and is new again");
}

pub(crate) async fn released_where_it_was_not_made(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["a", "b"]).await;
    Create::of("m").voice_bridges(&["1"]).created_on(state).await;
    assert_eq!(load(state, "a").await, Some(1.0));
    state.release_meeting("m", &"b".into()).await.unwrap();
    assert!(is_known(state, "m").await, "it is bound to another server");
    state.release_meeting("m", &"a".into()).await.unwrap();
    assert!(!is_known(state, "m").await);
    assert_eq!((load(state, "a").await, load(state, "b").await), (Some(0.0), Some(0.0)));
    state.release_meeting("m", &"a".into()).await.unwrap();
    assert_eq!(load(state, "a").await, Some(0.0), "once is enough");
    Create::of("n").voice_bridges(&["1"]).created_on(state).await;
}

pub(crate) async fn counted_once_when_it_is_made(store: &Store) {
    given::servers(&*store.a, &["s"]).await;
    for (id, tenant) in [("m", None), ("n", None), ("o", Some("t")), ("refused", Some("t"))] {
        let create = Create::of(id).voice_bridges(&[id]);
        match tenant {
            Some(tenant) => create.tenant(tenant).created_on(&*store.a).await,
            None => create.created_on(&*store.a).await,
        };
    }
    let confirm = async |id: &str, made| store.b.confirm_meeting(id, made).await.unwrap();
    for id in ["m", "m", "n", "o", "unknown"] {
        confirm(id, true).await;
    }
    confirm("refused", false).await;
    let made = store.a.take_made_meetings().await.unwrap();
    assert_eq!(made, HashMap::from([(String::new(), 2), ("t".to_owned(), 1)]));
    assert!(store.b.take_made_meetings().await.unwrap().is_empty(), "they are told once");
}
