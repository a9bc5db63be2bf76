//! One token of an OpenID provider (Keycloak), for a user's password.

use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::cause::chain;
use crate::tenant::Lrs;
use crate::tls;

/// A longer answer is none.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Why there is no token. Never shows a URL or a secret.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The tenant has no `kc_token_url`.
    #[error("the tenant has neither an lrs_username nor a kc_token_url")]
    NoUrl,
    /// The provider was not reached, or its answer broke off.
    #[error("no token for the learning record store: {}", chain(.0))]
    Http(reqwest::Error),
    /// The provider refused.
    #[error("no token for the learning record store: the provider answered {0}")]
    Status(StatusCode),
    /// The provider's answer holds no token.
    #[error("no token for the learning record store: the provider's answer holds none")]
    Answer,
    /// The provider did not answer in time.
    #[error("no token for the learning record store: no answer within {0:?}")]
    Late(Duration),
    /// The provider failed a moment ago.
    #[error("no token for the learning record store: the provider failed a moment ago")]
    Resting,
}

impl From<reqwest::Error> for TokenError {
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error.without_url())
    }
}

/// A token, and how long it is valid from when it was asked for.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) token: SecretString,
    /// None where the provider does not say.
    pub(super) life: Option<Duration>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default)]
    expires_in: Option<f64>,
}

/// The client that asks for tokens.
pub(super) fn client(patience: Duration) -> Result<Client, reqwest::Error> {
    Client::builder()
        .user_agent(concat!("scalelite/", env!("CARGO_PKG_VERSION")))
        .tls_backend_preconfigured(tls::client_config())
        .redirect(Policy::none())
        .no_proxy()
        .timeout(patience)
        // It is asked for one token in a while, from any thread.
        .pool_max_idle_per_host(0)
        .build()
}

/// Asks for a token.
pub(super) async fn ask(client: &Client, lrs: &Lrs) -> Result<Token, TokenError> {
    let url = lrs.kc_token_url.as_deref().filter(|url| !url.is_empty()).ok_or(TokenError::NoUrl)?;
    let secret = |value: &Option<SecretString>| {
        value.as_ref().map(|value| value.expose_secret().to_owned()).unwrap_or_default()
    };
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "password")
        .append_pair("client_id", lrs.kc_client_id.as_deref().unwrap_or_default())
        .append_pair("client_secret", &secret(&lrs.kc_client_secret))
        .append_pair("username", lrs.kc_username.as_deref().unwrap_or_default())
        .append_pair("password", &secret(&lrs.kc_password))
        .finish();
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    let mut response = client.post(url).header(CONTENT_TYPE, kind).body(form).send().await?;
    if response.status() != StatusCode::OK {
        return Err(TokenError::Status(response.status()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_ANSWER {
            return Err(TokenError::Answer);
        }
    }
    let answer: Answer = serde_json::from_slice(&body).map_err(|_| TokenError::Answer)?;
    if answer.access_token.is_empty() {
        return Err(TokenError::Answer);
    }
    let life = answer.expires_in.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    Ok(Token { token: answer.access_token.into(), life })
}
