//! What opens an upload: a JWT (HS512) signed with a server's secret. It names one file, its length and its hash, and is
//! good for nothing else. Pure.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use scalelite_core::pool::server::{Server, ServerId};
use secrecy::ExposeSecret;
use serde::Deserialize;

/// A longer token is none of a server's.
const LONGEST: usize = 4096;
/// A token may not be valid for longer than this from now on, …
const LONGEST_LIFE: Duration = Duration::from_secs(60 * 60);
/// … give or take what clocks differ by.
const LEEWAY: Duration = Duration::from_secs(60);

/// What is to be uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Claims {
    /// The name of the file.
    #[serde(rename = "sub")]
    pub(super) name: String,
    /// In bytes.
    pub(super) length: u64,
    /// In lower-case hexadecimal.
    pub(super) sha256: String,
    /// In seconds since 1970.
    exp: u64,
}

/// What a token opens, and the server that has signed it. Disabled servers may upload what they have recorded before.
pub(super) fn read(token: &str, servers: &[Server], now: SystemTime) -> Option<(Claims, ServerId)> {
    if token.len() > LONGEST {
        return None;
    }
    let mut validation = Validation::new(Algorithm::HS512);
    validation.validate_aud = false;
    validation.leeway = LEEWAY.as_secs();
    let mut known = servers.iter().filter(|server| !server.route.secret.expose_secret().is_empty());
    let (claims, server) = known.find_map(|server| {
        let key = DecodingKey::from_secret(server.route.secret.expose_secret().as_bytes());
        let token = jsonwebtoken::decode::<Claims>(token, &key, &validation).ok()?;
        Some((token.claims, server.route.id.clone()))
    })?;
    let latest = (now + LONGEST_LIFE + LEEWAY).duration_since(UNIX_EPOCH).ok()?.as_secs();
    let is_hash = claims.sha256.len() == 64
        && claims.sha256.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    (claims.exp <= latest && is_hash).then_some((claims, server))
}
