//! Servers: the operator's side.

use scalelite_core::pool::server::{AdminState, Usage};
use scalelite_core::state::{NewServer, Recorded, ServerChange};
use secrecy::ExposeSecret;

use crate::given::{self, Create, available, created, is_known, load, new_server, server, set_state};
use crate::store::Store;

pub(crate) async fn added_once_disabled_and_offline(store: &Store) {
    let state = &*store.a;
    state.check().await.unwrap();
    assert!(state.server(&"s".into()).await.unwrap().is_none());
    let new = NewServer { tag: Some("t".to_owned()), load_multiplier: 2.5, ..new_server("s") };
    assert!(state.add_server(&new).await.unwrap());
    assert!(!store.b.add_server(&new_server("s")).await.unwrap());
    let found = server(&*store.b, "s").await;
    assert_eq!(found.route.id.as_str(), "s");
    assert_eq!(found.route.url, new.url);
    assert_eq!(found.route.secret.expose_secret(), new.secret.expose_secret());
    assert_eq!(found.route.tag.as_deref(), Some("t"), "as it was added first");
    assert_eq!((found.route.state, found.route.online), (AdminState::Disabled, false));
    assert_eq!((found.load, found.load_multiplier), (None, 2.5));
    assert_eq!((found.usage, found.bbb_version), (Usage::default(), None));
    assert_eq!((found.healthy_counter, found.unhealthy_counter), (0, 0));
    assert!(state.add_server(&NewServer { tag: Some(String::new()), ..new_server("u") }).await.unwrap());
    assert_eq!(server(state, "u").await.route.tag, None);
}

pub(crate) async fn listed_by_id(store: &Store) {
    let state = &*store.a;
    assert!(state.servers().await.unwrap().is_empty());
    for id in ["c", "a", "B", "é", "b"] {
        state.add_server(&new_server(id)).await.unwrap();
    }
    let ids: Vec<String> =
        state.servers().await.unwrap().into_iter().map(|server| server.route.id.to_string()).collect();
    assert_eq!(ids, ["B", "a", "b", "c", "é"]);
}

pub(crate) async fn changed_in_what_is_named(store: &Store) {
    let state = &*store.a;
    assert!(!state.change_server(&"s".into(), &ServerChange::default()).await.unwrap());
    assert!(state.server(&"s".into()).await.unwrap().is_none());
    available(state, NewServer { tag: Some("t".to_owned()), ..new_server("s") }, 3.0).await;
    available(state, new_server("bystander"), 7.0).await;
    let change = async |change: ServerChange| {
        assert!(state.change_server(&"s".into(), &change).await.unwrap());
        let now = server(&*store.b, "s").await;
        let route = now.route;
        let secret = route.secret.expose_secret().to_owned();
        (route.url, secret, route.tag, now.load_multiplier, route.state)
    };
    let keep = ServerChange::default;
    let (url, secret) = (new_server("s").url, "secret of s".to_owned());
    let t = Some("t".to_owned());
    let enabled = AdminState::Enabled;
    assert_eq!(change(keep()).await, (url, secret.clone(), t.clone(), 1.0, enabled));
    let url = "http://new.example.com/".to_owned();
    let named = ServerChange { url: Some(url.clone()), ..keep() };
    assert_eq!(change(named).await, (url.clone(), secret, t.clone(), 1.0, enabled));
    let secret = "s3cret".to_owned();
    let named = ServerChange { secret: Some(secret.clone().into()), ..keep() };
    assert_eq!(change(named).await, (url.clone(), secret.clone(), t.clone(), 1.0, enabled));
    let named = ServerChange { load_multiplier: Some(0.1), ..keep() };
    assert_eq!(change(named).await, (url.clone(), secret.clone(), t, 0.1, enabled));
    let named = ServerChange { tag: Some(Some("u".to_owned())), ..keep() };
    assert_eq!(change(named).await, (url.clone(), secret.clone(), Some("u".to_owned()), 0.1, enabled));
    for none in [None, Some(String::new())] {
        let named = ServerChange { tag: Some(none), ..keep() };
        assert_eq!(change(named).await, (url.clone(), secret.clone(), None, 0.1, enabled));
    }
    let all = ServerChange {
        url: Some("https://x/".to_owned()),
        secret: Some("y".into()),
        tag: Some(Some("z".to_owned())),
        load_multiplier: Some(2.0),
        state: Some(AdminState::Cordoned),
    };
    let z = Some("z".to_owned());
    assert_eq!(change(all).await, ("https://x/".to_owned(), "y".to_owned(), z, 2.0, AdminState::Cordoned));
    assert_eq!(load(state, "s").await, Some(3.0));
    let other = server(state, "bystander").await;
    assert_eq!((other.route.url, other.load), (new_server("bystander").url, Some(7.0)));
}

pub(crate) async fn states_and_load(store: &Store) {
    use AdminState::{Cordoned, Disabled, Enabled};
    let state = &*store.a;
    available(state, new_server("s"), 5.0).await;
    let mut expected = Some(5.0);
    for wanted in [Enabled, Cordoned, Cordoned, Enabled, Disabled, Disabled, Cordoned, Enabled] {
        set_state(state, "s", wanted).await;
        if wanted == Disabled {
            expected = None;
        }
        let now = server(state, "s").await;
        assert_eq!((now.route.state, now.load), (wanted, expected));
        assert!(now.route.online);
    }
    // Only the next poll tells the load of a server that was disabled.
    assert_eq!(given::polled(state, "s", 2.0).await, Recorded::Done);
    assert_eq!(load(state, "s").await, Some(2.0));
    set_state(state, "s", Disabled).await;
    assert_eq!(given::polled(state, "s", 2.0).await, Recorded::Done);
    assert_eq!(load(state, "s").await, None);
}

pub(crate) async fn removed_with_its_meetings(store: &Store) {
    let state = &*store.a;
    assert!(!state.remove_server(&"a".into()).await.unwrap());
    given::servers(state, &["a", "b"]).await;
    let number = Create::of("m").tenant("t").created_on(state).await.meeting.voice_bridge;
    assert_eq!(created(state, "n").await, "b");
    state.record_version(&"a".into(), "3.0").await.unwrap();
    assert!(state.remove_server(&"a".into()).await.unwrap());
    assert!(!store.b.remove_server(&"a".into()).await.unwrap());
    assert!(state.server(&"a".into()).await.unwrap().is_none());
    assert_eq!(state.servers().await.unwrap().len(), 1);
    assert!(!is_known(state, "m").await);
    let left: Vec<String> = state.meetings().await.unwrap().into_iter().map(|meeting| meeting.id).collect();
    assert_eq!(left, ["n"]);
    let again = Create::of("m").tenant("other").created_on(state).await;
    assert_eq!((again.server.id.as_str(), &again.meeting.voice_bridge), ("b", &number));
    // What was known of it has gone with it.
    state.add_server(&new_server("a")).await.unwrap();
    let new = server(state, "a").await;
    assert_eq!((new.route.online, new.load, new.bbb_version), (false, None, None));
    assert!(given::begin_poll(state, "a").await.load_added.abs() < f64::EPSILON);
}
