//! What the meetings of a tenant may be at most.

use futures_util::future::join_all;
use scalelite_core::tenant::{Tenant, TenantSetting};
use scalelite_system_tests::client::Client;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::site::Site;
use scalelite_system_tests::store::Mode;

in_both_modes!(most_meetings_at_once, participants_and_duration_are_clamped, only_its_server_tags);

const TENANTS: [(&str, &str); 1] = [("MULTITENANCY_ENABLED", "true")];

/// A tenant with these limits, whose secret is its name.
async fn tenant(site: &Site, name: &str, limits: &[(&str, &str)]) {
    let settings =
        limits.iter().map(|(limit, value)| TenantSetting::new(&format!("limit:{limit}"), value, true));
    let secrets = vec![name.to_owned().into()];
    let tenant = Tenant { settings: settings.collect(), ..Tenant::new(name, secrets) };
    site.state().add_tenant(&tenant).await.unwrap();
}

fn of(api: &Client, tenant: &str) -> Client {
    api.with_host(&format!("{tenant}.lb.example.org")).with_secret(tenant)
}

async fn create(client: &Client, meeting: &str) -> String {
    let answer = client.call("create", &[("meetingID", meeting)]).await;
    answer.assert_xml();
    if answer.is_success() { "SUCCESS".to_owned() } else { answer.text("messageKey") }
}

async fn most_meetings_at_once(mode: Mode) {
    let site = Site::start(mode, 2).await;
    tenant(&site, "small", &[("maxMeetings", "7")]).await;
    tenant(&site, "free", &[]).await;
    tenant(&site, "closed", &[("maxMeetings", "0")]).await;
    let (one, other) = (site.api_with(&TENANTS).await, site.api_with(&TENANTS).await);
    let creating = (0..30).map(|n| {
        let client = of(if n % 2 == 0 { &one } else { &other }, "small");
        async move { create(&client, &format!("small-{n}")).await }
    });
    let told = join_all(creating).await;
    let count = |what: &str| told.iter().filter(|told| *told == what).count();
    assert_eq!((count("SUCCESS"), count("maxMeetings")), (7, 23), "{told:?}");
    assert_eq!(site.sim(0).meeting_count() + site.sim(1).meeting_count(), 7);

    let small = of(&one, "small");
    let refused = small.call("create", &[("meetingID", "more")]).await;
    refused.assert_failed("maxMeetings", "This tenant may have 7 meetings at once, and has them.");
    let closed = of(&one, "closed").call("create", &[("meetingID", "any")]).await;
    closed.assert_failed("maxMeetings", "This tenant may have no meetings.");
    assert_eq!(create(&of(&one, "free"), "free").await, "SUCCESS");
    let known = told.iter().position(|told| told == "SUCCESS").unwrap();
    assert_eq!(create(&small, &format!("small-{known}")).await, "SUCCESS", "a known meeting is none more");
    small.call("end", &[("meetingID", &format!("small-{known}"))]).await.assert_success();
    assert_eq!(create(&small, "more").await, "SUCCESS");
    assert_eq!(create(&small, "most").await, "maxMeetings");
}

async fn participants_and_duration_are_clamped(mode: Mode) {
    let site = Site::start(mode, 1).await;
    tenant(&site, "small", &[("maxParticipants", "25"), ("maxDuration", "60"), ("maxMeetings", "100")]).await;
    tenant(&site, "free", &[]).await;
    let api = site.api_with(&TENANTS).await;
    let asked = async |tenant: &str, id: &str, participants: &str, duration: &str| {
        let params = [("meetingID", id), ("maxParticipants", participants), ("duration", duration)];
        of(&api, tenant).call("create", &params).await.assert_success();
        let request = site.sim(0).requests_for("create").pop().unwrap();
        assert!(!request.query.contains("limit"), "{}", request.query);
        ["maxParticipants", "duration"].map(|name| request.param(name).unwrap())
    };
    assert_eq!(asked("small", "1", "5", "30").await, ["5", "30"]);
    assert_eq!(asked("small", "2", "26", "61").await, ["25", "60"]);
    assert_eq!(asked("small", "3", "0", "0").await, ["25", "60"]);
    assert_eq!(asked("free", "4", "26", "61").await, ["26", "61"]);
    let join = of(&api, "small").call("join", &[("meetingID", "1"), ("fullName", "A")]).await;
    assert!(!join.location().contains("limit"), "{}", join.location());
}

async fn only_its_server_tags(mode: Mode) {
    let site = Site::start(mode, 3).await;
    site.set_tag(1, "a").await;
    site.set_tag(2, "b").await;
    tenant(&site, "tagged", &[("serverTags", "a")]).await;
    tenant(&site, "mixed", &[("serverTags", "b;none")]).await;
    let api = site.api_with(&TENANTS).await;
    let placed = async |tenant: &str, id: &str, tag: &str| {
        let params = [("meetingID", id), ("meta_server-tag", tag)];
        let answer = of(&api, tenant).call("create", &params).await;
        if answer.is_success() { Ok(site.host(id)) } else { Err(answer.text("messageKey")) }
    };
    let refused = Err("serverTagNotAllowed".to_owned());
    for (n, tag, expected) in [
        (1, "", Ok(1)),
        (2, "b", Ok(1)),
        (3, "a!", Ok(1)),
        (4, "b!", refused.clone()),
        (5, "none!", refused.clone()),
    ] {
        assert_eq!(placed("tagged", &format!("tagged {n}"), tag).await, expected, "{tag}");
    }
    for (n, tag, expected) in
        [(1, "", Ok(0)), (2, "b", Ok(2)), (3, "a", Ok(0)), (4, "a;b!", Ok(2)), (5, "a!", refused)]
    {
        assert_eq!(placed("mixed", &format!("mixed {n}"), tag).await, expected, "{tag}");
    }
    // A meeting that is there is found, whatever the limits have become.
    assert_eq!(placed("mixed", "mixed 1", "a!").await, Ok(0));
    site.set_offline(1).await;
    assert_eq!(placed("tagged", "tagged 6", "").await, Err("internalError".to_owned()), "never elsewhere");
}
