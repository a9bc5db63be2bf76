use scalelite_core::pool::server::{AdminState, Route, Server, Usage};

use super::list::{Column, Show, Totals, chosen};
use super::row::{Rows, host};
use super::sparks::Sparks;

fn server(id: &str, state: AdminState, load: Option<f64>) -> Server {
    Server {
        route: Route {
            id: id.into(),
            url: format!("https://u:p@{id}.example.org/bigbluebutton/api"),
            secret: "geheim".to_owned().into(),
            tag: None,
            state,
            online: load.is_some(),
        },
        load,
        load_multiplier: 1.0,
        usage: Usage { meetings: 1, users: 10, largest_meeting: 10, videos: 2 },
        healthy_counter: 0,
        unhealthy_counter: 0,
        bbb_version: Some("3.0.1".to_owned()),
    }
}

fn pool() -> Vec<Server> {
    vec![
        server("b", AdminState::Enabled, Some(4.0)),
        server("a", AdminState::Cordoned, Some(9.5)),
        server("c", AdminState::Disabled, None),
        server("d", AdminState::Enabled, None),
    ]
}

#[test]
fn listed_as_asked() {
    let servers = pool();
    let ids = |text: &str, show, sort| -> String {
        chosen(&servers, text, show, sort).into_iter().map(|at| servers[at].route.id.as_str()).collect()
    };
    assert_eq!(ids("", Show::All, Column::Name), "abcd");
    assert_eq!(ids("", Show::All, Column::Load), "abcd");
    assert_eq!(ids(" B.Example ", Show::All, Column::Name), "b");
    assert_eq!(ids("3.0", Show::Enabled, Column::Name), "bd");
    assert_eq!(ids("", Show::Offline, Column::Name), "cd");
    assert_eq!(ids("", Show::Cordoned, Column::Users), "a");
    assert_eq!(ids("geheim", Show::All, Column::Name), "", "a secret is not searched");
}

#[test]
fn counted() {
    let totals = Totals::of(&pool());
    assert_eq!((totals.servers, totals.available, totals.cordoned, totals.disabled), (4, 1, 1, 1));
    assert_eq!((totals.offline, totals.meetings, totals.users, totals.load.as_str()), (1, 4, 40, "13.5"));
}

#[test]
fn rows_tell_what_has_changed() {
    let (mut servers, none) = (pool(), Sparks::new());
    let before = Rows::of(&servers, &none).unwrap();
    assert!(Rows::of(&servers, &none).unwrap().changed(&before).unwrap().is_empty());
    servers[1].usage.users = 11;
    let after = Rows::of(&servers, &none).unwrap();
    assert_eq!(after.changed(&before).unwrap().into_keys().collect::<Vec<_>>(), ["a"]);
    assert_ne!(after.digest(), before.digest());
    servers.pop();
    assert!(Rows::of(&servers, &none).unwrap().changed(&after).is_none(), "one is gone");
}

#[test]
fn rows_hold_no_secret_and_nothing_that_runs() {
    let mut hostile = server("x", AdminState::Enabled, Some(1.0));
    hostile.route.id = "\"><script>1</script>".into();
    hostile.route.tag = Some("<img src=x onerror=1>".to_owned());
    hostile.bbb_version = Some("<script>".to_owned());
    let rows = Rows::of(&[hostile], &Sparks::new()).unwrap();
    let html = rows.html("\"><script>1</script>").unwrap();
    assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    assert!(!html.contains("geheim") && !html.contains("u:p@"), "{html}");
}

#[test]
fn hosts() {
    for (url, name) in [
        ("https://u:p@h:1/api", "h:1"),
        ("http://h", "h"),
        ("h/api", "h"),
        ("https:///x", "https:///x"),
        ("", ""),
    ] {
        assert_eq!(host(url), name);
    }
}
