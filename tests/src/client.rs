//! A client that signs its calls.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HOST};
use reqwest::{Method, RequestBuilder};

use crate::answer::Answer;
use crate::signature::{Hash, SECRET, signed_path};

/// Longer than anything may take here.
const LIMIT: Duration = Duration::from_secs(60);

/// A client of one front end.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    hash: Hash,
    secret: String,
    host: Option<String>,
}

impl Client {
    /// A client of the front end at `base`, such as `http://127.0.0.1:3000`, with the usual secret.
    #[must_use]
    pub fn new(base: &str) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(LIMIT)
            .build()
            .expect("a client can be made");
        Self { http, base: base.to_owned(), hash: Hash::Sha256, secret: SECRET.to_owned(), host: None }
    }

    /// The same with another secret.
    #[must_use]
    pub fn with_secret(&self, secret: &str) -> Self {
        Self { secret: secret.to_owned(), ..self.clone() }
    }

    /// The same with another hash function.
    #[must_use]
    pub fn with_hash(&self, hash: Hash) -> Self {
        Self { hash, ..self.clone() }
    }

    /// The same with another `Host`.
    #[must_use]
    pub fn with_host(&self, host: &str) -> Self {
        Self { host: Some(host.to_owned()), ..self.clone() }
    }

    /// Where the front end is.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The path of a call with its signed query; `query` is signed as it is.
    #[must_use]
    pub fn path(&self, call: &str, query: &str) -> String {
        signed_path(self.hash, call, query, &self.secret)
    }

    /// A signed call. `query` is encoded already.
    pub async fn get(&self, call: &str, query: &str) -> Answer {
        self.send(Method::GET, &self.path(call, query)).await
    }

    /// A signed call with the parameters encoded here.
    pub async fn call(&self, call: &str, params: &[(&str, &str)]) -> Answer {
        self.get(call, &encode(params)).await
    }

    /// A signed call by POST, with a body.
    pub async fn post(
        &self,
        call: &str,
        query: &str,
        content_type: &str,
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let request = self.request(Method::POST, &self.path(call, query));
        answer(request.header(CONTENT_TYPE, content_type).body(body)).await
    }

    /// A signed call by POST with a form.
    pub async fn post_form(&self, call: &str, query: &str, form: &[(&str, &str)]) -> Answer {
        self.post(call, query, "application/x-www-form-urlencoded", encode(form)).await
    }

    /// A request for this path and query as they are.
    pub async fn send(&self, method: Method, path: &str) -> Answer {
        answer(self.request(method, path)).await
    }

    /// A request that is not sent yet.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.host {
            Some(host) => request.header(HOST, host),
            None => request,
        }
    }
}

/// Sends it; a test fails if there is no answer.
pub async fn answer(request: RequestBuilder) -> Answer {
    try_answer(request).await.expect("the front end answers")
}

/// Sends it.
///
/// # Errors
///
/// There is no whole answer.
pub async fn try_answer(request: RequestBuilder) -> reqwest::Result<Answer> {
    // A URL may be very long here.
    let response = request.send().await.map_err(reqwest::Error::without_url)?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { status, headers, body: response.text().await.map_err(reqwest::Error::without_url)? })
}

/// The parameters as a query string.
#[must_use]
pub fn encode(params: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish()
}
