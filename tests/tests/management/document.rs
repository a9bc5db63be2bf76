//! The OpenAPI document says what is there.

use reqwest::Method;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::store::Mode;
use serde_json::Value;

use super::{Told, site};

in_both_modes!(the_document_and_the_routes);

/// All calls (CONTRACT §13).
const CALLS: [(&str, &str); 15] = [
    ("get", "getServers"),
    ("get", "getServerInfo"),
    ("post", "addServer"),
    ("post", "updateServer"),
    ("post", "deleteServer"),
    ("post", "panicServer"),
    ("get", "getTenants"),
    ("get", "getTenantInfo"),
    ("post", "addTenant"),
    ("post", "updateTenant"),
    ("post", "deleteTenant"),
    ("get", "getTenantSettings"),
    ("post", "addTenantSetting"),
    ("post", "deleteTenantSetting"),
    ("get", "openapi.json"),
];

async fn the_document_and_the_routes(mode: Mode) {
    let (_site, _api, manager) = site(mode, 0).await;
    let Told(200, document) = manager.send(Method::GET, "/scalelite/api/openapi.json", None).await else {
        panic!("it is open to all")
    };
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    let mut described: Vec<(String, String)> = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let call = path.strip_prefix('/').unwrap().to_owned();
        described.extend(methods.as_object().unwrap().keys().map(|method| (method.clone(), call.clone())));
    }
    described.sort();
    let mut calls = CALLS.map(|(method, call)| (method.to_owned(), call.to_owned()));
    calls.sort();
    assert_eq!(described, calls);

    for (method, call) in CALLS {
        for (other, there) in [("get", Method::GET), ("post", Method::POST)] {
            let Told(status, told) = manager.send(there, &format!("/scalelite/api/{call}"), None).await;
            let expected = match (method == other, call) {
                (true, "openapi.json") => 200,
                (true, _) => 401,
                (false, _) => 405,
            };
            assert_eq!(status, expected, "{other} {call}: {told}");
        }
    }
    references_lead_somewhere(&document, &document);
}

fn references_lead_somewhere(document: &Value, part: &Value) {
    match part {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                let target = document.pointer(reference.strip_prefix('#').unwrap());
                assert!(target.is_some(), "{reference} leads nowhere");
            }
            fields.values().for_each(|part| references_lead_somewhere(document, part));
        }
        Value::Array(parts) => parts.iter().for_each(|part| references_lead_somewhere(document, part)),
        _ => {}
    }
}
