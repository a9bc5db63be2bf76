//! A tenant's learning record store: servers get to it with what a `create` brings, encrypted.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use scalelite_core::tenant::{Lrs, Tenant};
use scalelite_system_tests::client::Client;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::site::{Api, Site};
use scalelite_system_tests::store::Mode;
use scalelite_testbed::receiver::{Answer, Receiver};
use serde_json::{Value, json};

in_both_modes!(a_users_password, a_token_of_a_provider, a_provider_that_is_down_fails_nothing);

const PARAMETER: &str = "meta_secret-lrs-payload";

/// A site with the tenant `acme`, which has this store.
async fn site(mode: Mode, lrs: Lrs) -> (Site, Api, Client) {
    let site = Site::start(mode, 1).await;
    let tenant = Tenant { lrs, ..Tenant::new("acme", vec!["acme".into()]) };
    site.state().add_tenant(&tenant).await.unwrap();
    let api = site.api_with(&[("MULTITENANCY_ENABLED", "true"), ("URL_HOST", "lb.example.org")]).await;
    let acme = api.with_host("acme.lb.example.org").with_secret("acme");
    (site, api, acme)
}

fn oidc(url: String) -> Lrs {
    Lrs {
        endpoint: Some("https://lrs.example.org/".to_owned()),
        kc_token_url: Some(url),
        kc_client_id: Some("client".to_owned()),
        kc_client_secret: Some("client secret".into()),
        kc_username: Some("user".to_owned()),
        kc_password: Some("password".into()),
        ..Lrs::default()
    }
}

/// What the server got with its latest `create`, decrypted by `openssl` with the server's secret.
fn opened(site: &Site) -> Option<Value> {
    let sealed = site.sim(0).requests_for("create").last().unwrap().param(PARAMETER)?;
    let mut sealed = BASE64_STANDARD.decode(sealed).expect("it is Base64");
    sealed[..8].copy_from_slice(b"Salted__");
    let secret = format!("pass:{}", site.sim(0).secret());
    let mut openssl = Command::new("openssl")
        .args(["enc", "-d", "-aes-256-cbc", "-pbkdf2", "-iter", "10000", "-md", "sha256", "-pass", &secret])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("openssl is installed");
    openssl.stdin.take().unwrap().write_all(&sealed).unwrap();
    let told = openssl.wait_with_output().unwrap();
    assert!(told.status.success());
    Some(serde_json::from_slice(&told.stdout).expect("it is JSON"))
}

async fn create(client: &Client, meeting: &str) {
    client.call("create", &[("meetingID", meeting), (PARAMETER, "forged")]).await.assert_success();
}

async fn a_users_password(mode: Mode) {
    let lrs = Lrs {
        endpoint: Some("https://lrs.example.org/".to_owned()),
        username: Some("user".to_owned()),
        password: Some("pässword".into()),
        ..Lrs::default()
    };
    let (site, _api, acme) = site(mode, lrs).await;
    create(&acme, "room").await;
    let expected = json!({
        "lrs_endpoint": "https://lrs.example.org/", "lrs_username": "user", "lrs_password": "pässword",
    });
    assert_eq!(opened(&site), Some(expected));
}

async fn a_token_of_a_provider(mode: Mode) {
    let provider = Receiver::start(|before, _| {
        Answer::Json(json!({ "access_token": format!("token {before}"), "expires_in": 300 }).to_string())
    });
    let (site, _api, acme) = site(mode, oidc(provider.url("/token"))).await;
    let expected = json!({ "lrs_endpoint": "https://lrs.example.org/", "lrs_token": "token 0" });
    for meeting in ["a", "b", "a"] {
        create(&acme, meeting).await;
        assert_eq!(opened(&site).as_ref(), Some(&expected));
    }
    assert!(provider.asked()[0].body.contains("client_secret=client+secret"));
    assert_eq!(provider.asked().len(), 1, "it is kept");
}

async fn a_provider_that_is_down_fails_nothing(mode: Mode) {
    let provider = Receiver::start(|_, _| Answer::Hang);
    let (site, _api, acme) = site(mode, oidc(provider.url("/token"))).await;
    for meeting in ["a", "b", "c", "d"] {
        let started = Instant::now();
        acme.call("create", &[("meetingID", meeting)]).await.assert_success();
        assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
        assert_eq!(site.sim(0).requests_for("create").last().unwrap().param(PARAMETER), None);
    }
    assert_eq!(provider.asked().len(), 1, "it is left alone then");
}
