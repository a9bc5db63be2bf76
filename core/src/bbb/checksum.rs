//! Signatures of API calls: `hex(H(callName + queryString + secret))` (CONTRACT §2).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use subtle::{Choice, ConstantTimeEq};

/// A hash function that may sign calls, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// 40 hexadecimal digits.
    Sha1,
    /// 64 hexadecimal digits.
    Sha256,
    /// 96 hexadecimal digits.
    Sha384,
    /// 128 hexadecimal digits.
    Sha512,
}

/// The name is not one of `SHA1`, `SHA256`, `SHA384`, `SHA512`.
#[derive(Debug, thiserror::Error)]
#[error("not one of SHA1, SHA256, SHA384, SHA512")]
pub struct UnknownAlgorithm;

impl Algorithm {
    /// All of them, weakest first.
    pub const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// The algorithm whose hexadecimal digest has this many digits.
    #[must_use]
    pub fn by_digest_length(digits: usize) -> Option<Self> {
        match digits {
            40 => Some(Self::Sha1),
            64 => Some(Self::Sha256),
            96 => Some(Self::Sha384),
            128 => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The digest of the parts, one after the other, in lower-case hexadecimal digits.
    #[must_use]
    pub fn hex_digest(self, parts: &[&str]) -> String {
        fn digest<D: Digest>(parts: &[&str]) -> String {
            let mut hash = D::new();
            for part in parts {
                hash.update(part);
            }
            hex::encode(hash.finalize())
        }
        match self {
            Self::Sha1 => digest::<Sha1>(parts),
            Self::Sha256 => digest::<Sha256>(parts),
            Self::Sha384 => digest::<Sha384>(parts),
            Self::Sha512 => digest::<Sha512>(parts),
        }
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name).ok_or(UnknownAlgorithm)
    }
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The raw query string without its `checksum=…` pair and one adjoining `&`.
///
/// This is surgery on the string as it was received: decoding and encoding again would give another
/// string than the one the caller signed.
#[must_use]
pub fn without_checksum<'a>(query: &'a str, checksum: &str) -> Cow<'a, str> {
    let pair = format!("checksum={checksum}");
    let finder = memchr::memmem::Finder::new(pair.as_bytes());
    let mut rest = query;
    let mut kept = String::new();
    while let Some(at) = finder.find(rest.as_bytes()) {
        let (before, after) = (&rest[..at], &rest[at + pair.len()..]);
        match before.strip_suffix('&') {
            Some(before) => {
                kept.push_str(before);
                rest = after;
            }
            None => {
                kept.push_str(before);
                rest = after.strip_prefix('&').unwrap_or(after);
            }
        }
    }
    if kept.is_empty() {
        return Cow::Borrowed(rest);
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// Whether `checksum` signs the call with any of the secrets, by an accepted algorithm.
///
/// Every secret is tried and compared in constant time, so the time taken does not tell which one
/// matched or how much of it. An empty secret never matches.
#[must_use]
pub fn verify<'a>(
    call: &str,
    query: &str,
    checksum: &str,
    secrets: impl IntoIterator<Item = &'a SecretString>,
    accepted: &[Algorithm],
) -> bool {
    let Some(algorithm) = Algorithm::by_digest_length(checksum.len()) else { return false };
    if !accepted.contains(&algorithm) {
        return false;
    }
    let signed = without_checksum(query, checksum);
    let mut matched = Choice::from(0);
    for secret in secrets {
        let secret = secret.expose_secret();
        if secret.is_empty() {
            continue;
        }
        let expected = algorithm.hex_digest(&[call, &signed, secret]);
        matched |= expected.as_bytes().ct_eq(checksum.as_bytes());
    }
    matched.into()
}

/// The query string with its `checksum=…` pair appended.
#[must_use]
pub fn signed_query(algorithm: Algorithm, call: &str, query: &str, secret: &SecretString) -> String {
    let checksum = algorithm.hex_digest(&[call, query, secret.expose_secret()]);
    if query.is_empty() { format!("checksum={checksum}") } else { format!("{query}&checksum={checksum}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        text.to_owned().into()
    }

    #[test]
    fn removes_the_pair_wherever_it_stands() {
        assert_eq!(without_checksum("a=1&checksum=ff&b=2", "ff"), "a=1&b=2");
        assert_eq!(without_checksum("checksum=ff&b=2", "ff"), "b=2");
        assert_eq!(without_checksum("a=1&checksum=ff", "ff"), "a=1");
        assert_eq!(without_checksum("checksum=ff", "ff"), "");
        assert_eq!(without_checksum("a=%20+%zz&checksum=ff", "ff"), "a=%20+%zz");
        assert_eq!(without_checksum("a=1", "ff"), "a=1");
        assert_eq!(without_checksum("checksum=ff&a=1&checksum=ff", "ff"), "a=1");
    }

    #[test]
    fn accepts_each_algorithm_and_any_secret() {
        let secrets = [secret("one"), secret("two")];
        for algorithm in Algorithm::ALL {
            let query = signed_query(algorithm, "join", "a=1", &secrets[1]);
            let checksum = query.rsplit('=').next().unwrap();
            assert!(verify("join", &query, checksum, &secrets, &Algorithm::ALL));
            assert!(!verify("end", &query, checksum, &secrets, &Algorithm::ALL));
            assert!(!verify("join", &query, checksum, &secrets[..1], &Algorithm::ALL));
            assert!(!verify("join", &query, checksum, &secrets, &[]));
        }
    }

    #[test]
    fn an_empty_secret_opens_nothing() {
        let empty = [secret("")];
        let query = signed_query(Algorithm::Sha1, "join", "a=1", &empty[0]);
        let checksum = query.rsplit('=').next().unwrap();
        assert!(!verify("join", &query, checksum, &empty, &Algorithm::ALL));
    }

    #[test]
    fn the_documented_example_of_bigbluebutton() {
        // From BigBlueButton's API documentation: create, SHA1.
        let query = "name=Test+Meeting&meetingID=abc123&attendeePW=111222&moderatorPW=333444";
        assert_eq!(
            Algorithm::Sha1.hex_digest(&["create", query, "639259d4-9dd8-4b25-bf01-95f9567eaf4b"]),
            "1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f17"
        );
    }
}
