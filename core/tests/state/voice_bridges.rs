//! The telephone numbers of meetings (CONTRACT §5).

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use scalelite_core::state::{ForgetIf, Placement};

use crate::given::{self, Create, is_known, load};
use crate::redis_server::eventually;
use crate::store::Store;

const SECOND: Duration = Duration::from_secs(1);

pub(crate) async fn a_taken_number_is_skipped(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["s"]).await;
    let number = async |id: &str| {
        let request = Create::of(id).voice_bridges(&["1", "2", "3"]);
        request.created_on(state).await.meeting.voice_bridge
    };
    assert_eq!(number("a").await, "1");
    assert_eq!(number("b").await, "2");
    assert!(state.forget_meeting("a", ForgetIf::default()).await.unwrap());
    assert_eq!(number("c").await, "1");
    assert_eq!(number("d").await, "3");
}

pub(crate) async fn a_meeting_that_comes_back_keeps_its_number(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["s"]).await;
    let first = Create::of("weekly").created_on(state).await.meeting.voice_bridge;
    assert!(state.take_meeting("weekly", None).await.unwrap().is_some());
    assert_eq!(Create::of("weekly").created_on(state).await.meeting.voice_bridge, first);
    assert_eq!(Create::of("weekly").existing_on(state).await.meeting.voice_bridge, first);
}

pub(crate) async fn the_number_of_an_expired_meeting_is_free(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["s"]).await;
    let old = Create::of("old").voice_bridges(&["1", "2"]).ttl(SECOND);
    assert_eq!(old.created_on(state).await.meeting.voice_bridge, "1");
    eventually("it expires", async || !is_known(state, "old").await).await;
    let new = Create::of("new").voice_bridges(&["1", "2"]);
    assert_eq!(new.created_on(state).await.meeting.voice_bridge, "1");
    // The old one neither comes back to it nor sets it free.
    state.forget_meeting("old", ForgetIf::default()).await.unwrap();
    assert_eq!(old.created_on(state).await.meeting.voice_bridge, "2");
    assert_eq!(new.existing_on(state).await.meeting.voice_bridge, "1");
}

pub(crate) async fn without_a_free_number_nothing_happens(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["s"]).await;
    Create::of("a").voice_bridges(&["1"]).created_on(state).await;
    Create::of("b").voice_bridges(&["2"]).created_on(state).await;
    for numbers in [&["1", "2"][..], &[]] {
        let refused = Create::of("c").voice_bridges(numbers).on(state).await;
        assert!(matches!(refused, Placement::NoVoiceBridge), "{refused:?}");
    }
    assert!(!is_known(state, "c").await);
    assert_eq!(load(state, "s").await, Some(2.0));
}

pub(crate) async fn a_meeting_is_found_by_its_number(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["s"]).await;
    let meeting = Create::of("a").tenant("t1").voice_bridges(&["100"]).created_on(state).await.meeting;
    Create::of("b").voice_bridges(&["200"]).created_on(state).await;
    let found = async |number: &str, tenant: Option<&str>| {
        state.locate_voice_bridge(number, tenant).await.unwrap().map(|located| located.meeting.id)
    };
    let located = store.b.locate_voice_bridge("100", Some("t1")).await.unwrap().unwrap();
    assert_eq!(located.meeting, meeting);
    assert_eq!(located.server.id.as_str(), "s");
    assert_eq!(found("100", None).await.as_deref(), Some("a"));
    assert_eq!(found("200", None).await.as_deref(), Some("b"));
    for (number, tenant) in [("100", Some("t2")), ("200", Some("t1")), ("10", None), ("", None), ("*", None)]
    {
        assert_eq!(found(number, tenant).await, None, "{number} {tenant:?}");
    }
    assert!(state.forget_meeting("a", ForgetIf::default()).await.unwrap());
    assert_eq!(found("100", None).await, None);
    assert!(state.remove_server(&"s".into()).await.unwrap());
    assert_eq!(found("200", None).await, None);
}

pub(crate) async fn an_expired_meeting_is_not_found_by_its_number(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["s"]).await;
    Create::of("old").voice_bridges(&["1"]).ttl(SECOND).created_on(state).await;
    eventually("it expires", async || !is_known(state, "old").await).await;
    assert!(state.locate_voice_bridge("1", None).await.unwrap().is_none());
    Create::of("old").voice_bridges(&["2"]).created_on(state).await;
    assert!(state.locate_voice_bridge("1", None).await.unwrap().is_none());
    assert!(state.locate_voice_bridge("2", None).await.unwrap().is_some());
}

pub(crate) async fn no_two_of_many_at_once_share_a_number(store: &Store) {
    given::servers(&*store.a, &["s"]).await;
    let numbers: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let requests: Vec<_> =
        (0..20).map(|n| Create::of(&format!("meeting {n}")).voice_bridges(&numbers)).collect();
    let created = requests.iter().enumerate().map(async |(n, request)| {
        let state = if n % 2 == 0 { &store.a } else { &store.b };
        request.created_on(&**state).await.meeting.voice_bridge
    });
    let given: HashSet<String> = join_all(created).await.into_iter().collect();
    assert_eq!(given.len(), 20);
}
