//! How a server gets to a tenant's learning record store: `meta_secret-lrs-payload` of a `create` (CONTRACT §7).

mod sealed;
mod token;
mod tokens;

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::tenant::Lrs;

pub use sealed::SealError;
pub use token::TokenError;
pub use tokens::Tokens;

/// No `create` waits longer for a token.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why there is no payload.
#[derive(Debug, thiserror::Error)]
pub enum LrsError {
    /// There is no token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// It cannot be encrypted.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// What the server is told.
#[derive(Serialize)]
struct Payload<'a> {
    lrs_endpoint: &'a str,
    #[serde(flatten)]
    credentials: Credentials<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Credentials<'a> {
    Basic { lrs_username: &'a str, lrs_password: &'a str },
    Token { lrs_token: &'a str },
}

/// The payload for a server with this secret; none for a tenant without a learning record store. Takes no longer
/// than about two seconds.
///
/// # Errors
///
/// There is no token, or the payload cannot be encrypted. A meeting does without then.
pub async fn payload(
    tokens: &Tokens,
    lrs: &Lrs,
    server_secret: &SecretString,
) -> Result<Option<String>, LrsError> {
    let Some(endpoint) = lrs.endpoint.as_deref().filter(|endpoint| !endpoint.is_empty()) else {
        return Ok(None);
    };
    let (token, password);
    let credentials = match lrs.username.as_deref().filter(|name| !name.is_empty()) {
        Some(lrs_username) => {
            password = lrs.password.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default();
            Credentials::Basic { lrs_username, lrs_password: password }
        }
        None => {
            token = tokens.token(lrs, PATIENCE).await?;
            Credentials::Token { lrs_token: token.expose_secret() }
        }
    };
    let payload = Payload { lrs_endpoint: endpoint, credentials };
    // Texts are always written.
    let json = serde_json::to_vec(&payload).unwrap_or_default();
    Ok(Some(sealed::seal(json, server_secret.clone()).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lrs() -> Lrs {
        Lrs {
            endpoint: Some("https://lrs.example.org/xapi?a=b".to_owned()),
            username: Some("user \"1\"".to_owned()),
            password: Some("pässword".into()),
            ..Lrs::default()
        }
    }

    #[tokio::test]
    async fn a_users_password() {
        let (tokens, secret) = (Tokens::new().unwrap(), "s3cret".into());
        let sealed = payload(&tokens, &lrs(), &secret).await.unwrap().unwrap();
        let opened = sealed::tests::open_with_openssl(&sealed, "s3cret");
        let expected = r#"{"lrs_endpoint":"https://lrs.example.org/xapi?a=b","lrs_username":"user \"1\"","lrs_password":"pässword"}"#;
        assert_eq!(opened, expected);
        let again = payload(&tokens, &lrs(), &secret).await.unwrap().unwrap();
        assert_ne!(again, sealed, "each has a salt of its own");
    }

    #[tokio::test]
    async fn without_an_endpoint_there_is_none() {
        let (tokens, secret) = (Tokens::new().unwrap(), "s3cret".into());
        for endpoint in [None, Some(String::new())] {
            let lrs = Lrs { endpoint, ..lrs() };
            assert!(payload(&tokens, &lrs, &secret).await.unwrap().is_none());
        }
        let no_credentials = Lrs { username: None, ..lrs() };
        assert!(matches!(payload(&tokens, &no_credentials, &secret).await, Err(LrsError::Token(_))));
    }
}
