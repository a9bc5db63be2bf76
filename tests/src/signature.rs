//! Signatures of calls, apart from those of `scalelite-core`, so that the one checks the other.

use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha384, Sha512};

/// The load-balancer secret of every test's installation.
pub const SECRET: &str = "the-secret-of-the-load-balancer";

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// 40 digits.
    Sha1,
    /// 64 digits.
    Sha256,
    /// 96 digits.
    Sha384,
    /// 128 digits.
    Sha512,
}

impl Hash {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// The name in `LOADBALANCER_CHECKSUM_ALGORITHM`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        }
    }
}

/// `hex(H(call + query + secret))`.
#[must_use]
pub fn checksum(hash: Hash, call: &str, query: &str, secret: &str) -> String {
    let text = format!("{call}{query}{secret}");
    match hash {
        Hash::Sha1 => hex::encode(Sha1::digest(text)),
        Hash::Sha256 => hex::encode(Sha256::digest(text)),
        Hash::Sha384 => hex::encode(Sha384::digest(text)),
        Hash::Sha512 => hex::encode(Sha512::digest(text)),
    }
}

/// The path of a call with its signed query.
#[must_use]
pub fn signed_path(hash: Hash, call: &str, query: &str, secret: &str) -> String {
    let checksum = checksum(hash, call, query, secret);
    let separator = if query.is_empty() { "" } else { "&" };
    format!("/bigbluebutton/api/{call}?{query}{separator}checksum={checksum}")
}

/// A SHA-256 of any content, as a name for it.
#[must_use]
pub fn fingerprint(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}
