//! Bounds on a task's calls to servers: one time for all of them, and a server that does not answer is not
//! asked again.

use std::cell::RefCell;
use std::collections::HashSet;
use std::time::Duration;

use scalelite_core::bbb::client::{Answer, BbbClient, CallError};
use scalelite_core::bbb::params::Params;
use scalelite_core::pool::server::{Route, ServerId};
use tokio::time::Instant;

/// All calls of a task together take no longer.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Why a call gave no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum BoundedError {
    /// By itself.
    #[error(transparent)]
    Call(#[from] CallError),
    /// An earlier call got no answer.
    #[error("its server did not answer before, and was not asked again")]
    GivenUp,
    /// Others took all the time.
    #[error("there was no time left")]
    NoTime,
}

/// What a task's calls have in common.
pub(super) struct Bounds<'a> {
    client: &'a BbbClient,
    deadline: Instant,
    given_up: RefCell<HashSet<&'a ServerId>>,
}

impl<'a> Bounds<'a> {
    /// The time begins now.
    pub(super) fn new(client: &'a BbbClient) -> Self {
        Self { client, deadline: Instant::now() + TIME_LIMIT, given_up: RefCell::default() }
    }

    /// [`BbbClient::get`], within the bounds.
    pub(super) async fn get(
        &self,
        server: &'a Route,
        call: &str,
        params: &Params,
    ) -> Result<Answer, BoundedError> {
        if self.given_up.borrow().contains(&server.id) {
            return Err(BoundedError::GivenUp);
        }
        let answer = tokio::time::timeout_at(self.deadline, self.client.get(server.into(), call, params));
        let answer = answer.await.map_err(|_| BoundedError::NoTime)?;
        if matches!(answer, Err(CallError::NotSent(_) | CallError::TimedOut(_))) {
            self.given_up.borrow_mut().insert(&server.id);
        }
        Ok(answer?)
    }
}
