//! Which server gets a meeting (CONTRACT §3).

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use futures_util::future::join_all;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use scalelite_core::pool::placement::{Candidate, NoServer, TagRule, choose};
use scalelite_core::pool::server::AdminState;
use scalelite_core::state::{LiveState, NewServer, Placement};

use crate::given::{self, Create, available, created, load, new_server, set_state};
use crate::store::Store;

const SIX: [&str; 6] = ["s1", "s2", "s3", "s4", "s5", "s6"];

/// All these requests at the same time, by turns on either handle.
async fn at_once(store: &Store, requests: Vec<Create>) -> Vec<Placement> {
    let tasks = requests.into_iter().enumerate().map(|(n, request)| {
        let state: Arc<dyn LiveState> = Arc::clone(if n % 2 == 0 { &store.a } else { &store.b });
        tokio::spawn(async move { request.on(&*state).await })
    });
    join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}

fn tagged(id: &str, tag: &str) -> NewServer {
    NewServer { tag: Some(tag.to_owned()), ..new_server(id) }
}

pub(crate) async fn sixty_meetings_at_once_spread_evenly(store: &Store) {
    given::servers(&*store.a, &SIX).await;
    let requests = (0..60).map(|n| Create::of(&format!("meeting {n}"))).collect();
    let mut meetings_on = BTreeMap::new();
    for placement in at_once(store, requests).await {
        let Placement::Created(located) = placement else { panic!("{placement:?}") };
        *meetings_on.entry(located.server.id.to_string()).or_insert(0) += 1;
    }
    assert_eq!(meetings_on, SIX.map(|id| (id.to_owned(), 10)).into());
    for id in SIX {
        assert_eq!(load(&*store.b, id).await, Some(10.0));
    }
}

pub(crate) async fn forty_creates_at_once_make_one_meeting(store: &Store) {
    given::servers(&*store.a, &SIX).await;
    let requests = (0..40).map(|n| Create::of("one").moderator_pw(&format!("pw {n}"))).collect();
    let placements = at_once(store, requests).await;
    let new = placements.iter().filter(|placement| matches!(placement, Placement::Created(_))).count();
    let answers: HashSet<_> = placements
        .into_iter()
        .map(|placement| match placement {
            Placement::Created(located) | Placement::Existing(located) => {
                (located.server.id, located.meeting.moderator_pw, located.meeting.voice_bridge)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!((new, answers.len()), (1, 1), "{answers:?}");
    let mut total = 0.0;
    for id in SIX {
        total += load(&*store.a, id).await.unwrap();
    }
    assert!((total - 1.0).abs() < f64::EPSILON, "counted once, not {total}");
}

pub(crate) async fn where_no_server_will_do_only_a_known_meeting_is_found(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["a", "b"]).await;
    created(state, "known").await;
    Create::of("known").rule(TagRule::nothing()).existing_on(state).await;
    let refused = Create::of("new").rule(TagRule::nothing()).on(state).await;
    assert!(matches!(refused, Placement::TagUnavailable), "{refused:?}");
}

pub(crate) async fn multipliers_weigh(store: &Store) {
    let state = &*store.a;
    available(state, NewServer { load_multiplier: 2.0, ..new_server("weak") }, 0.0).await;
    available(state, new_server("strong"), 0.0).await;
    available(state, NewServer { load_multiplier: 0.5, ..new_server("giant") }, 0.0).await;
    for n in 0..70 {
        created(state, &format!("meeting {n}")).await;
    }
    // 10 × 2 = 20 × 1 = 40 × 0.5.
    for id in ["weak", "strong", "giant"] {
        assert_eq!(load(state, id).await, Some(20.0), "{id}");
    }
}

pub(crate) async fn of_equally_loaded_servers_the_lowest_id(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["b", "a", "é", "B", "aa", "10", "9"]).await;
    for (n, expected) in ["10", "9", "B", "a", "aa", "b", "é"].into_iter().enumerate() {
        assert_eq!(created(state, &format!("meeting {n}")).await, expected);
    }
}

pub(crate) async fn only_enabled_and_online_servers_get_meetings(store: &Store) {
    let state = &*store.a;
    let none = |placement: &Placement| matches!(placement, Placement::NoServer);
    assert!(none(&Create::of("m").on(state).await), "there is no server at all");
    assert!(none(&Create::of("m").tags("t!").on(state).await), "so there is none with a tag either");
    assert!(state.add_server(&new_server("a")).await.unwrap());
    assert!(none(&Create::of("m").on(state).await), "it is disabled and offline");
    set_state(state, "a", AdminState::Enabled).await;
    assert!(none(&Create::of("m").on(state).await), "nobody has polled it");
    given::polled(state, "a", 3.0).await;
    given::servers(state, &["b", "c", "d"]).await;
    set_state(state, "b", AdminState::Disabled).await;
    set_state(state, "c", AdminState::Cordoned).await;
    given::lost(state, "d").await;
    assert_eq!(created(state, "m").await, "a", "the others have less load");
    set_state(state, "a", AdminState::Cordoned).await;
    assert!(none(&Create::of("m2").on(state).await));
    set_state(state, "a", AdminState::Enabled).await;
    assert_eq!(created(state, "m2").await, "a", "it comes back with its load");
    assert_eq!(load(state, "a").await, Some(5.0));
    assert!(!given::is_known(state, "m3").await);
}

pub(crate) async fn the_tag_rule(store: &Store) {
    let state = &*store.a;
    available(state, new_server("u1"), 50.0).await;
    available(state, new_server("u2"), 70.0).await;
    available(state, tagged("a1", "a"), 90.0).await;
    available(state, tagged("a2", "a"), 95.0).await;
    available(state, tagged("b1", "b"), 80.0).await;
    available(state, tagged("odd", "none"), 99.0).await;
    let rules = [
        ("", "u1"),
        ("a", "a1"),
        ("b;a", "b1"),
        ("a;none", "u1"),
        ("none!", "u1"),
        ("c;a!", "a1"),
        ("c", "u1"),
        ("A", "u1"),
    ];
    for (rule, expected) in rules {
        let meeting = format!("with {rule}");
        let located = Create::of(&meeting).tags(rule).created_on(state).await;
        assert_eq!(located.server.id.as_str(), expected, "{rule}");
        let tag = Some(expected).filter(|id| !id.starts_with('u')).map(|id| &id[..1]);
        assert_eq!(located.server.tag.as_deref(), tag, "{rule}");
    }
    let refused = Create::of("m").tags("c;d!").on(state).await;
    assert!(matches!(refused, Placement::TagUnavailable), "{refused:?}");
    for id in ["u1", "u2"] {
        set_state(state, id, AdminState::Cordoned).await;
    }
    let refused = Create::of("m").on(state).await;
    assert!(matches!(refused, Placement::NoServer), "tagged servers are not for everybody: {refused:?}");
    let literal = Create::of("m").tags("none").created_on(state).await;
    assert_eq!(literal.server.id.as_str(), "odd", "a server may bear the very tag");
}

pub(crate) async fn the_least_loaded_of_many_tagged_servers(store: &Store) {
    let state = &*store.a;
    for n in 0..40_u8 {
        available(state, tagged(&format!("t{n:02}"), "t"), f64::from(n)).await;
    }
    available(state, tagged("x1", "x"), 101.0).await;
    available(state, tagged("x0", "x"), 100.0).await;
    available(state, new_server("u"), 200.0).await;
    assert_eq!(created(state, "untagged").await, "u");
    let located = Create::of("tagged").tags("x!").created_on(state).await;
    assert_eq!(located.server.id.as_str(), "x0");
    let located = Create::of("fallback").tags("y").created_on(state).await;
    assert_eq!(located.server.id.as_str(), "u");
}

pub(crate) async fn a_known_meeting_stays_where_it_is(store: &Store) {
    let state = &*store.a;
    given::servers(state, &["a", "b"]).await;
    let first = Create::of("m").moderator_pw("first").tenant("t").created_on(state).await;
    assert_eq!(first.server.id.as_str(), "a");
    let again = Create::of("m").moderator_pw("second").tenant("t").tags("x!").voice_bridges(&["1"]);
    for wanted in [AdminState::Enabled, AdminState::Cordoned, AdminState::Disabled] {
        set_state(state, "a", wanted).await;
        let known = again.existing_on(&*store.b).await;
        assert_eq!(known.meeting, first.meeting);
        assert_eq!((known.server.state, known.server.online), (wanted, true));
    }
    given::lost(state, "a").await;
    assert!(!again.existing_on(state).await.server.online);
    assert_eq!(load(state, "b").await, Some(0.0));
}

/// On random pools: what is written in Lua or SQL chooses what the pure function chooses.
pub(crate) async fn choice_is_the_pure_one(store: &Store) {
    let state = &*store.a;
    let tags = proptest::sample::select(vec![None, None, Some("a"), Some("b"), Some("none")]);
    let server = (0..8_u8, tags, proptest::bool::weighted(0.15));
    let pool = proptest::collection::vec(server, 0..25);
    let input = (pool, proptest::string::string_regex("(a|b|none|a;b|c|c;none)?!?").unwrap());
    let mut runner = TestRunner::deterministic();
    for round in 0..60 {
        let (pool, rule) = input.new_tree(&mut runner).unwrap().current();
        let (mut ids, mut candidates, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        for (n, (halves, tag, fails)) in pool.iter().enumerate() {
            let id = format!("{round}-{n}");
            let load = f64::from(*halves) / 2.0;
            let tag = tag.map(str::to_owned);
            available(state, NewServer { tag: tag.clone(), ..new_server(&id) }, load).await;
            if *fails {
                failed.push(id.clone());
            } else {
                candidates.push(Candidate { id: id.as_str().into(), load, tag });
            }
            ids.push(id);
        }
        let failed: Vec<&str> = failed.iter().map(String::as_str).collect();
        let request = Create::of(&format!("meeting {round}")).rule(TagRule::parse(&rule)).failed(&failed);
        let actual = match request.on(state).await {
            Placement::Created(located) => Ok(located.server.id),
            Placement::NoServer => Err(NoServer::NoneAvailable),
            Placement::TagUnavailable => Err(NoServer::TagUnavailable),
            other => panic!("{other:?}"),
        };
        let expected = choose(&candidates, &TagRule::parse(&rule)).map(|candidate| candidate.id.clone());
        assert_eq!(actual, expected, "{rule} among {candidates:?}");
        for id in ids {
            assert!(state.remove_server(&id.as_str().into()).await.unwrap());
        }
    }
}
