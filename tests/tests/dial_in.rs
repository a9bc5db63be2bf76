//! Dial-in: what FreeSWITCH is told (CONTRACT §5, §14).

use reqwest::Method;
use scalelite_core::tenant::Tenant;
use scalelite_system_tests::answer::Answer;
use scalelite_system_tests::client::{Client, answer, encode};
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::signature::SECRET;
use scalelite_system_tests::site::Site;
use scalelite_system_tests::store::Mode;

in_both_modes!(a_caller_gets_into_a_meeting, a_tenants_host_leads_to_its_meetings_only);

const BAD_PIN: &str = "<action application=\"playback\" data=\"conference/conf-bad-pin.wav\"/>";

/// Asks as FreeSWITCH does.
async fn ask(client: &Client, password: Option<&str>, form: &[(&str, &str)]) -> Answer {
    let request = client.request(Method::POST, "/fsapi");
    let request = request.header("Content-Type", "application/x-www-form-urlencoded").body(encode(form));
    answer(match password {
        Some(password) => request.basic_auth("fsapi", Some(password)),
        None => request,
    })
    .await
}

/// Calls 5551234 and enters a number.
async fn call(client: &Client, pin: &str) -> Answer {
    let form = [
        ("section", "dialplan"),
        ("Caller-Destination-Number", "5551234"),
        ("Caller-Caller-ID-Name", "4930123456"),
        ("variable_pin", pin),
    ];
    let told = ask(client, Some(SECRET), &form).await;
    assert_eq!(told.status, 200, "{told:?}");
    told
}

async fn number_of(site: &Site, meeting: &str) -> String {
    site.meeting(meeting).await.expect("the meeting is known").voice_bridge
}

async fn a_caller_gets_into_a_meeting(mode: Mode) {
    let site = Site::start(mode, 1).await;
    let api = site.api_with(&[("FSAPI_MAX_DURATION", "90"), ("VOICE_BRIDGE_MAX", "10")]).await;
    api.call("create", &[("meetingID", "room & co")]).await.assert_success();
    let number = number_of(&site, "room & co").await;

    let prompt =
        ask(&api, Some(SECRET), &[("section", "dialplan"), ("Caller-Destination-Number", "5551234")]).await;
    assert_eq!(prompt.status, 200);
    assert!(prompt.body.contains("expression=\"^5551234$\""), "{prompt:?}");
    assert!(prompt.body.contains("data=\"+5400 normal_clearing\""), "{prompt:?}");
    assert!(prompt.body.contains("data=\"5 10 3 7000 # "), "{prompt:?}");
    assert!(prompt.body.contains("data=\"${pin} XML public\""), "{prompt:?}");

    let bridged = call(&api, &number).await;
    assert!(bridged.body.contains(&format!("data=\"sofia/external/{number}@127.0.0.1\"")), "{bridged:?}");
    assert!(bridged.body.contains("data=\"meeting_id=room &amp; co\""), "{bridged:?}");
    assert!(bridged.body.contains("data=\"effective_caller_id_name=493012XXXX\""), "{bridged:?}");
    // A breakout room has its meeting's number and one digit more.
    let breakout = call(&api, &format!("{number}3")).await;
    assert!(breakout.body.contains(&format!("sofia/external/{number}3@127.0.0.1")), "{breakout:?}");
    for pin in
        [format!("{number}34"), "00000".to_owned(), format!("{number}@evil.example.org"), "*".to_owned()]
    {
        let again = call(&api, &pin).await;
        assert!(again.body.contains(BAD_PIN) && !again.body.contains("sofia"), "{pin}: {again:?}");
    }
    api.call("end", &[("meetingID", "room & co")]).await.assert_success();
    assert!(call(&api, &number).await.body.contains(BAD_PIN));

    let directory =
        ask(&api, Some(SECRET), &[("section", "directory"), ("Caller-Destination-Number", "1")]).await;
    assert!(directory.body.contains("<result status=\"not found\"/>"), "{directory:?}");
    for password in [None, Some(""), Some("wrong")] {
        let refused = ask(&api, password, &[("section", "dialplan")]).await;
        assert_eq!(refused.status, 401);
        assert!(refused.headers["www-authenticate"].to_str().unwrap().starts_with("Basic realm="));
    }
    let other = site.api_with(&[("FSAPI_PASSWORD", "for calls only")]).await;
    assert_eq!(ask(&other, Some("for calls only"), &[]).await.status, 200);
    assert_eq!(ask(&other, Some(SECRET), &[]).await.status, 401);
    assert_eq!(api.send(Method::GET, "/fsapi").await.text("messageKey"), "unsupportedRequest");
}

async fn a_tenants_host_leads_to_its_meetings_only(mode: Mode) {
    let site = Site::start(mode, 1).await;
    for name in ["acme", "umbrella"] {
        let secrets = vec![name.into()];
        let tenant = Tenant { id: format!("id-of-{name}"), ..Tenant::new(name, secrets) };
        site.state().add_tenant(&tenant).await.unwrap();
    }
    let api = site.api_with(&[("MULTITENANCY_ENABLED", "true"), ("URL_HOST", "lb.example.org")]).await;
    let of = |host: &str| api.with_host(host);
    let acme = of("acme.lb.example.org");
    acme.with_secret("acme").call("create", &[("meetingID", "room")]).await.assert_success();
    let number = number_of(&site, "room").await;
    for (host, joins) in [
        ("acme.lb.example.org", true),
        ("lb.example.org", true),
        ("LB.example.org:443", true),
        ("umbrella.lb.example.org", false),
    ] {
        let told = call(&of(host), &number).await;
        assert_eq!(told.body.contains("sofia/external"), joins, "{host}: {told:?}");
        assert_eq!(told.body.contains(BAD_PIN), !joins, "{host}: {told:?}");
    }
    let unknown = call(&of("unknown.lb.example.org"), &number).await;
    assert!(unknown.body.contains("status=\"not found\""), "{unknown:?}");
    // A tenant's own secret is no password here.
    let form = [("section", "dialplan"), ("Caller-Destination-Number", "1"), ("variable_pin", &number)];
    assert_eq!(ask(&acme, Some("acme"), &form).await.status, 401);
}
