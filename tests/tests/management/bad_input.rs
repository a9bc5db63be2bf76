//! What cannot be done is told in JSON, and changes nothing.

use reqwest::Method;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::store::Mode;
use serde_json::{Value, json};

use super::{Told, site};

in_both_modes!(bad_bodies, bad_requests);

async fn bad_bodies(mode: Mode) {
    let (site, _api, manager) = site(mode, 1).await;
    let before = manager.get("getServers", "").await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let url = "https://bbb.example.org/bigbluebutton/api";
    let server = |field: &str, value: Value| {
        let mut server = json!({ "url": url, "secret": "s" });
        server[field] = value;
        json!({ "id": "server-0", "server": server }).to_string()
    };
    for body in [
        "{".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        "\"x\"".to_owned(),
        "{}".to_owned(),
        r#"{"server":null}"#.to_owned(),
        r#"{"server":[]}"#.to_owned(),
        r#"{"server":"x"}"#.to_owned(),
        r#"{"server":{}}"#.to_owned(),
        format!(r#"{{"server":{{"url":"{url}"}}}}"#),
        format!(r#"{{"server":{deep}}}"#),
        server("url", json!("bbb.example.org")),
        server("url", json!("ftp://bbb.example.org/")),
        server("url", json!("http://bbb example.org/")),
        server("url", json!("http://bbb.example.org/api?a=b")),
        server("url", json!(["http://bbb.example.org/api"])),
        server("url", json!(" ")),
        server("secret", json!("")),
        server("secret", json!(5)),
        server("load_multiplier", json!(-1)),
        server("load_multiplier", json!("x")),
        server("load_multiplier", json!([])),
        server("tag", json!(true)),
    ] {
        let Told(status, told) = manager.post_text("addServer", "", body.clone()).await;
        assert!(
            status == 400 && told["error"].is_string(),
            "{}: {status} {told}",
            &body[..body.len().min(99)]
        );
    }
    for (changes, error) in [
        (json!({ "state": "enabled" }), "Invalid state parameter: enabled"),
        (json!({ "load_multiplier": 0 }), "Load-multiplier must be a non-zero number"),
        (json!({ "load_multiplier": "0" }), "Load-multiplier must be a non-zero number"),
        (json!({ "load_multiplier": "x", "state": "cordon" }), "Load-multiplier must be a non-zero number"),
        (json!(null), "param is missing or the value is empty: server"),
    ] {
        let refused = manager.post("updateServer", &json!({ "id": "server-0", "server": changes })).await;
        assert_eq!(refused, Told(400, json!({ "error": error })), "{changes}");
    }
    for (call, body) in [
        ("panicServer", json!({ "id": "server-0", "keep_state": "perhaps" })),
        ("panicServer", json!({ "id": ["server-0"] })),
        ("deleteServer", json!({ "id": 5 })),
        ("updateTenant", json!([])),
        ("addTenant", json!({ "tenant": "acme" })),
        ("addTenantSetting", json!({ "tenant_setting": { "tenant_id": "x", "param": "a" } })),
        ("addTenantSetting", json!({})),
    ] {
        let Told(status, told) = manager.post(call, &body).await;
        assert!(status == 400 && told["error"].is_string(), "{call} {body}: {status} {told}");
    }
    assert_eq!(manager.get("getServers", "").await, before);
    assert!(site.state().tenants().await.unwrap().is_empty());
}

async fn bad_requests(mode: Mode) {
    let (site, _api, manager) = site(mode, 1).await;
    let body = json!({ "id": "server-0" }).to_string();
    for kind in ["application/x-www-form-urlencoded", "text/xml", "application/jsonx", ""] {
        let path = manager.signed("deleteServer", "");
        let Told(status, told) = manager.send(Method::POST, &path, Some((kind, body.clone()))).await;
        let told = (status, told["error"].as_str().unwrap());
        assert_eq!(told, (400, "POST request Content-Type is missing or unsupported"), "{kind}");
    }
    let large = format!(r#"{{"id":"{}"}}"#, "x".repeat(2 << 20));
    assert_eq!(manager.post_text("deleteServer", "", large).await.0, 413);
    assert_eq!(manager.get("getServerInfo", "id=%FF").await.0, 400);
    assert_eq!(manager.get("getServerInfo", &"a=b&".repeat(2000)).await.0, 400);
    for path in ["", "/", "/x", "/getServers/x", "/openapi.yaml", "/%FF"] {
        let path = format!("/scalelite/api{path}");
        for method in [Method::GET, Method::POST, Method::PUT] {
            let told = manager.send(method.clone(), &path, None).await;
            assert_eq!(
                told,
                Told(404, json!({ "error": "This request is not supported." })),
                "{method} {path}"
            );
        }
    }
    for (call, methods) in [
        ("getServers", [Method::POST, Method::HEAD, Method::DELETE]),
        ("deleteServer", [Method::GET, Method::HEAD, Method::PUT]),
        ("openapi.json", [Method::POST, Method::PUT, Method::DELETE]),
    ] {
        for method in methods {
            let told = manager.send(method.clone(), &manager.signed(call, "id=server-0"), None).await;
            assert_eq!(told.0, 405, "{method} {call}");
        }
    }
    assert_eq!(site.state().servers().await.unwrap().len(), 1);
}
