//! Several organisations on one installation (CONTRACT §3.4, §14).

use scalelite_core::tenant::{Tenant, TenantSetting};
use scalelite_system_tests::client::Client;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::signature::SECRET;
use scalelite_system_tests::site::{Api, Site};
use scalelite_system_tests::store::Mode;

mod changes;
mod limits;
mod walk;

in_both_modes!(a_tenant_opens_its_own_api_only, a_meeting_belongs_to_its_tenant, settings_of_a_tenant_apply,);

async fn site(mode: Mode) -> (Site, Api) {
    let site = Site::start(mode, 2).await;
    for (name, secrets, settings) in [
        ("acme", vec!["acme-1", "acme-2"], vec![("given", "tenant", false), ("forced", "tenant", true)]),
        ("umbrella", vec!["umbrella"], vec![]),
    ] {
        let setting = |(param, value, overrides)| TenantSetting::new(param, value, overrides);
        let tenant = Tenant {
            id: format!("id-of-{name}"),
            settings: settings.into_iter().map(setting).collect(),
            ..Tenant::new(name, secrets.into_iter().map(|secret| secret.to_owned().into()).collect())
        };
        site.state().add_tenant(&tenant).await.unwrap();
    }
    let api = site
        .api_with(&[
            ("MULTITENANCY_ENABLED", "true"),
            ("URL_HOST", "lb.example.org"),
            ("DEFAULT_CREATE_PARAMS", "given=global,other=global"),
            ("OVERRIDE_CREATE_PARAMS", "forced=global,also=global"),
        ])
        .await;
    (site, api)
}

fn of(api: &Api, tenant: &str, secret: &str) -> Client {
    api.with_host(&format!("{tenant}.lb.example.org")).with_secret(secret)
}

async fn a_tenant_opens_its_own_api_only(mode: Mode) {
    let (site, api) = site(mode).await;
    for secret in ["acme-1", "acme-2"] {
        of(&api, "acme", secret).get("getMeetings", "").await.assert_success();
    }
    let long = "x".repeat(200);
    for (tenant, secret) in [
        ("acme", "umbrella"),
        ("acme", SECRET),
        ("acme", "acme-1:acme-2"),
        ("acme", ""),
        ("unknown", SECRET),
        ("unknown", "acme-1"),
        (&long, "acme-1"),
    ] {
        let refused = of(&api, tenant, secret).call("create", &[("meetingID", "room")]).await;
        refused.assert_failed("checksumError", "You did not pass the checksum security check");
    }
    let elsewhere = api.with_host("acme.evil.example.org").with_secret("acme-1").get("getMeetings", "").await;
    assert_eq!(elsewhere.status, 403);
    assert!((0..2).all(|n| site.sim(n).meeting_count() == 0));
}

async fn a_meeting_belongs_to_its_tenant(mode: Mode) {
    let (site, api) = site(mode).await;
    let (acme, umbrella) = (of(&api, "acme", "acme-1"), of(&api, "umbrella", "umbrella"));
    // Servers take the names of metadata in any case.
    let forged = [("meta_tenant-id", "forged"), ("meta_Tenant-ID", "id-of-umbrella")];
    acme.call("create", &[("meetingID", "room"), forged[0], forged[1]]).await.assert_success();
    umbrella.call("create", &[("meetingID", "own")]).await.assert_success();
    let host = site.host("room");
    let meeting = site.sim(host).meeting("room").unwrap();
    assert_eq!(meeting.metadata["tenant-id"], "id-of-acme");
    assert_eq!(meeting.metadata["tenant-name"], "acme");

    for n in 0..2 {
        site.sim(n).clear_requests();
    }
    let taken = umbrella.call("create", &[("meetingID", "room")]).await;
    taken.assert_xml();
    assert_eq!(
        (taken.text("returncode"), taken.text("messageKey")),
        ("FAILED".into(), "internalError".into())
    );
    for call in ["join", "getMeetingInfo", "end", "sendChatMessage"] {
        let answer = umbrella.call(call, &[("meetingID", "room"), ("fullName", "A"), ("message", "x")]).await;
        assert_eq!(answer.text("messageKey"), "notFound", "{call}");
    }
    let running = umbrella.call("isMeetingRunning", &[("meetingID", "room")]).await;
    assert_eq!(running.assert_success().text("running"), "false");
    let posted = umbrella.post("insertDocument", "meetingID=room", "text/xml", "<modules/>").await;
    assert_eq!(posted.text("messageKey"), "notFound");
    assert!((0..2).all(|n| site.sim(n).requests().is_empty()), "nothing reached the other's meeting");
    assert_eq!(site.meeting("room").await.unwrap().tenant_id.as_deref(), Some("id-of-acme"));

    site.sim(0).add_meeting("nobody's").unwrap();
    for (client, expected) in [(&acme, "room"), (&umbrella, "own")] {
        assert_eq!(client.get("getMeetings", "").await.assert_success().fields("meetingID"), [expected]);
    }
    // Without tenants, those of none are listed.
    let plain = site.api().await;
    assert_eq!(plain.get("getMeetings", "").await.fields("meetingID"), ["nobody's"]);

    acme.call("end", &[("meetingID", "room")]).await.assert_success();
    assert!(!site.sim(host).has_meeting("room"));
    umbrella.call("create", &[("meetingID", "room")]).await.assert_success();
    let host = site.host("room");
    assert_eq!(site.sim(host).meeting("room").unwrap().metadata["tenant-id"], "id-of-umbrella");
}

async fn settings_of_a_tenant_apply(mode: Mode) {
    let (site, api) = site(mode).await;
    site.set_offline(1).await;
    let (acme, umbrella) = (of(&api, "acme", "acme-2"), of(&api, "umbrella", "umbrella"));
    let asked = async |client: &Client, meeting: &str, params: &[(&str, &str)]| {
        let params: Vec<_> = [("meetingID", meeting)].iter().chain(params).copied().collect();
        client.call("create", &params).await.assert_success();
        let request = site.sim(0).requests_for("create").pop().unwrap();
        ["given", "forced", "other", "also"].map(|name| request.param(name).unwrap_or_default())
    };
    assert_eq!(asked(&acme, "1", &[]).await, ["tenant", "tenant", "global", "global"]);
    let request = [("given", "request"), ("forced", "request"), ("other", "request"), ("also", "request")];
    assert_eq!(asked(&acme, "2", &request).await, ["request", "tenant", "request", "global"]);
    assert_eq!(asked(&umbrella, "3", &[]).await, ["global", "global", "global", "global"]);
}
