//! Signed calls to BigBlueButton servers over kept-alive connections, each with a deadline
//! (CONTRACT §2).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use secrecy::SecretString;

use super::checksum::{Algorithm, signed_query};
use super::error::BbbError;
use super::params::Params;
use super::response::{self, AnswerError};
use crate::config::BackendConfig;

/// The most bytes that one answer of a server may have.
pub const MAX_ANSWER_BYTES: usize = 32 * 1024 * 1024;

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
    #[error("the server was not reached: {0}")]
    NotSent(#[source] reqwest::Error),
    /// The request was (or may have been) sent, but no whole answer came in time.
    #[error("no answer from the server: {0}")]
    NoAnswer(#[source] reqwest::Error),
    /// The answer is larger than [`MAX_ANSWER_BYTES`].
    #[error("the server's answer is larger than {MAX_ANSWER_BYTES} bytes")]
    TooLarge,
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
    online: reqwest::Client,
    offline: reqwest::Client,
}

/// The TLS library or the system's certificates cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up: {0}")]
pub struct ClientSetupError(#[source] reqwest::Error);

impl BbbClient {
    /// A client that signs with `signing` and keeps `slots` (at least 1) pools of connections.
    pub fn new(config: BackendConfig, signing: Algorithm, slots: usize) -> Result<Self, ClientSetupError> {
        let slots = (0..slots.max(1))
            .map(|_| {
                // Made now, so that a mistake shows at the start and not on the first call.
                let online = build(config.timeouts_for(true).connect)?;
                let offline = build(config.timeouts_for(false).connect)?;
                Ok(Slot { online, offline })
            })
            .collect::<Result<_, ClientSetupError>>()?;
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
        let url = self.signed_url(target, call, params);
        let timeouts = self.config.timeouts_for(target.online);
        let client = self.client(target.online);
        let request = match body {
            Some((content_type, body)) => client.post(url).header(CONTENT_TYPE, content_type).body(body),
            None => client.get(url),
        };
        let response =
            request.timeout(timeouts.connect + timeouts.response).send().await.map_err(sort_error)?;
        read(response).await
    }

    fn client(&self, online: bool) -> &reqwest::Client {
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

async fn read(mut response: reqwest::Response) -> Result<Answer, CallError> {
    let content_type = response.headers().get(CONTENT_TYPE).cloned();
    let announced = response.content_length().and_then(|n| usize::try_from(n).ok());
    if announced.is_some_and(|length| length > MAX_ANSWER_BYTES) {
        return Err(CallError::TooLarge);
    }
    let Some(first) = response.chunk().await.map_err(sort_error)? else {
        return Ok(Answer { body: Bytes::new(), content_type });
    };
    if announced == Some(first.len()) {
        return Ok(Answer { body: first, content_type });
    }
    let mut body = BytesMut::with_capacity(announced.unwrap_or(first.len() * 2));
    body.extend_from_slice(&first);
    while let Some(chunk) = response.chunk().await.map_err(sort_error)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(CallError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { body: body.freeze(), content_type })
}

fn sort_error(error: reqwest::Error) -> CallError {
    // The URL holds the checksum and users' names: it does not belong in logs.
    let error = error.without_url();
    if error.is_connect() || error.is_builder() {
        CallError::NotSent(error)
    } else {
        CallError::NoAnswer(error)
    }
}

fn build(connect_timeout: Duration) -> Result<reqwest::Client, ClientSetupError> {
    reqwest::Client::builder()
        .user_agent(concat!("scalelite/", env!("CARGO_PKG_VERSION")))
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(MAX_IDLE_PER_SERVER)
        .tcp_nodelay(true)
        .build()
        .map_err(ClientSetupError)
}

/// A small number of its own for each thread, in the order in which they first ask.
pub(crate) fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    NUMBER.with(|number| *number)
}
