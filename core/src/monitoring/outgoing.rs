//! Calls to servers.

use std::time::Duration;

use super::{OUTGOING_CALLS, OUTGOING_SECONDS, servers};
use crate::bbb::client::CallError;
use crate::pool::server::ServerId;

/// A call to a server has ended.
pub(crate) fn called(server: &ServerId, took: Duration, failure: Option<&CallError>) {
    let (server, result) = (servers::label(server), failure.map_or("success", result));
    metrics::counter!(OUTGOING_CALLS, "server" => server.clone(), "result" => result).increment(1);
    metrics::histogram!(OUTGOING_SECONDS, "server" => server).record(took);
}

fn result(error: &CallError) -> &'static str {
    match error {
        CallError::Failed(_) => "failed",
        CallError::TimedOut(_) => "timeout",
        CallError::NotSent(_) | CallError::Url(_) | CallError::RelativeUrl => "unreachable",
        CallError::NoAnswer(_) | CallError::TooLarge(_) | CallError::Unusable(_) => "broken",
        CallError::Local(_) => "local",
    }
}
