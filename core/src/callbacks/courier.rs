//! Carries one callback to its receiver: with each secret that may be the one they share, until one is taken.

use std::sync::Arc;

use secrecy::SecretString;

use super::DueCallback;
use super::address::Guard;
use super::receiver::{PostError, Receiver, Sender, UrlError, Verdict};
use super::token;
use crate::config::Config;
use crate::state::{LiveState, StateError};

/// The HTTP client that sends callbacks cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("callbacks cannot be sent: {0}")]
pub struct CourierError(#[from] reqwest::Error);

/// What came of one try.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The receiver took it.
    Delivered,
    /// The receiver does not want to know.
    Unwanted,
    /// No try will ever do better.
    Hopeless(Hopeless),
    /// The next try may do better.
    Failed(PostError),
    /// The receiver was not even asked: something else is in the way for now.
    Postponed(Postponed),
}

/// Why a callback will never be delivered.
#[derive(Debug, thiserror::Error)]
pub(super) enum Hopeless {
    #[error(transparent)]
    Url(#[from] UrlError),
    #[error("its tenant is not known any more")]
    NoTenant,
    #[error("there is no secret to sign it with")]
    NoSecret,
    #[error("it cannot be signed: {0}")]
    Signature(#[from] jsonwebtoken::errors::Error),
}

/// What a callback has to wait for.
#[derive(Debug, thiserror::Error)]
pub(super) enum Postponed {
    #[error("many callbacks to this receiver are under way")]
    Busy,
    #[error("the secrets of its tenant cannot be read: {0}")]
    State(#[from] StateError),
}

#[derive(Debug)]
pub(super) struct Courier {
    state: Arc<dyn LiveState>,
    sender: Sender,
    secrets: Vec<SecretString>,
    multitenancy: bool,
    algorithm: jsonwebtoken::Algorithm,
}

impl Courier {
    pub(super) fn new(config: &Config, state: Arc<dyn LiveState>) -> Result<Self, CourierError> {
        let guard = Guard { allow_private: config.callbacks.allow_private };
        Ok(Self {
            state,
            sender: Sender::new(config.backend.timeouts_for(true), guard)?,
            secrets: config.secrets.loadbalancer.clone(),
            multitenancy: config.meetings.multitenancy,
            algorithm: token::algorithm(&config.secrets.accepted),
        })
    }

    pub(super) async fn carry(&self, callback: &DueCallback, receiver: &Receiver) -> Outcome {
        let secrets = match self.secrets_for(callback).await {
            Ok(secrets) => secrets,
            Err(outcome) => return outcome,
        };
        let mut outcome = Outcome::Hopeless(Hopeless::NoSecret);
        for secret in &secrets {
            let form =
                token::recording_ready(&callback.meeting_id, &callback.record_id, secret, self.algorithm);
            let form = match form {
                Ok(form) => form,
                Err(error) => return Outcome::Hopeless(error.into()),
            };
            outcome = match self.sender.post(receiver, form).await {
                Ok(status) => match Verdict::of(status) {
                    Verdict::Taken => return Outcome::Delivered,
                    Verdict::Unwanted => return Outcome::Unwanted,
                    Verdict::NotTaken => Outcome::Failed(PostError::Status(status)),
                },
                // Another secret makes no receiver answer that does not.
                Err(error) => return Outcome::Failed(error),
            };
        }
        outcome
    }

    /// The tenant's secrets as they are now, else the load balancer's.
    async fn secrets_for(&self, callback: &DueCallback) -> Result<Vec<SecretString>, Outcome> {
        let Some(id) = callback.tenant_id.as_deref().filter(|_| self.multitenancy) else {
            return Ok(self.secrets.clone());
        };
        match self.state.tenant(id).await {
            Ok(Some(tenant)) => Ok(tenant.secrets),
            Ok(None) => Err(Outcome::Hopeless(Hopeless::NoTenant)),
            Err(error) => Err(Outcome::Postponed(error.into())),
        }
    }
}
