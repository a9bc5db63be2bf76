//! Callbacks carried to receivers that answer as a test says.

use std::time::{Duration, Instant};

use jsonwebtoken::{DecodingKey, Validation};
use scalelite_testbed::receiver::{Answer, Asked, Receiver as Server};
use tempfile::TempDir;

use super::*;
use crate::config::{Config, source};
use crate::state::sqlite::SqliteState;
use crate::tenant::Tenant;

/// A courier of its own, with a live state that has the tenant `t` with the secrets `t1` and `t2`.
async fn courier(more: &[(&str, &str)]) -> (Courier, TempDir) {
    let dir = TempDir::new().unwrap();
    let state = SqliteState::open(&dir.path().join("live.sqlite3")).await.unwrap();
    let secrets = vec!["t1".into(), "t2".into()];
    let tenant = Tenant { id: "t".to_owned(), ..Tenant::new("bank", secrets) };
    state.add_tenant(&tenant).await.unwrap();
    let mut pairs = vec![
        ("LOADBALANCER_SECRET", "one"),
        ("LOADBALANCER_SECRETS", "two:three"),
        ("MULTITENANCY_ENABLED", "true"),
        ("CALLBACK_ALLOW_PRIVATE", "true"),
    ];
    pairs.extend_from_slice(more);
    let config = Config::from_source(&source::from_pairs(&pairs)).unwrap().config;
    (Courier::new(&config, Arc::new(state)).unwrap(), dir)
}

fn callback(url: String, tenant: Option<&str>) -> DueCallback {
    DueCallback {
        id: 1,
        url,
        meeting_id: "Meeting 1/ü".to_owned(),
        message: Message::RecordingReady { record_id: "rec-1".to_owned() },
        tenant_id: tenant.map(str::to_owned),
        failures: 0,
        age: Duration::ZERO,
    }
}

async fn carry(courier: &Courier, callback: &DueCallback) -> Outcome {
    courier.carry(callback, &Receiver::new(&callback.url).unwrap(), &Bytes::from_static(BODY)).await
}

/// Which of these secrets signed the request; it must say what it should.
fn signed_by<'a>(asked: &Asked, secrets: &[&'a str]) -> &'a str {
    assert!(asked.line.starts_with("POST /ready?id=7 HTTP/1.1"), "{}", asked.line);
    let form = "application/x-www-form-urlencoded";
    assert!(asked.headers.iter().any(|line| line.to_lowercase() == format!("content-type: {form}")));
    let token = asked.body.strip_prefix("signed_parameters=").unwrap();
    let algorithm = jsonwebtoken::decode_header(token).unwrap().alg;
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    let fits = |secret: &&str| {
        let key = DecodingKey::from_secret(secret.as_bytes());
        let claims = jsonwebtoken::decode::<serde_json::Value>(token, &key, &validation).ok()?.claims;
        assert_eq!(claims, serde_json::json!({ "meeting_id": "Meeting 1/ü", "record_id": "rec-1" }));
        Some(())
    };
    secrets.iter().find(|secret| fits(secret).is_some()).unwrap()
}

const BODY: &[u8] = b"{\"meeting_id\":\"Meeting 1/\xC3\xBC\"}";
const ALL: [&str; 5] = ["one", "two", "three", "t1", "t2"];

#[tokio::test]
async fn each_secret_until_one_is_taken() {
    let server = Server::start(|before, _| Answer::Status(if before == 1 { 204 } else { 401 }));
    let (courier, _dir) = courier(&[]).await;
    let callback = callback(server.url("/ready?id=7"), None);
    assert!(matches!(carry(&courier, &callback).await, Outcome::Delivered));
    let by: Vec<&str> = server.asked().iter().map(|asked| signed_by(asked, &ALL)).collect();
    assert_eq!(by, ["one", "two"]);
}

#[tokio::test]
async fn none_is_taken() {
    let server = Server::start(|before, _| Answer::Status([500, 401, 403][before]));
    let (courier, _dir) = courier(&[]).await;
    let outcome = carry(&courier, &callback(server.url("/ready?id=7"), None)).await;
    assert!(
        matches!(outcome, Outcome::Failed(PostError::Status(status)) if status.as_u16() == 403),
        "{outcome:?}"
    );
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn gone_and_unknown_end_it() {
    let (courier, _dir) = courier(&[]).await;
    for status in [404, 410] {
        let server = Server::always(status);
        let outcome = carry(&courier, &callback(server.url("/ready?id=7"), None)).await;
        assert!(matches!(outcome, Outcome::Unwanted), "{outcome:?}");
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_tenants_secrets_are_its_own() {
    let server = Server::always(403);
    let callback = |tenant| callback(server.url("/ready?id=7"), tenant);
    let (courier, _dir) = courier(&[]).await;
    carry(&courier, &callback(Some("t"))).await;
    let outcome = carry(&courier, &callback(Some("gone"))).await;
    assert!(matches!(outcome, Outcome::Hopeless(Hopeless::NoTenant)), "{outcome:?}");
    let by: Vec<&str> = server.asked().iter().map(|asked| signed_by(asked, &ALL)).collect();
    assert_eq!(by, ["t1", "t2"]);
}

#[tokio::test]
async fn without_tenants_the_load_balancer_signs() {
    let server = Server::always(200);
    let (courier, _dir) = courier(&[("MULTITENANCY_ENABLED", "false")]).await;
    carry(&courier, &callback(server.url("/ready?id=7"), Some("gone"))).await;
    assert_eq!(signed_by(&server.asked()[0], &ALL), "one");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::always(200);
    let target = elsewhere.url("/");
    let server = Server::start(move |_, _| Answer::Redirect(target.clone()));
    let (courier, _dir) = courier(&[]).await;
    let outcome = carry(&courier, &callback(server.url("/ready?id=7"), None)).await;
    assert!(matches!(outcome, Outcome::Failed(PostError::Status(status)) if status.as_u16() == 307));
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn this_host_is_refused_unless_it_is_allowed() {
    let server = Server::always(200);
    let (courier, _dir) = courier(&[("CALLBACK_ALLOW_PRIVATE", "false")]).await;
    let url = server.url("/ready?t0ken=s3cret");
    for url in [url.clone(), url.replace("127.0.0.1", "localhost"), url.replace("127.0.0.1", "[::1]")] {
        let outcome = carry(&courier, &callback(url, None)).await;
        let Outcome::Failed(error) = outcome else { panic!("{outcome:?}") };
        let told = error.to_string();
        assert!(told.contains("CALLBACK_ALLOW_PRIVATE"), "{told}");
        assert!(!told.contains("s3cret"), "{told}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_receiver_that_hangs_or_is_away_fails_in_time_and_once() {
    let server = Server::start(|_, _| Answer::Hang);
    let (courier, _dir) = courier(&[("CONNECT_TIMEOUT", "0.1"), ("RESPONSE_TIMEOUT", "0.1")]).await;
    let started = Instant::now();
    let outcome = carry(&courier, &callback(server.url("/ready?t0ken=s3cret"), None)).await;
    let Outcome::Failed(error @ PostError::Http(_)) = outcome else { panic!("{outcome:?}") };
    assert!(!error.to_string().contains("s3cret"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(10));
    assert_eq!(server.asked().len(), 1);
    // Its port is free again, or its thread about to end: nobody answers there.
    let url = server.url("/");
    drop(server);
    let outcome = carry(&courier, &callback(url, None)).await;
    assert!(matches!(outcome, Outcome::Failed(PostError::Http(_))), "{outcome:?}");
}

#[tokio::test]
async fn analytics_go_as_json_with_each_secret_until_one_is_taken() {
    let server = Server::start(|before, _| Answer::Status(if before == 1 { 200 } else { 401 }));
    let (courier, _dir) = courier(&[("LOADBALANCER_CHECKSUM_ALGORITHM", "SHA256")]).await;
    let message = Message::Analytics { bytes: BODY.len() };
    let callback = DueCallback { message, ..callback(server.url("/analytics?a=b"), None) };
    assert!(matches!(carry(&courier, &callback).await, Outcome::Delivered));
    let by = server.asked().into_iter().map(|asked| {
        assert_eq!(asked.line, "POST /analytics?a=b HTTP/1.1");
        assert_eq!(asked.body.as_bytes(), BODY);
        let header = |name: &str| {
            let of_name = |line: &&String| line.to_lowercase().starts_with(&format!("{name}: "));
            asked.headers.iter().find(of_name).map(|line| line[name.len() + 2..].to_owned())
        };
        assert_eq!(header("content-type").as_deref(), Some("application/json"));
        assert_eq!(header("user-agent").as_deref(), Some("BigBlueButton Analytics Callback"));
        let token = header("authorization").unwrap().replace("Bearer ", "");
        let validation = Validation::new(jsonwebtoken::Algorithm::HS512);
        let fits = |secret: &&&str| {
            let key = DecodingKey::from_secret(secret.as_bytes());
            let claims = jsonwebtoken::decode::<serde_json::Value>(&token, &key, &validation).ok()?.claims;
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
            let left = claims["exp"].as_u64().unwrap() - now;
            assert!((86_000..=86_400).contains(&left), "{left}");
            Some(())
        };
        ALL.iter().find(|secret| fits(secret).is_some()).copied().unwrap()
    });
    assert_eq!(by.collect::<Vec<_>>(), ["one", "two"]);
}

#[tokio::test]
async fn the_end_of_a_meeting_is_told_as_a_server_tells_it() {
    let server = Server::always(200);
    let (courier, _dir) = courier(&[]).await;
    for (recording_marks, line) in [
        (Some(true), "GET /end?a=b&recordingmarks=true&meetingID=Meeting+1%2F%C3%BC HTTP/1.1"),
        (Some(false), "GET /end?a=b&recordingmarks=false&meetingID=Meeting+1%2F%C3%BC HTTP/1.1"),
        (None, "GET /end?a=b HTTP/1.1"),
    ] {
        let message = Message::MeetingEnded { recording_marks };
        // It is not signed, so no tenant is needed either.
        let callback = DueCallback { message, ..callback(server.url("/end?a=b"), Some("gone")) };
        assert!(matches!(carry(&courier, &callback).await, Outcome::Delivered));
        assert_eq!(server.asked().pop().unwrap().line, line);
    }
}
