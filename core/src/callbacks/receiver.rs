//! One callback, sent to its receiver once, and what the answer means.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use url::Url;

use super::address::{Guard, RefusedAddress};
use crate::cause::chain;
use crate::config::Timeouts;
use crate::tls;

/// Why a callback was not delivered by one try. Never shows more of a URL than its host.
#[derive(Debug, thiserror::Error)]
pub(super) enum PostError {
    /// The receiver is one that callbacks must not go to.
    #[error(transparent)]
    Address(#[from] RefusedAddress),
    /// The receiver was not reached, or did not answer in time.
    #[error("{}", chain(.0))]
    Http(reqwest::Error),
    /// The receiver answered that it did not take it.
    #[error("the receiver answered {0}")]
    Status(StatusCode),
    /// The receiver answered so slowly that not all secrets were tried.
    #[error("the receiver did not take it within {0:?}")]
    TooSlow(Duration),
}

impl From<reqwest::Error> for PostError {
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error.without_url())
    }
}

/// What a receiver's answer means (CONTRACT §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It took the callback.
    Taken,
    /// It does not know of the meeting, or not any more: there is nothing to tell.
    Unwanted,
    /// It did not take the callback; perhaps it knows another secret.
    NotTaken,
}

impl Verdict {
    pub(super) fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Self::Unwanted,
            status if status.is_success() => Self::Taken,
            _ => Self::NotTaken,
        }
    }
}

/// A URL that callbacks can be sent to.
#[derive(Debug, Clone)]
pub(super) struct Receiver {
    url: Url,
}

/// The URL is none that callbacks can be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum UrlError {
    /// It is no absolute URL.
    #[error("the URL cannot be read: {0}")]
    Unreadable(#[from] url::ParseError),
    /// It is of another kind.
    #[error("the URL begins neither with http:// nor with https://")]
    Scheme,
}

impl Receiver {
    pub(super) fn new(url: &str) -> Result<Self, UrlError> {
        let url = Url::parse(url.trim())?;
        if matches!(url.scheme(), "http" | "https") { Ok(Self { url }) } else { Err(UrlError::Scheme) }
    }

    /// The same with these parameters more.
    pub(super) fn with(&self, parameters: &[(&str, &str)]) -> Self {
        let mut url = self.url.clone();
        url.query_pairs_mut().extend_pairs(parameters);
        Self { url }
    }

    /// `https://host[:port]`: path and query may hold what is nobody else's business.
    pub(super) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Letter {
    /// Nothing but the URL, by GET.
    Nothing,
    /// A form.
    Form(String),
    /// Learning analytics, and what tells that they are ours.
    Analytics {
        /// A JWT.
        token: String,
        /// They themselves, as JSON.
        body: Bytes,
    },
}

/// What receivers of learning analytics know their senders by.
const ANALYTICS_AGENT: &str = "BigBlueButton Analytics Callback";

/// Sends callbacks.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    client: Client,
    guard: Guard,
}

impl Sender {
    /// A connection takes `timeouts.connect` at most, the answer `timeouts.response` more.
    pub(super) fn new(timeouts: Timeouts, guard: Guard) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .user_agent(concat!("scalelite/", env!("CARGO_PKG_VERSION")))
            .tls_backend_preconfigured(tls::client_config())
            .dns_resolver(Arc::new(guard))
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.connect + timeouts.response)
            // The next callback to the same receiver is not near, and an answer's body is never read.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { client, guard })
    }

    /// Sends it. The answer's body is left unread.
    pub(super) async fn send(&self, receiver: &Receiver, letter: Letter) -> Result<StatusCode, PostError> {
        self.guard.check_literal(&receiver.url)?;
        let url = receiver.url.clone();
        let request = match letter {
            Letter::Nothing => self.client.get(url),
            Letter::Form(form) => {
                self.client.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form)
            }
            Letter::Analytics { token, body } => self
                .client
                .post(url)
                .header(CONTENT_TYPE, "application/json")
                .header(USER_AGENT, ANALYTICS_AGENT)
                .bearer_auth(token)
                .body(body),
        };
        Ok(request.send().await?.status())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_status_means() {
        for status in 100..600 {
            let expected = match status {
                200..300 => Verdict::Taken,
                404 | 410 => Verdict::Unwanted,
                _ => Verdict::NotTaken,
            };
            assert_eq!(Verdict::of(StatusCode::from_u16(status).unwrap()), expected, "{status}");
        }
    }

    #[test]
    fn only_the_origin_is_shown() {
        let receiver = Receiver::new(" https://user:pass@Front.example/path/t0ken?key=s3cret#x ").unwrap();
        assert_eq!(receiver.origin(), "https://front.example");
        assert_eq!(
            Receiver::new("http://front.example:8080/").unwrap().origin(),
            "http://front.example:8080"
        );
    }

    #[test]
    fn parameters_are_added_as_they_are() {
        let with = |url: &str| {
            Receiver::new(url).unwrap().with(&[("recordingmarks", "true"), ("meetingID", "a&b ü")])
        };
        let expected = "recordingmarks=true&meetingID=a%26b+%C3%BC";
        assert_eq!(with("http://f/x").url.as_str(), format!("http://f/x?{expected}"));
        assert_eq!(with("http://f/x?a=%20b#c").url.as_str(), format!("http://f/x?a=%20b&{expected}#c"));
    }

    #[test]
    fn only_http() {
        for url in ["ftp://front.example/", "file:///etc/passwd", "gopher://x/", "javascript:alert(1)"] {
            assert_eq!(Receiver::new(url).unwrap_err(), UrlError::Scheme, "{url}");
        }
        for url in ["", "front.example/x", "/path", "https://", "http://:80/"] {
            assert!(matches!(Receiver::new(url), Err(UrlError::Unreadable(_))), "{url}");
        }
    }
}
