//! Carries one callback to its receiver: with each secret that may be the one they share, until one is taken.

use std::sync::Arc;

use bytes::Bytes;
use secrecy::SecretString;

use super::address::Guard;
use super::receiver::{Letter, PostError, Receiver, Sender, UrlError, Verdict};
use super::token;
use super::{DueCallback, Message};
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
    /// The receiver was not even asked: the secrets of the tenant cannot be read now.
    Untried(StateError),
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

    /// Tries once. `body` is what [`Message::Analytics`] leaves in the database.
    pub(super) async fn carry(&self, callback: &DueCallback, receiver: &Receiver, body: &Bytes) -> Outcome {
        if let Message::MeetingEnded { recording_marks } = &callback.message {
            return self.announce_end(callback, receiver, *recording_marks).await;
        }
        let secrets = match self.secrets_for(callback).await {
            Ok(secrets) => secrets,
            Err(outcome) => return outcome,
        };
        let mut outcome = Outcome::Hopeless(Hopeless::NoSecret);
        for secret in &secrets {
            let letter = match self.letter(callback, body, secret) {
                Ok(letter) => letter,
                Err(error) => return Outcome::Hopeless(error.into()),
            };
            outcome = self.send(receiver, letter).await;
            // Only an answer says that another secret may be the right one.
            if !matches!(outcome, Outcome::Failed(PostError::Status(_))) {
                return outcome;
            }
        }
        outcome
    }

    /// As a server does it: by GET, and nothing is signed.
    async fn announce_end(
        &self,
        callback: &DueCallback,
        receiver: &Receiver,
        marks: Option<bool>,
    ) -> Outcome {
        match marks {
            Some(marks) => {
                let marks = if marks { "true" } else { "false" };
                let parameters = [("recordingmarks", marks), ("meetingID", callback.meeting_id.as_str())];
                self.send(&receiver.with(&parameters), Letter::Nothing).await
            }
            None => self.send(receiver, Letter::Nothing).await,
        }
    }

    fn letter(
        &self,
        callback: &DueCallback,
        body: &Bytes,
        secret: &SecretString,
    ) -> Result<Letter, jsonwebtoken::errors::Error> {
        Ok(match &callback.message {
            Message::RecordingReady { record_id } => {
                Letter::Form(token::recording_ready(&callback.meeting_id, record_id, secret, self.algorithm)?)
            }
            Message::Analytics { .. } => {
                Letter::Analytics { token: token::analytics(secret)?, body: body.clone() }
            }
            Message::MeetingEnded { .. } => Letter::Nothing,
        })
    }

    async fn send(&self, receiver: &Receiver, letter: Letter) -> Outcome {
        match self.sender.send(receiver, letter).await {
            Ok(status) => match Verdict::of(status) {
                Verdict::Taken => Outcome::Delivered,
                Verdict::Unwanted => Outcome::Unwanted,
                Verdict::NotTaken => Outcome::Failed(PostError::Status(status)),
            },
            Err(error) => Outcome::Failed(error),
        }
    }

    /// The tenant's secrets as they are now, else the load balancer's.
    async fn secrets_for(&self, callback: &DueCallback) -> Result<Vec<SecretString>, Outcome> {
        let Some(id) = callback.tenant_id.as_deref().filter(|_| self.multitenancy) else {
            return Ok(self.secrets.clone());
        };
        match self.state.tenant(id).await {
            Ok(Some(tenant)) => Ok(tenant.secrets),
            Ok(None) => Err(Outcome::Hopeless(Hopeless::NoTenant)),
            Err(error) => Err(Outcome::Untried(error)),
        }
    }
}

#[cfg(test)]
mod tests;
