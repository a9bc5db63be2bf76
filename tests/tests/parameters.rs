//! What of a `create` and a `join` reaches the server, and what is added (CONTRACT §2, §3).

use bbb_sim::{Fault, Sim};
use scalelite_core::pool::server::AdminState;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::site::{Site, id};
use scalelite_system_tests::store::Mode;

in_both_modes!(
    join_redirects_and_counts,
    join_is_refused_where_nobody_can_go,
    cordoned_servers_keep_what_runs,
);

type Pairs = Vec<(String, String)>;

fn pairs(given: &[(&str, &str)]) -> Pairs {
    given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The parameters of the server's latest `create`.
fn created(sim: &Sim) -> Pairs {
    sim.requests_for("create").pop().expect("a create came").params()
}

/// The parameters of a redirect's target, without the checksum.
fn query_of(location: &str) -> Pairs {
    let url = url::Url::parse(location).unwrap();
    url.query_pairs().filter(|(name, _)| name != "checksum").map(|(a, b)| (a.into(), b.into())).collect()
}

fn browser() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn join_redirects_and_counts(mode: Mode) {
    let site = Site::start(mode, 1).await;
    let api = site.api().await;
    api.call("create", &[("meetingID", "room"), ("moderatorPW", "mp")]).await.assert_success();
    let asked = [
        ("fullName", "Zoë & Co. <+%>"),
        ("meetingID", "room"),
        ("password", "mp"),
        ("userdata-bbb_custom[0]", "a=b&c"),
        ("redirect", "true"),
        ("empty", ""),
    ];
    let joined = api.call("join", &asked).await;
    let location = joined.location();
    assert!(location.starts_with(&format!("{}/join?", site.sim(0).url())), "{location}");
    assert_eq!(query_of(location), pairs(&asked), "all of it, in its order");
    assert_eq!(site.loads().await, [Some(2.0)]);
    // The server itself accepts the signature and lets the user in.
    let entered = browser().get(location).send().await.unwrap();
    assert_eq!(entered.status(), 302);
    assert!(entered.headers()["location"].to_str().unwrap().contains("/html5client/"));
    assert_eq!(site.sim(0).meeting("room").unwrap().moderators, 1);
}

#[tokio::test]
async fn join_applies_the_operators_settings() {
    let site = Site::start(Mode::Embedded, 1).await;
    let api = site
        .api_with(&[
            ("JOIN_EXCLUDE_PARAMS", "userdata-style,password"),
            ("DEFAULT_JOIN_PARAMS", "given=default,missing=a=b,excluded=default"),
            ("OVERRIDE_JOIN_PARAMS", "forced=override,new=override"),
        ])
        .await;
    api.call("create", &[("meetingID", "room")]).await.assert_success();
    let asked = [
        ("meetingID", "room"),
        ("userdata-style", "x"),
        ("given", "request"),
        ("forced", "request"),
        ("fullName", "A"),
        ("role", "VIEWER"),
        ("password", "x"),
    ];
    let joined = api.call("join", &asked).await;
    let mut given = query_of(joined.location());
    let mut expected = pairs(&[
        ("meetingID", "room"),
        ("given", "request"),
        ("forced", "override"),
        ("fullName", "A"),
        ("role", "VIEWER"),
        ("missing", "a=b"),
        ("excluded", "default"),
        ("new", "override"),
    ]);
    assert_eq!(given[..5], expected[..5]);
    given.sort();
    expected.sort();
    assert_eq!(given, expected);
    assert_eq!(browser().get(joined.location()).send().await.unwrap().status(), 302);
}

async fn join_is_refused_where_nobody_can_go(mode: Mode) {
    let site = Site::start(mode, 1).await;
    let api = site.api().await;
    api.call("create", &[("meetingID", "room")]).await.assert_success();
    let join =
        async || api.call("join", &[("meetingID", "room"), ("fullName", "A"), ("role", "VIEWER")]).await;
    let refused = ("serverUnavailable", "The server for this meeting is disabled/offline.");
    site.set_state(0, AdminState::Disabled).await;
    join().await.assert_failed(refused.0, refused.1);
    site.set_state(0, AdminState::Cordoned).await;
    site.set_online(0, 5.0).await;
    join().await.location();
    assert_eq!(site.server(0).await.load, Some(6.0), "counted on a cordoned server too");
    site.set_offline(0).await;
    join().await.assert_failed(refused.0, refused.1);
    site.enable(0).await;
    join().await.assert_failed(refused.0, refused.1);
    site.set_online(0, 5.0).await;
    join().await.location();
}

async fn cordoned_servers_keep_what_runs(mode: Mode) {
    let site = Site::start(mode, 2).await;
    let api = site.api().await;
    site.set_online(1, 50.0).await;
    for room in ["running", "over", "silent"] {
        api.call("create", &[("meetingID", room)]).await.assert_success();
        assert_eq!(site.host(room), 0);
    }
    site.sim(0).add_users("running", 1, 0, 0).unwrap();
    site.set_state(0, AdminState::Cordoned).await;
    api.call("create", &[("meetingID", "running")]).await.assert_success();
    assert_eq!(site.host("running"), 0);
    assert_eq!(site.meeting("running").await.unwrap().server_id, id(0));
    api.call("create", &[("meetingID", "over")]).await.assert_success();
    assert_eq!(site.meeting("over").await.unwrap().server_id, id(1), "placed anew");
    site.sim(0).set_fault_for("isMeetingRunning", Fault::Garbage);
    api.call("create", &[("meetingID", "silent")]).await.assert_success();
    assert_eq!(site.meeting("silent").await.unwrap().server_id, id(1), "no answer is a no");
    assert_eq!(site.server(1).await.load, Some(52.0));
    api.call("create", &[("meetingID", "new")]).await.assert_success();
    assert_eq!(site.host("new"), 1, "no new ones");
}

#[tokio::test]
async fn create_passes_everything_through() {
    let site = Site::start(Mode::Embedded, 1).await;
    let api = site.api().await;
    let query = "name=Z%C3%B6e+%26+Co.&meetingID=a%20room%2F1&attendeePW=ap&moderatorPW=mp\
        &meta_list%5B%5D=1&meta_map[key]=a%3Db&duration=30&welcome=%3Cb%3E100%25%3C%2Fb%3E&empty=&bare\
        &meta_list%5B%5D=2&%C3%B1=%F0%9F%8E%89";
    api.get("create", query).await.assert_success();
    let mut expected = pairs(&[
        ("name", "Zöe & Co."),
        ("meetingID", "a room/1"),
        ("attendeePW", "ap"),
        ("moderatorPW", "mp"),
        ("meta_list[]", "2"),
        ("meta_map[key]", "a=b"),
        ("duration", "30"),
        ("welcome", "<b>100%</b>"),
        ("empty", ""),
        ("bare", ""),
        ("ñ", "🎉"),
    ]);
    let bridge = site.meeting("a room/1").await.unwrap().voice_bridge;
    expected.push(("voiceBridge".to_owned(), bridge));
    assert_eq!(created(site.sim(0)), expected);
    let raw = site.sim(0).requests_for("create").pop().unwrap().query;
    let bytes = raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"&=%+-._*".contains(&byte));
    assert!(bytes, "properly encoded: {raw}");
}

#[tokio::test]
async fn create_applies_the_operators_settings() {
    let site = Site::start(Mode::Embedded, 1).await;
    let api = site
        .api_with(&[
            ("CREATE_EXCLUDE_PARAMS", "logo,welcome"),
            ("DEFAULT_CREATE_PARAMS", "given=default,missing=default"),
            ("OVERRIDE_CREATE_PARAMS", "record=false"),
            ("MAX_MEETING_DURATION", "90"),
        ])
        .await;
    let given = async |duration: Option<&str>| {
        let mut asked = vec![("meetingID", "room"), ("logo", "x"), ("given", "request"), ("record", "true")];
        asked.extend(duration.map(|duration| ("duration", duration)));
        api.call("create", &asked).await;
        created(site.sim(0))
    };
    let value = |params: &Pairs, name: &str| {
        params.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    };
    let params = given(None).await;
    for (name, expected) in
        [("logo", None), ("given", Some("request")), ("missing", Some("default")), ("record", Some("false"))]
    {
        assert_eq!(value(&params, name).as_deref(), expected, "{name}");
    }
    for (asked, expected) in [
        (None, "90"),
        (Some("0"), "90"),
        (Some("91"), "90"),
        (Some("90"), "90"),
        (Some("30"), "30"),
        (Some("-1"), "90"),
    ] {
        assert_eq!(value(&given(asked).await, "duration").as_deref(), Some(expected), "{asked:?}");
    }
}

#[tokio::test]
async fn the_moderators_password_is_made_and_remembered() {
    let site = Site::start(Mode::Embedded, 1).await;
    let api = site.api().await;
    let first = api.call("create", &[("meetingID", "room")]).await;
    let made = first.assert_success().text("moderatorPW");
    assert!(made.len() == 8 && made.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{made}");
    assert_eq!(site.meeting("room").await.unwrap().moderator_pw, made);
    let again = api.call("create", &[("meetingID", "room")]).await;
    assert_eq!(again.assert_success().text("moderatorPW"), made);
    let given = api.call("create", &[("meetingID", "other"), ("moderatorPW", "given")]).await;
    assert_eq!(given.assert_success().text("moderatorPW"), "given");
    assert_eq!(site.meeting("other").await.unwrap().moderator_pw, "given");
}

#[tokio::test]
async fn an_xml_body_is_forwarded_as_it_is() {
    let site = Site::start(Mode::Embedded, 1).await;
    let api = site.api().await;
    let small = "<?xml version='1.0'?>\r\n<modules>\n <module name=\"presentation\">\
        <document url=\"http://a/b?c&amp;d\"/></module><!-- ñ --></modules>\n";
    let large = format!(
        "<modules><module name=\"presentation\"><document name=\"big\">{}</document></module></modules>",
        "QUJD".repeat(150_000)
    );
    for (meeting, body) in [("small", small), ("large", &large)] {
        let query = format!("meetingID={meeting}&name=%C3%B1");
        api.post("create", &query, "text/xml; charset=UTF-8", body.to_owned()).await.assert_success();
        let request = site.sim(0).requests_for("create").pop().unwrap();
        assert_eq!(
            (request.method.as_str(), request.content_type.as_deref()),
            ("POST", Some("application/xml"))
        );
        assert!(request.body == body.as_bytes(), "byte for byte");
        assert_eq!(request.param("name").as_deref(), Some("ñ"));
    }
    assert_eq!(site.sim(0).meeting("large").unwrap().documents, ["big"]);
}
