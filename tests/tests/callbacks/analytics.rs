//! Learning analytics: from the server through us to the front end.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use reqwest::Method;
use scalelite_core::tenant::Tenant;
use scalelite_system_tests::answer::Answer;
use scalelite_system_tests::client::{Client, answer};
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::signature::SECRET;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::eventually;
use scalelite_testbed::receiver::{self, Receiver};
use serde_json::{Value, json};

use super::{Place, SOON};

in_both_modes!(passed_on_with_a_customer, each_tenants_go_to_itself);

const ENDPOINT: &str = "/bigbluebutton/api/analytics_callback";

fn token(secret: &str, algorithm: Algorithm, expires_in: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({ "exp": i64::try_from(now).unwrap() + expires_in });
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(algorithm), &claims, &key).unwrap()
}

/// What a server signs its analytics with.
pub(super) fn server_token(secret: &str) -> String {
    token(secret, Algorithm::HS512, 60)
}

async fn send(client: &Client, token: Option<&str>, body: impl Into<reqwest::Body>) -> Answer {
    let request =
        client.request(Method::POST, ENDPOINT).header("Content-Type", "application/json").body(body);
    answer(match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    })
    .await
}

/// What was received; it must be signed with this secret.
fn received(asked: &receiver::Asked, secret: &str) -> Value {
    let header = asked.headers.iter().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("authorization").then(|| value.to_owned())
    });
    let token = header.expect("it is signed").replace("Bearer ", "");
    let key = DecodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::decode::<Value>(&token, &key, &Validation::new(Algorithm::HS512))
        .expect("signed with the secret");
    serde_json::from_str(&asked.body).expect("it is JSON")
}

async fn passed_on_with_a_customer(mode: Mode) {
    let place = Place::start(mode, 2, &[("RECORDING_DISABLED", "true")]).await;
    let api = place.library.api().await;
    let receiver = Receiver::start(|before, _| receiver::Answer::Status(if before == 0 { 500 } else { 200 }));
    let url = receiver.url("/analytics?a=b");
    api.call("create", &[("meetingID", "room"), ("meta_Analytics-Callback-URL", &url)])
        .await
        .assert_success();
    let host = place.library.site.host("room");
    let sent = place.library.site.sim(host).requests_for("create")[0].params();
    let here = format!("{}{ENDPOINT}", api.base());
    assert!(sent.contains(&("meta_Analytics-Callback-URL".to_owned(), here)), "{sent:?}");

    let secret = place.library.site.sim(1).secret().to_owned();
    let good = token(&secret, Algorithm::HS512, 60);
    let body = json!({ "version": "1.0", "meeting_id": "room", "data": { "attendees": ["Ä", 1.5] } });
    for wrong in [
        None,
        Some(""),
        Some("x.y.z"),
        Some(&*token(SECRET, Algorithm::HS512, 60)),
        Some(&*token("", Algorithm::HS512, 60)),
        Some(&*token(&secret, Algorithm::HS256, 60)),
        Some(&*token(&secret, Algorithm::HS512, -3600)),
    ] {
        assert_eq!(send(&api, wrong, body.to_string()).await.status, 401, "{wrong:?}");
    }
    for (wrong, status) in [("", 400), ("{}", 400), ("[]", 400), ("{\"meeting_id\":\"room\"", 400)] {
        assert_eq!(send(&api, Some(&good), wrong).await.status, status, "{wrong}");
    }
    let large = format!("{{\"meeting_id\":\"room\",\"x\":\"{}\"}}", "y".repeat(17 << 20));
    assert_eq!(send(&api, Some(&good), large).await.status, 413);
    let unknown = json!({ "meeting_id": "nobody's" });
    assert_eq!(send(&api, Some(&good), unknown.to_string()).await.status, 204);
    assert_eq!(send(&api, Some(&good), body.to_string()).await.status, 204);

    let _poller = place.poller().await;
    eventually("they are delivered", SOON, async || (receiver.asked().len() >= 2).then_some(())).await;
    eventually("nothing is left", SOON, async || {
        place.library.catalog.take_callbacks(9, Duration::ZERO).await.unwrap().is_empty().then_some(())
    })
    .await;
    let asked = receiver.asked();
    assert_eq!(asked.len(), 2, "once in vain, once with success");
    assert_eq!(asked[1].line, "POST /analytics?a=b HTTP/1.1");
    let mut expected = body;
    expected["customer"] = "scalelite".into();
    assert_eq!(received(&asked[1], SECRET), expected);
}

async fn each_tenants_go_to_itself(mode: Mode) {
    let changes = [("MULTITENANCY_ENABLED", "true"), ("URL_HOST", "lb.example.org")];
    let place = Place::start(mode, 1, &changes).await;
    let site = &place.library.site;
    for name in ["acme", "umbrella"] {
        let secrets = vec![format!("secret of {name}").into()];
        let tenant = Tenant { id: format!("id-of-{name}"), ..Tenant::new(name, secrets) };
        site.state().add_tenant(&tenant).await.unwrap();
    }
    let api = place.library.api().await;
    let of = |name: &str| {
        api.with_host(&format!("{name}.lb.example.org")).with_secret(&format!("secret of {name}"))
    };
    let receivers = [Receiver::always(200), Receiver::always(200)];
    for (name, receiver) in ["acme", "umbrella"].iter().zip(&receivers) {
        let url = receiver.url(&format!("/{name}"));
        let create = [("meetingID", "room"), ("meta_analytics-callback-url", url.as_str())];
        of(name).call("create", &create).await.assert_success();
        let sent = site.sim(0).requests_for("create").pop().unwrap();
        let own = format!("https://{name}.lb.example.org{ENDPOINT}");
        assert_eq!(sent.param("meta_analytics-callback-url"), Some(own));
        if *name == "acme" {
            // Another tenant's create does not reach the meeting, nor what is remembered for it.
            let refused = of("umbrella")
                .call("create", &[("meetingID", "room"), ("meta_analytics-callback-url", "http://x/")])
                .await;
            assert_eq!(refused.text("messageKey"), "internalError");
            let remembered = place.library.catalog.callbacks_of("room", Some("id-of-acme")).await.unwrap();
            assert_eq!(remembered.unwrap().analytics_callback_url.as_deref(), Some(url.as_str()));
            of("acme").call("end", &[("meetingID", "room")]).await.assert_success();
        }
    }
    let good = token(site.sim(0).secret(), Algorithm::HS512, 60);
    for host in ["unknown.lb.example.org", "lb.example.org"] {
        assert_eq!(send(&api.with_host(host), Some(&good), "{\"meeting_id\":\"room\"}").await.status, 401);
    }
    // A tenant's own secret makes nobody a server.
    let forged = token("secret of acme", Algorithm::HS512, 60);
    assert_eq!(send(&of("acme"), Some(&forged), "{\"meeting_id\":\"room\"}").await.status, 401);
    let _poller = place.poller().await;
    for (name, receiver) in ["acme", "umbrella"].iter().zip(&receivers) {
        let body = json!({ "meeting_id": "room", "of": name, "customer": "forged" });
        assert_eq!(send(&of(name), Some(&good), body.to_string()).await.status, 204);
        eventually("they are delivered", SOON, async || (!receiver.asked().is_empty()).then_some(())).await;
    }
    for (name, receiver) in ["acme", "umbrella"].iter().zip(&receivers) {
        let asked = receiver.asked();
        assert_eq!(asked.len(), 1);
        let body = received(&asked[0], &format!("secret of {name}"));
        assert_eq!(body, json!({ "meeting_id": "room", "of": name, "customer": name }));
    }
}
