//! Polls: shared by the pollers, and recorded (CONTRACT §11).

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use scalelite_core::pool::health::Health;
use scalelite_core::pool::server::{AdminState, Usage};
use scalelite_core::state::history::SAMPLE_SECONDS;
use scalelite_core::state::{LiveState, PollTask, Recorded, Sample, ServerChange};

use crate::given::{
    self, Create, OFFLINE, ONLINE, available, begin_poll, created, load, new_server, result, server,
    set_state,
};
use crate::redis_server::eventually;
use crate::store::Store;

const HOUR: Duration = Duration::from_secs(3600);
const USAGE: Usage = Usage { meetings: 3, users: 40, largest_meeting: 30, videos: 7 };

fn ids(tasks: &[PollTask]) -> Vec<String> {
    tasks.iter().map(|task| task.server.route.id.to_string()).collect()
}

async fn added(state: &dyn LiveState, ids: &[&str]) {
    for id in ids {
        assert!(state.add_server(&new_server(id)).await.unwrap());
    }
}

pub(crate) async fn each_server_is_taken_once_a_period(store: &Store) {
    added(&*store.a, &["a", "b"]).await;
    assert_eq!(ids(&store.a.take_polls(HOUR, 100).await.unwrap()), ["a", "b"]);
    assert!(store.b.take_polls(HOUR, 100).await.unwrap().is_empty());
    added(&*store.a, &["c"]).await;
    assert_eq!(ids(&store.b.take_polls(HOUR, 100).await.unwrap()), ["c"]);
    let mut all = ids(&store.a.take_all_polls().await.unwrap());
    all.sort();
    assert_eq!(all, ["a", "b", "c"], "whoever polled them last");
    let short = Duration::from_millis(30);
    eventually("the period is over", async || !store.b.take_polls(short, 100).await.unwrap().is_empty())
        .await;
    assert!(store.a.take_polls(Duration::MAX, 100).await.unwrap().is_empty());
}

pub(crate) async fn taken_longest_waiting_first_within_the_limit(store: &Store) {
    let state = &*store.a;
    added(state, &["d", "c", "b", "a"]).await;
    let began = state.now().await.unwrap();
    assert_eq!(ids(&state.take_polls(HOUR, 3).await.unwrap()), ["a", "b", "c"]);
    assert!(state.take_polls(HOUR, 0).await.unwrap().is_empty());
    eventually("time goes on", async || state.now().await.unwrap().0 > began.0 + 2).await;
    assert_eq!(ids(&state.take_polls(HOUR, 3).await.unwrap()), ["d"]);
    assert_eq!(ids(&state.take_all_polls().await.unwrap()), ["a", "b", "c", "d"]);
}

pub(crate) async fn pollers_at_once_share_the_servers(store: &Store) {
    let all: Vec<String> = (0..50).map(|n| format!("s{n:02}")).collect();
    for id in &all {
        added(&*store.a, &[id]).await;
    }
    let takes = (0..10).map(async |n| {
        let state = if n % 2 == 0 { &store.a } else { &store.b };
        ids(&state.take_polls(HOUR, 7).await.unwrap())
    });
    let taken: Vec<String> = join_all(takes).await.into_iter().flatten().collect();
    assert_eq!(taken.len(), 50, "none is polled twice");
    assert_eq!(taken.into_iter().collect::<BTreeSet<_>>(), all.into_iter().collect());
}

pub(crate) async fn a_result_is_recorded(store: &Store) {
    let state = &*store.a;
    added(state, &["s", "other"]).await;
    set_state(state, "s", AdminState::Enabled).await;
    let task = begin_poll(state, "s").await;
    assert_eq!((task.server.load, task.server.route.online), (None, false));
    let health = Health { online: true, healthy: 0, unhealthy: 1 };
    let recorded = state.record_poll(&result(&task, health, Some((12.5, USAGE)))).await.unwrap();
    assert_eq!(recorded, Recorded::Done);
    let now = server(&*store.b, "s").await;
    assert_eq!((now.load, now.usage, now.route.online), (Some(12.5), USAGE, true));
    assert_eq!((now.healthy_counter, now.unhealthy_counter), (0, 1));
    let health = Health { online: false, healthy: 2, unhealthy: 0 };
    state.record_poll(&result(&task, health, Some((1.0, USAGE)))).await.unwrap();
    let now = server(state, "s").await;
    assert_eq!((now.load, now.route.online), (None, false));
    assert_eq!((now.usage, now.healthy_counter), (USAGE, 2), "it answered, though it is not online yet");
    let other = server(state, "other").await;
    assert_eq!((other.usage, other.route.online), (Usage::default(), false));
}

pub(crate) async fn an_offline_server_has_no_load_and_no_users(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["s"]).await;
    let task = begin_poll(state, "s").await;
    state.record_poll(&result(&task, ONLINE, Some((9.0, USAGE)))).await.unwrap();
    let recorded = state.record_poll(&result(&task, OFFLINE, None)).await.unwrap();
    assert_eq!(recorded, Recorded::Done);
    let now = server(state, "s").await;
    assert_eq!((now.load, now.usage, now.route.online), (None, Usage::default(), false));
    assert_eq!(now.route.state, AdminState::Enabled);
    set_state(state, "s", AdminState::Cordoned).await;
    let recorded = state.record_poll(&result(&task, OFFLINE, None)).await.unwrap();
    assert_eq!(recorded, Recorded::Done, "a server that is away is not drained");
    assert_eq!(server(state, "s").await.route.state, AdminState::Cordoned);
}

pub(crate) async fn a_failed_poll_below_the_threshold_changes_no_numbers(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["s"]).await;
    let task = begin_poll(state, "s").await;
    state.record_poll(&result(&task, ONLINE, Some((9.0, USAGE)))).await.unwrap();
    let shaky = Health { online: true, healthy: 0, unhealthy: 1 };
    state.record_poll(&result(&task, shaky, None)).await.unwrap();
    let now = server(state, "s").await;
    assert_eq!((now.load, now.usage, now.unhealthy_counter), (Some(9.0), USAGE, 1));
    assert_eq!(created(state, "m").await, "s");
}

pub(crate) async fn what_the_operator_changed_meanwhile_holds(store: &Store) {
    let state = &*store.a;
    available(state, new_server("s"), 1.0).await;
    let task = begin_poll(state, "s").await;
    let change = ServerChange {
        state: Some(AdminState::Disabled),
        url: Some("https://moved.example.com/".to_owned()),
        load_multiplier: Some(3.0),
        tag: Some(Some("t".to_owned())),
        secret: None,
    };
    store.b.change_server(&"s".into(), &change).await.unwrap();
    state.record_poll(&result(&task, ONLINE, Some((8.0, USAGE)))).await.unwrap();
    let now = server(state, "s").await;
    assert_eq!((now.route.state, now.load), (AdminState::Disabled, None));
    assert_eq!((now.route.url.as_str(), now.route.tag.as_deref()), ("https://moved.example.com/", Some("t")));
    assert_eq!((now.usage, now.load_multiplier), (USAGE, 3.0), "its numbers are shown all the same");
    let refused = Create::of("m").tags("t").on(state).await;
    assert!(matches!(refused, scalelite_core::state::Placement::NoServer), "{refused:?}");
    // And the other way round.
    let task = begin_poll(state, "s").await;
    set_state(&*store.b, "s", AdminState::Enabled).await;
    state.record_poll(&result(&task, ONLINE, Some((8.0, USAGE)))).await.unwrap();
    assert_eq!(load(state, "s").await, Some(8.0));
    Create::of("m").tags("t").created_on(state).await;
}

pub(crate) async fn a_cordoned_server_without_load_is_drained(store: &Store) {
    let state = &*store.a;
    available(state, new_server("s"), 0.0).await;
    created(state, "m").await;
    set_state(state, "s", AdminState::Cordoned).await;
    assert_eq!(given::polled(state, "s", 4.0).await, Recorded::Done);
    assert_eq!(load(state, "s").await, Some(4.0));
    let task = begin_poll(state, "s").await;
    state.join_meeting("m", None).await.unwrap();
    let recorded = state.record_poll(&result(&task, ONLINE, Some((0.0, USAGE)))).await.unwrap();
    assert_eq!(recorded, Recorded::Done, "somebody joined meanwhile");
    assert_eq!(load(state, "s").await, Some(1.0));
    assert_eq!(given::polled(state, "s", 0.0).await, Recorded::Drained);
    let now = server(state, "s").await;
    assert_eq!((now.route.state, now.route.online, now.load), (AdminState::Disabled, true, None));
    assert_eq!(given::polled(state, "s", 0.0).await, Recorded::Done);
    assert_eq!(server(state, "s").await.route.state, AdminState::Disabled);
}

pub(crate) async fn load_added_during_a_poll_is_kept(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["s"]).await;
    created(state, "before").await;
    let task = begin_poll(state, "s").await;
    for n in 0..3 {
        created(&*store.b, &format!("meanwhile {n}")).await;
    }
    state.join_meeting("before", None).await.unwrap();
    state.record_poll(&result(&task, ONLINE, Some((10.0, USAGE)))).await.unwrap();
    assert_eq!(load(state, "s").await, Some(14.0));
    assert_eq!(given::polled(state, "s", 15.0).await, Recorded::Done);
    assert_eq!(load(state, "s").await, Some(15.0), "the next poll saw them");
}

pub(crate) async fn load_taken_back_during_a_poll_is_kept(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["a", "b"]).await;
    assert_eq!(created(state, "m").await, "a");
    let task = begin_poll(state, "a").await;
    Create::of("m").failed(&["a"]).created_on(state).await;
    state.record_poll(&result(&task, ONLINE, Some((10.0, USAGE)))).await.unwrap();
    assert_eq!(load(state, "a").await, Some(9.0));
    state.record_poll(&result(&task, ONLINE, Some((0.0, USAGE)))).await.unwrap();
    assert_eq!(load(state, "a").await, Some(0.0), "never below");
}

pub(crate) async fn a_removed_server_is_gone(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["s"]).await;
    let task = begin_poll(state, "s").await;
    state.remove_server(&"s".into()).await.unwrap();
    let recorded = state.record_poll(&result(&task, ONLINE, Some((1.0, USAGE)))).await.unwrap();
    assert_eq!(recorded, Recorded::Gone);
    state.record_version(&"s".into(), "3.0").await.unwrap();
    assert!(state.servers().await.unwrap().is_empty());
    assert!(state.server(&"s".into()).await.unwrap().is_none());
    assert!(state.take_all_polls().await.unwrap().is_empty());
}

pub(crate) async fn the_version_is_recorded(store: &Store) {
    let state = &*store.a;
    added(state, &["s", "t"]).await;
    state.record_version(&"s".into(), "3.0.1").await.unwrap();
    assert_eq!(server(&*store.b, "s").await.bbb_version.as_deref(), Some("3.0.1"));
    assert_eq!(server(&*store.b, "t").await.bbb_version, None);
    state.record_version(&"s".into(), "").await.unwrap();
    assert_eq!(server(state, "s").await.bbb_version, None);
}

pub(crate) async fn the_time_between_two_polls_is_told_once(store: &Store) {
    added(&*store.a, &["s"]).await;
    let first = begin_poll(&*store.a, "s").await;
    assert_eq!(first.since_last, None);
    let began = store.a.now().await.unwrap();
    eventually("time goes on", async || store.a.now().await.unwrap().0 > began.0 + 20).await;
    let second = begin_poll(&*store.b, "s").await.since_last.unwrap();
    assert!((Duration::from_millis(20)..Duration::from_secs(20)).contains(&second), "{second:?}");
    let third = begin_poll(&*store.a, "s").await.since_last.unwrap();
    assert!(third < second || third < Duration::from_millis(20), "not from the first one on: {third:?}");
}

/// The samples folded into one: five minutes may end while a test runs.
async fn folded(state: &dyn LiveState, id: &str) -> Option<Sample> {
    let histories = state.histories().await.unwrap();
    let samples = histories.get(&id.into())?;
    assert!(samples.is_sorted_by_key(|sample| sample.at) && samples.len() <= 2, "{samples:?}");
    let now = state.now().await.unwrap().0 / 1000;
    assert!(samples.iter().all(|sample| sample.at % SAMPLE_SECONDS == 0));
    assert!(samples.iter().all(|sample| sample.at <= now && sample.at + 2 * SAMPLE_SECONDS > now));
    samples.iter().copied().reduce(|a, b| Sample {
        at: b.at,
        load: a.load.max(b.load),
        meetings: a.meetings.max(b.meetings),
        users: a.users.max(b.users),
        videos: a.videos.max(b.videos),
        offline: a.offline || b.offline,
    })
}

pub(crate) async fn the_last_day_is_remembered(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["s", "t"]).await;
    let task = begin_poll(state, "s").await;
    let less = Usage { meetings: 9, users: 4, largest_meeting: 1, videos: 0 };
    state.record_poll(&result(&task, ONLINE, Some((40.25, USAGE)))).await.unwrap();
    state.record_poll(&result(&task, ONLINE, Some((4.0, less)))).await.unwrap();
    let shaky = Health { online: true, healthy: 0, unhealthy: 1 };
    state.record_poll(&result(&task, shaky, None)).await.unwrap();
    let seen = folded(&*store.b, "s").await.unwrap();
    let wanted = Sample { at: seen.at, load: 40.25, meetings: 9, users: 40, videos: 7, offline: false };
    assert_eq!(seen, wanted, "of each number the largest");
    assert!(!folded(state, "t").await.unwrap().offline);
    state.record_poll(&result(&task, OFFLINE, None)).await.unwrap();
    assert_eq!(folded(state, "s").await.unwrap(), Sample { at: seen.at, offline: true, ..wanted });
}

pub(crate) async fn a_removed_server_has_no_history(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["s"]).await;
    let task = begin_poll(state, "s").await;
    assert!(state.remove_server(&"s".into()).await.unwrap());
    state.record_poll(&result(&task, ONLINE, Some((9.0, USAGE)))).await.unwrap();
    assert!(state.histories().await.unwrap().is_empty());
    added(state, &["s"]).await;
    assert!(folded(state, "s").await.is_none());
}
