//! The checksum of a call, as BigBlueButton computes it.

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// A hash function a checksum may be made with; BBB tells it by the checksum's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Algorithm {
    /// Every algorithm BBB knows.
    pub const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    fn of_length(hex_digits: usize) -> Option<Self> {
        match hex_digits {
            40 => Some(Self::Sha1),
            64 => Some(Self::Sha256),
            96 => Some(Self::Sha384),
            128 => Some(Self::Sha512),
            _ => None,
        }
    }
}

/// The checksum of `call` with `query` (raw, without a `checksum` parameter), in lower-case hexadecimal.
pub fn sign(algorithm: Algorithm, call: &str, query: &str, secret: &str) -> String {
    let mut buffer = [0; 128];
    digest(algorithm, &[call, query, secret], &mut buffer).to_owned()
}

/// Whether the `checksum` inside `query` fits `call`, the rest of the query, and `secret`.
pub(crate) fn verify(call: &str, query: &str, secret: &str, accepted: &[Algorithm]) -> bool {
    let Some((given, before, after)) = cut(query) else { return false };
    matches(given, &[call, before, after, secret], accepted)
}

/// Whether `given` is the checksum of `call` and a whole query that does not contain it.
pub(crate) fn verify_detached(
    given: &str,
    call: &str,
    query: &str,
    secret: &str,
    accepted: &[Algorithm],
) -> bool {
    matches(given, &[call, query, secret], accepted)
}

fn matches(given: &str, parts: &[&str], accepted: &[Algorithm]) -> bool {
    let Some(algorithm) = Algorithm::of_length(given.len()) else { return false };
    let mut buffer = [0; 128];
    // No secret is worth a timing attack here.
    accepted.contains(&algorithm) && digest(algorithm, parts, &mut buffer) == given
}

/// The checksum's value, and what stands before and after its pair once one adjoining `&` is gone.
fn cut(query: &str) -> Option<(&str, &str, &str)> {
    const NAME: &str = "checksum=";
    let start = if query.starts_with(NAME) { 0 } else { query.find("&checksum=")? + 1 };
    let value = start + NAME.len();
    let end = query[value..].find('&').map_or(query.len(), |at| value + at);
    let (before, after) = match start {
        0 => ("", query[end..].strip_prefix('&').unwrap_or("")),
        _ => (&query[..start - 1], &query[end..]),
    };
    Some((&query[value..end], before, after))
}

fn digest<'a>(algorithm: Algorithm, parts: &[&str], buffer: &'a mut [u8; 128]) -> &'a str {
    fn hash<'a, D: Digest>(parts: &[&str], buffer: &'a mut [u8; 128]) -> &'a str {
        let mut hasher = D::new();
        for part in parts {
            hasher.update(part.as_bytes());
        }
        let raw = hasher.finalize();
        let hex = &mut buffer[..raw.len() * 2];
        match hex::encode_to_slice(&raw, hex) {
            Ok(()) => std::str::from_utf8(hex).unwrap_or_default(),
            Err(_) => "",
        }
    }
    match algorithm {
        Algorithm::Sha1 => hash::<Sha1>(parts, buffer),
        Algorithm::Sha256 => hash::<Sha256>(parts, buffer),
        Algorithm::Sha384 => hash::<Sha384>(parts, buffer),
        Algorithm::Sha512 => hash::<Sha512>(parts, buffer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCS_SECRET: &str = "639259d4-9dd8-4b25-bf01-95f9567eaf4b";
    const DOCS_QUERY: &str = "name=Test+Meeting&meetingID=abc123&attendeePW=111222&moderatorPW=333444";

    #[test]
    fn the_example_of_the_bbb_documentation() {
        let sum = sign(Algorithm::Sha1, "create", DOCS_QUERY, DOCS_SECRET);
        assert_eq!(sum, "1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f17");
    }

    #[test]
    fn the_checksum_may_stand_anywhere() {
        for algorithm in Algorithm::ALL {
            let sum = sign(algorithm, "end", "a=1&b=2", "s");
            for query in [
                format!("checksum={sum}&a=1&b=2"),
                format!("a=1&checksum={sum}&b=2"),
                format!("a=1&b=2&checksum={sum}"),
            ] {
                assert!(verify("end", &query, "s", &Algorithm::ALL), "{query}");
                assert!(!verify("join", &query, "s", &Algorithm::ALL), "{query}");
                assert!(!verify("end", &query, "t", &Algorithm::ALL), "{query}");
            }
            let alone = format!("checksum={}", sign(algorithm, "getMeetings", "", "s"));
            assert!(verify("getMeetings", &alone, "s", &Algorithm::ALL));
        }
    }

    #[test]
    fn only_accepted_algorithms_and_whole_checksums_pass() {
        let sum = sign(Algorithm::Sha1, "end", "a=1", "s");
        let query = format!("a=1&checksum={sum}");
        assert!(!verify("end", &query, "s", &[Algorithm::Sha256, Algorithm::Sha512]));
        assert!(!verify("end", &query[..query.len() - 1], "s", &Algorithm::ALL));
        assert!(!verify("end", "a=1", "s", &Algorithm::ALL));
        assert!(!verify("end", "a=1&checksum=", "s", &Algorithm::ALL));
        assert!(!verify("end", &format!("a=1&mychecksum={sum}"), "s", &Algorithm::ALL));
    }
}
