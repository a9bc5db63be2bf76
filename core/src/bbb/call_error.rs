//! Why a call to a server gave no `SUCCESS`, and whether the server may have acted on it.

use std::error::Error;
use std::time::Duration;

use hyper_util::client::legacy;

use super::error::BbbError;
use super::markup::AnswerError;
use crate::cause::chain;

type Cause = Box<dyn Error + Send + Sync>;

/// Why a call gave no `SUCCESS`.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// This machine has run out of something that a connection needs: that says nothing about the
    /// server. The server was not reached.
    #[error("no connection can be made from here: {}", chain(.0.as_ref()))]
    Local(#[source] Cause),
    /// The server was not reached: it cannot have acted on the call.
    #[error("the server was not reached: {}", chain(.0.as_ref()))]
    NotSent(#[source] Cause),
    /// The server's URL cannot be used.
    #[error("the server's URL cannot be used: {0}")]
    Url(#[from] http::uri::InvalidUri),
    /// The server's URL does not begin with `http://` or `https://`.
    #[error("the server's URL does not begin with http:// or https://")]
    RelativeUrl,
    /// The request was (or may have been) sent, but the connection broke before the whole answer came.
    #[error("no answer from the server: {}", chain(.0.as_ref()))]
    NoAnswer(#[source] Cause),
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

impl CallError {
    /// Whether the server cannot have acted on the call.
    #[must_use]
    pub fn not_sent(&self) -> bool {
        matches!(self, Self::Local(_) | Self::NotSent(_) | Self::Url(_) | Self::RelativeUrl)
    }

    pub(super) fn of_request(error: legacy::Error) -> Self {
        if !error.is_connect() {
            Self::NoAnswer(error.into())
        } else if is_local(&error) {
            Self::Local(error.into())
        } else {
            Self::NotSent(error.into())
        }
    }

    pub(super) fn of_body(error: hyper::Error) -> Self {
        Self::NoAnswer(error.into())
    }
}

/// Too many open files here or on the whole machine, no free port, no memory for a socket.
fn is_local(error: &legacy::Error) -> bool {
    const EMFILE: i32 = 24;
    const ENFILE: i32 = 23;
    const ENOMEM: i32 = 12;
    const EADDRNOTAVAIL: i32 = 99;
    const ENOBUFS: i32 = 105;
    std::iter::successors(error.source(), |&error| error.source())
        .filter_map(|error| error.downcast_ref::<std::io::Error>()?.raw_os_error())
        .any(|code| matches!(code, EMFILE | ENFILE | ENOMEM | EADDRNOTAVAIL | ENOBUFS))
}
