//! The management API (CONTRACT §13).

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use scalelite_system_tests::client::{Client, answer};
use scalelite_system_tests::signature::{Hash, SECRET, checksum};
use scalelite_system_tests::site::{Api, Site};
use scalelite_system_tests::store::Mode;
use serde_json::Value;

mod bad_input;
mod document;

mod schema_driven;
mod servers;
mod tenants;

/// An answer: its status and what it says.
#[derive(Debug, PartialEq)]
pub(crate) struct Told(pub(crate) u16, pub(crate) Value);

/// A client of the management API.
pub(crate) struct Manager {
    client: Client,
    secret: String,
}

impl Manager {
    pub(crate) fn new(api: &Api) -> Self {
        Self { client: api.client.clone(), secret: SECRET.to_owned() }
    }

    fn signed(&self, call: &str, query: &str) -> String {
        let checksum = checksum(Hash::Sha256, call, query, &self.secret);
        let separator = if query.is_empty() { "" } else { "&" };
        format!("/scalelite/api/{call}?{query}{separator}checksum={checksum}")
    }

    pub(crate) async fn get(&self, call: &str, query: &str) -> Told {
        self.send(Method::GET, &self.signed(call, query), None).await
    }

    pub(crate) async fn post(&self, call: &str, body: &Value) -> Told {
        self.post_text(call, "", body.to_string()).await
    }

    pub(crate) async fn post_text(&self, call: &str, query: &str, body: String) -> Told {
        self.send(Method::POST, &self.signed(call, query), Some(("application/json", body))).await
    }

    /// Whatever is asked, the answer is JSON, and kept by nobody.
    async fn send(&self, method: Method, path: &str, body: Option<(&str, String)>) -> Told {
        let mut request = self.client.request(method, path);
        if let Some((kind, body)) = body {
            request = request.header(CONTENT_TYPE, kind).body(body);
        }
        let given = answer(request).await;
        assert_eq!(
            given.header("content-type"),
            Some("application/json; charset=utf-8"),
            "{path}: {given:?}"
        );
        assert_eq!(given.header("cache-control"), Some("no-store"), "{path}: {given:?}");
        Told(given.status, serde_json::from_str(&given.body).unwrap_or(Value::Null))
    }
}

/// With tenants.
async fn site(mode: Mode, servers: usize) -> (Site, Api, Manager) {
    let site = Site::start(mode, servers).await;
    let api = site.api_with(&[("MULTITENANCY_ENABLED", "true")]).await;
    let manager = Manager::new(&api);
    (site, api, manager)
}
