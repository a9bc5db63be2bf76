//! Signed calls to BigBlueButton servers over kept-alive connections, each with a deadline
//! (CONTRACT §2).

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{self, connect::capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use secrecy::SecretString;

pub use super::call_error::CallError;
use super::checksum::{Algorithm, signed_query};
use super::connect::{self, Connector};
use super::meetings::{self, ListedMeeting};
use super::params::Params;
use super::response;
use crate::config::BackendConfig;
use crate::monitoring;
use crate::pool::server::{Route, ServerId};
use crate::{thread_slot, tls};

/// The most bytes that a server's list of its meetings may have.
const MAX_LIST_BYTES: usize = 8 * 1024 * 1024;
/// The most bytes that any other answer of a server may have.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

const MAX_IDLE_PER_SERVER: usize = 1024;

/// Where a call goes and what signs it.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Which server it is.
    pub id: &'a ServerId,
    /// The server's API URL, with or without a slash at the end.
    pub url: &'a str,
    /// The server's secret.
    pub secret: &'a SecretString,
    /// Whether the server was last known to be online; others get a tenth of the time.
    pub online: bool,
}

impl<'a> From<&'a Route> for Target<'a> {
    fn from(server: &'a Route) -> Self {
        Self { id: &server.id, url: &server.url, secret: &server.secret, online: server.online }
    }
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
    /// A client that signs with `signing` and keeps `slots` (at least 1) pools of connections; a
    /// connection that was idle for `idle` is closed.
    #[must_use]
    pub fn new(config: BackendConfig, signing: Algorithm, slots: usize, idle: Duration) -> Self {
        let tls = tls::client_config();
        let client = |online| build(connect::connector(&tls, config.timeouts_for(online).connect), idle);
        let slot = || Slot { online: client(true), offline: client(false) };
        let slots = std::iter::repeat_with(slot).take(slots.max(1)).collect();
        Self { config, signing, slots }
    }

    /// The signed URL of a call, as a browser or this client would use it.
    #[must_use]
    pub fn signed_url(&self, target: Target<'_>, call: &str, params: &Params) -> String {
        let query = signed_query(self.signing, call, &params.encode(), target.secret);
        format!("{}/{call}?{query}", target.url.trim_end_matches('/'))
    }

    /// A GET call whose answer must be a `SUCCESS`.
    pub async fn get(&self, target: Target<'_>, call: &str, params: &Params) -> Result<Answer, CallError> {
        told(target, async { succeeded(self.exchange(target, call, params, None, MAX_ANSWER_BYTES).await?) })
            .await
    }

    /// A POST call with an XML body; the answer must be a `SUCCESS`.
    pub async fn post_xml(
        &self,
        target: Target<'_>,
        call: &str,
        params: &Params,
        body: Bytes,
    ) -> Result<Answer, CallError> {
        told(target, async {
            succeeded(self.exchange(target, call, params, Some(body), MAX_ANSWER_BYTES).await?)
        })
        .await
    }

    /// A GET call whose answer is not looked at.
    pub async fn fetch(&self, target: Target<'_>, call: &str, params: &Params) -> Result<Answer, CallError> {
        told(target, self.exchange(target, call, params, None, MAX_ANSWER_BYTES)).await
    }

    /// The server's own list of its meetings, and the answer that it stands in.
    pub async fn meetings(&self, target: Target<'_>) -> Result<(Bytes, Vec<ListedMeeting>), CallError> {
        told(target, async {
            let answer =
                self.exchange(target, "getMeetings", &Params::default(), None, MAX_LIST_BYTES).await?;
            let listed = meetings::list(&answer.body)?.map_err(CallError::Failed)?;
            Ok((answer.body, listed))
        })
        .await
    }

    /// One call, once. The connector bounds the time that a connection takes, and the answer's time
    /// begins when there is one.
    async fn exchange(
        &self,
        target: Target<'_>,
        call: &str,
        params: &Params,
        body: Option<Bytes>,
        limit: usize,
    ) -> Result<Answer, CallError> {
        let mut request = request(&self.signed_url(target, call, params), body)?;
        let mut connected = capture_connection(&mut request);
        let exchange = async {
            let response =
                self.client(target.online).request(request).await.map_err(CallError::of_request)?;
            read(response, limit).await
        };
        let mut exchange = std::pin::pin!(exchange);
        tokio::select! {
            biased;
            answered = &mut exchange => return answered,
            _ = connected.wait_for_connection_metadata() => {}
        }
        let most = self.config.timeouts_for(target.online).response;
        tokio::time::timeout(most, exchange).await.unwrap_or(Err(CallError::TimedOut(most)))
    }

    fn client(&self, online: bool) -> &Client {
        let slot = &self.slots[thread_slot::of(self.slots.len())];
        if online { &slot.online } else { &slot.offline }
    }
}

/// A call that is told in the metrics.
async fn told<T>(
    target: Target<'_>,
    call: impl Future<Output = Result<T, CallError>>,
) -> Result<T, CallError> {
    let began = Instant::now();
    let result = call.await;
    monitoring::called(target.id, began.elapsed(), result.as_ref().err());
    result
}

fn succeeded(answer: Answer) -> Result<Answer, CallError> {
    match response::check(&answer.body)? {
        Ok(()) => Ok(answer),
        Err(error) => Err(CallError::Failed(error)),
    }
}

fn request(url: &str, document: Option<Bytes>) -> Result<Request<Full<Bytes>>, CallError> {
    const AGENT: HeaderValue = HeaderValue::from_static(concat!("scalelite/", env!("CARGO_PKG_VERSION")));
    const XML: HeaderValue = HeaderValue::from_static("application/xml");
    let uri: Uri = url.parse()?;
    if uri.scheme().is_none() {
        return Err(CallError::RelativeUrl);
    }
    let mut request = Request::new(Full::default());
    *request.uri_mut() = uri;
    request.headers_mut().insert(USER_AGENT, AGENT);
    if let Some(document) = document {
        *request.method_mut() = Method::POST;
        request.headers_mut().insert(CONTENT_TYPE, XML);
        *request.body_mut() = Full::new(document);
    }
    Ok(request)
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
        let Ok(chunk) = frame.map_err(CallError::of_body)?.into_data() else {
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

fn build(connector: Connector, idle: Duration) -> Client {
    legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(idle)
        .pool_max_idle_per_host(MAX_IDLE_PER_SERVER)
        .build(connector)
}
