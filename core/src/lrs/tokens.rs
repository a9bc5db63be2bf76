//! Tokens, kept until they expire. Meetings of one tenant share one, and ask for it once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use reqwest::Client;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use super::token::{self, TokenError};
use crate::tenant::Lrs;

/// A provider that failed is left alone for so long: else each `create` would wait for it.
const REST: Duration = Duration::from_secs(15);
/// A token is not used any more in the last tenth of its life, which is no longer than this.
const LONGEST_MARGIN: Duration = Duration::from_secs(30);
/// A token of which it is not known how long it is valid is kept for so long.
const LIFE_NOT_TOLD: Duration = Duration::from_secs(60);
/// No token is kept longer.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// Tokens that are kept at the same time.
const CAPACITY: usize = 10_000;

/// Tokens by what they were got with: a tenant whose credentials change gets another one.
pub struct Tokens {
    client: Client,
    kept: Mutex<HashMap<Key, Arc<tokio::sync::Mutex<Kept>>>>,
}

type Key = [u8; 32];

#[derive(Default)]
enum Kept {
    #[default]
    Nothing,
    Token(SecretString, Instant),
    /// Until then nobody asks.
    Failed(Instant),
}

impl Tokens {
    /// Has none yet.
    ///
    /// # Errors
    ///
    /// The HTTP client cannot be made.
    pub fn new() -> Result<Self, reqwest::Error> {
        Ok(Self { client: token::client(super::PATIENCE)?, kept: Mutex::default() })
    }

    /// A token that is valid now, within `patience`.
    pub(super) async fn token(&self, lrs: &Lrs, patience: Duration) -> Result<SecretString, TokenError> {
        let place = self.place(key(lrs));
        // Whoever comes while another one asks waits for its answer.
        let got = timeout(patience, async {
            let mut kept = place.lock().await;
            let now = Instant::now();
            match &*kept {
                Kept::Token(token, until) if now < *until => return Ok(token.clone()),
                Kept::Failed(until) if now < *until => return Err(TokenError::Resting),
                _ => {}
            }
            // Should nobody wait for the answer any more, it has failed.
            *kept = Kept::Failed(now + REST);
            let got = token::ask(&self.client, lrs).await?;
            *kept = Kept::Token(got.token.clone(), now + usable(got.life));
            Ok(got.token)
        });
        got.await.unwrap_or(Err(TokenError::Late(patience)))
    }

    fn place(&self, key: Key) -> Arc<tokio::sync::Mutex<Kept>> {
        let mut kept = self.kept.lock();
        if kept.len() >= CAPACITY && !kept.contains_key(&key) {
            // Those that are in use stay.
            kept.retain(|_, place| Arc::strong_count(place) > 1);
        }
        Arc::clone(kept.entry(key).or_default())
    }
}

/// How long a token that is valid for `life` is used.
fn usable(life: Option<Duration>) -> Duration {
    let life = life.unwrap_or(LIFE_NOT_TOLD).min(LONGEST_LIFE);
    life.saturating_sub((life / 10).min(LONGEST_MARGIN))
}

fn key(lrs: &Lrs) -> Key {
    let mut hash = Sha256::new();
    for value in lrs.values() {
        let value = value.unwrap_or_default();
        hash.update(value.len().to_le_bytes());
        hash.update(value);
    }
    hash.finalize().into()
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("kept", &self.kept.lock().len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use scalelite_testbed::receiver::{Answer, Receiver};
    use secrecy::ExposeSecret;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    fn lrs(url: &str, user: &str) -> Lrs {
        Lrs {
            endpoint: Some("https://lrs/".to_owned()),
            kc_token_url: Some(url.to_owned()),
            kc_client_id: Some("client & co".to_owned()),
            kc_client_secret: Some("client-s3cret".into()),
            kc_username: Some(user.to_owned()),
            kc_password: Some("pass=wörd".into()),
            ..Lrs::default()
        }
    }

    /// Gives a new token each time, valid for so many seconds.
    fn provider(expires_in: &str) -> Receiver {
        let expires_in = expires_in.to_owned();
        Receiver::start(move |before, _| {
            Answer::Json(format!(
                "{{\"access_token\":\"token-{before}\"{expires_in},\"token_type\":\"Bearer\"}}"
            ))
        })
    }

    async fn get(tokens: &Tokens, lrs: &Lrs) -> String {
        tokens.token(lrs, PATIENCE).await.unwrap().expose_secret().to_owned()
    }

    #[tokio::test]
    async fn asked_for_as_a_users_password_grant_and_kept() {
        let provider = provider(",\"expires_in\":300");
        let tokens = Tokens::new().unwrap();
        let lrs = lrs(&provider.url("/realms/x/token"), "user");
        let got = join_all((0..20).map(|_| get(&tokens, &lrs))).await;
        assert!(got.iter().all(|token| token == "token-0"), "{got:?}");
        let asked = provider.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].line, "POST /realms/x/token HTTP/1.1");
        assert_eq!(
            asked[0].body,
            "grant_type=password&client_id=client+%26+co&client_secret=client-s3cret&username=user&password=pass%3Dw%C3%B6rd"
        );
        let other = Lrs { kc_password: Some("changed".into()), ..lrs };
        assert_eq!(get(&tokens, &other).await, "token-1");
    }

    #[tokio::test]
    async fn a_token_that_has_expired_is_not_used() {
        let provider = provider(",\"expires_in\":0");
        let tokens = Tokens::new().unwrap();
        let lrs = lrs(&provider.url("/"), "user");
        assert_eq!(get(&tokens, &lrs).await, "token-0");
        assert_eq!(get(&tokens, &lrs).await, "token-1");
    }

    #[test]
    fn used_until_shortly_before_its_end() {
        let seconds = Duration::from_secs;
        assert_eq!(usable(Some(seconds(60))), seconds(54));
        assert_eq!(usable(Some(seconds(3600))), seconds(3570));
        assert_eq!(usable(Some(Duration::MAX)), LONGEST_LIFE - LONGEST_MARGIN);
        assert_eq!(usable(None), seconds(54));
        assert_eq!(usable(Some(Duration::ZERO)), Duration::ZERO);
    }

    #[tokio::test]
    async fn a_provider_that_fails_is_left_alone_for_a_while() {
        for answer in [
            Answer::Status(500),
            Answer::Status(401),
            Answer::Status(200),
            Answer::Json("{}".to_owned()),
            Answer::Json("{\"access_token\":\"\"}".to_owned()),
            Answer::Json("x".repeat(100_000)),
            Answer::Redirect("/elsewhere".to_owned()),
        ] {
            let told = answer.clone();
            let provider = Receiver::start(move |_, _| told.clone());
            let tokens = Tokens::new().unwrap();
            let lrs = lrs(&provider.url("/?key=s3cret"), "user");
            let error = tokens.token(&lrs, PATIENCE).await.unwrap_err();
            assert!(!error.to_string().contains("s3cret"), "{error}");
            let error = tokens.token(&lrs, PATIENCE).await.unwrap_err();
            assert!(matches!(error, TokenError::Resting), "{error}");
            assert_eq!(provider.asked().len(), 1, "{answer:?}");
        }
    }

    #[tokio::test]
    async fn a_provider_that_hangs_delays_nobody_for_long() {
        let provider = Receiver::start(|_, _| Answer::Hang);
        let tokens = Tokens::new().unwrap();
        let lrs = lrs(&provider.url("/"), "user");
        let started = Instant::now();
        let waited = join_all((0..10).map(|_| tokens.token(&lrs, Duration::from_millis(300)))).await;
        assert!(waited.iter().all(Result::is_err));
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        let error = tokens.token(&lrs, PATIENCE).await.unwrap_err();
        assert!(matches!(error, TokenError::Resting), "{error}");
        assert_eq!(provider.asked().len(), 1);
    }

    #[tokio::test]
    async fn without_a_url_nobody_is_asked() {
        let tokens = Tokens::new().unwrap();
        for url in ["", "not a url"] {
            assert!(tokens.token(&lrs(url, "user"), PATIENCE).await.is_err());
        }
    }
}
