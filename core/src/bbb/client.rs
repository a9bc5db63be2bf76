//! Signed calls to BigBlueButton servers over kept-alive connections, each with a deadline
//! (CONTRACT §2).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use secrecy::SecretString;

use super::checksum::{Algorithm, signed_query};
use super::connect::{Connector, ConnectorError, connector};
use super::error::BbbError;
use super::params::Params;
use super::response::{self, AnswerError};
use crate::config::BackendConfig;

/// The most bytes that a server's list of its meetings may have.
const MAX_LIST_BYTES: usize = 8 * 1024 * 1024;
/// The most bytes that any other answer of a server may have.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// Idle connections are closed after this time, before the servers' own nginx does it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_IDLE_PER_SERVER: usize = 1024;

/// Where a call goes and what signs it.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The server's API URL, with or without a slash at the end.
    pub url: &'a str,
    /// The server's secret.
    pub secret: &'a SecretString,
    /// Whether the server was last known to be online; others get a tenth of the time.
    pub online: bool,
}

/// Why a call gave no `SUCCESS`.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The server was not reached: it cannot have acted on the call.
    #[error("the server was not reached: {}", chain(.0))]
    NotSent(#[source] legacy::Error),
    /// The server's URL cannot be used.
    #[error("the server's URL cannot be used: {0}")]
    Url(#[from] http::Error),
    /// The request was (or may have been) sent, but the connection broke before the whole answer came.
    #[error("no answer from the server: {}", chain(.0.as_ref()))]
    NoAnswer(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The request was (or may have been) sent, but the answer did not come in time.
    #[error("no answer from the server within {0:?}")]
    TimedOut(Duration),
    /// The answer is larger than this many bytes.
    #[error("the server's answer is larger than {0} bytes")]
    TooLarge(usize),
    /// The answer is none of a BigBlueButton server.
    #[error(transparent)]
    Unusable(#[from] AnswerError),
    /// The server answered `FAILED`.
    #[error("the server answered {0}")]
    Failed(BbbError),
}

/// The whole body of an answer, and its media type.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The bytes as the server sent them.
    pub body: Bytes,
    /// Its `Content-Type`, if any.
    pub content_type: Option<HeaderValue>,
}

/// Calls BigBlueButton servers.
///
/// It keeps a pool of connections per slot, and each thread uses its own slot, so that with as many
/// slots as API workers a connection is only ever used on the thread whose runtime drives it.
#[derive(Debug)]
pub struct BbbClient {
    config: BackendConfig,
    signing: Algorithm,
    slots: Vec<Slot>,
}

#[derive(Debug)]
struct Slot {
    online: Client,
    offline: Client,
}

type Client = legacy::Client<Connector, Full<Bytes>>;

impl BbbClient {
    /// A client that signs with `signing` and keeps `slots` (at least 1) pools of connections.
    pub fn new(config: BackendConfig, signing: Algorithm, slots: usize) -> Result<Self, ConnectorError> {
        let online = connector(config.timeouts_for(true).connect)?;
        let offline = connector(config.timeouts_for(false).connect)?;
        let slot = || Slot { online: build(online.clone()), offline: build(offline.clone()) };
        let slots = std::iter::repeat_with(slot).take(slots.max(1)).collect();
        Ok(Self { config, signing, slots })
    }

    /// The signed URL of a call, as a browser or this client would use it.
    #[must_use]
    pub fn signed_url(&self, target: Target<'_>, call: &str, params: &Params) -> String {
        let query = signed_query(self.signing, call, &params.encode(), target.secret);
        format!("{}/{call}?{query}", target.url.trim_end_matches('/'))
    }

    /// A GET call whose answer must be a `SUCCESS`.
    pub async fn get(&self, target: Target<'_>, call: &str, params: &Params) -> Result<Answer, CallError> {
        let answer = self.fetch(target, call, params, None).await?;
        succeeded(answer)
    }

    /// A POST call with an XML body; the answer must be a `SUCCESS`.
    pub async fn post_xml(
        &self,
        target: Target<'_>,
        call: &str,
        params: &Params,
        body: Bytes,
    ) -> Result<Answer, CallError> {
        let answer = self.fetch(target, call, params, Some(("application/xml", body))).await?;
        succeeded(answer)
    }

    /// A call whose answer is not looked at: a POST with `body` and its type, or a GET.
    pub async fn fetch(
        &self,
        target: Target<'_>,
        call: &str,
        params: &Params,
        body: Option<(&str, Bytes)>,
    ) -> Result<Answer, CallError> {
        let request = request(self.signed_url(target, call, params), body)?;
        let timeouts = self.config.timeouts_for(target.online);
        let most = timeouts.connect + timeouts.response;
        let exchange = async {
            let response = self.client(target.online).request(request).await.map_err(sort_error)?;
            read(response, if call == "getMeetings" { MAX_LIST_BYTES } else { MAX_ANSWER_BYTES }).await
        };
        tokio::time::timeout(most, exchange).await.unwrap_or(Err(CallError::TimedOut(most)))
    }

    fn client(&self, online: bool) -> &Client {
        let slot = &self.slots[thread_number() % self.slots.len()];
        if online { &slot.online } else { &slot.offline }
    }
}

fn succeeded(answer: Answer) -> Result<Answer, CallError> {
    match response::check(&answer.body)? {
        Ok(()) => Ok(answer),
        Err(error) => Err(CallError::Failed(error)),
    }
}

fn request(url: String, body: Option<(&str, Bytes)>) -> Result<Request<Full<Bytes>>, http::Error> {
    const AGENT: HeaderValue = HeaderValue::from_static(concat!("scalelite/", env!("CARGO_PKG_VERSION")));
    let request = Request::builder().uri(url).header(USER_AGENT, AGENT);
    match body {
        Some((content_type, body)) => {
            request.method(Method::POST).header(CONTENT_TYPE, content_type).body(Full::new(body))
        }
        None => request.body(Full::default()),
    }
}

async fn read(response: Response<hyper::body::Incoming>, limit: usize) -> Result<Answer, CallError> {
    let content_type = response.headers().get(CONTENT_TYPE).cloned();
    let mut body = response.into_body();
    let announced = http_body::Body::size_hint(&body).exact();
    let announced = announced.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if announced.is_some_and(|length| length > limit) {
        return Err(CallError::TooLarge(limit));
    }
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(chunk) = frame.map_err(|error| CallError::NoAnswer(error.into()))?.into_data() else {
            continue;
        };
        if whole.is_empty() && announced == Some(chunk.len()) {
            return Ok(Answer { body: chunk, content_type });
        }
        if whole.len() + chunk.len() > limit {
            return Err(CallError::TooLarge(limit));
        }
        if whole.is_empty() {
            whole.reserve(announced.unwrap_or(chunk.len() * 2));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(Answer { body: whole.freeze(), content_type })
}

fn sort_error(error: legacy::Error) -> CallError {
    if error.is_connect() { CallError::NotSent(error) } else { CallError::NoAnswer(error.into()) }
}

/// An error and what caused it, in one line: the libraries' outermost texts say little.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

fn build(connector: Connector) -> Client {
    legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(MAX_IDLE_PER_SERVER)
        .build(connector)
}

/// A small number of its own for each thread, in the order in which they first ask.
pub(crate) fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    NUMBER.with(|number| *number)
}
