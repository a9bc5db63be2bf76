//! Bounds on an operator's calls to servers: one time for all of them, and a server that does not answer is not
//! asked again.

use std::cell::RefCell;
use std::collections::HashSet;
use std::time::Duration;

use crate::bbb::client::{Answer, BbbClient, CallError};
use crate::bbb::params::Params;
use crate::pool::server::{Route, ServerId};
use tokio::time::Instant;

/// Why a call gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum BoundedError {
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

/// What these calls have in common.
pub struct Bounds<'a> {
    client: &'a BbbClient,
    deadline: Instant,
    given_up: RefCell<HashSet<&'a ServerId>>,
}

impl<'a> Bounds<'a> {
    /// All calls together take no longer than `limit`, which begins now.
    #[must_use]
    pub fn new(client: &'a BbbClient, limit: Duration) -> Self {
        Self { client, deadline: Instant::now() + limit, given_up: RefCell::default() }
    }

    /// [`BbbClient::get`], within the bounds.
    ///
    /// # Errors
    ///
    /// As there, and the server was not asked at all.
    pub async fn get(&self, server: &'a Route, call: &str, params: &Params) -> Result<Answer, BoundedError> {
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
