//! What tells a receiver that a callback is ours.

use jsonwebtoken::{EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::bbb::checksum::Algorithm;

/// What a recording-ready callback says.
#[derive(Serialize)]
struct Claims<'a> {
    meeting_id: &'a str,
    record_id: &'a str,
}

/// HS256; HS512 where callers may sign with SHA512 but not with SHA256 (CONTRACT §7).
pub(super) fn algorithm(accepted: &[Algorithm]) -> jsonwebtoken::Algorithm {
    if accepted.contains(&Algorithm::Sha512) && !accepted.contains(&Algorithm::Sha256) {
        jsonwebtoken::Algorithm::HS512
    } else {
        jsonwebtoken::Algorithm::HS256
    }
}

/// The form body of a recording-ready callback: `signed_parameters=` and a JWT.
pub(super) fn recording_ready(
    meeting_id: &str,
    record_id: &str,
    secret: &SecretString,
    algorithm: jsonwebtoken::Algorithm,
) -> Result<String, jsonwebtoken::errors::Error> {
    let key = EncodingKey::from_secret(secret.expose_secret().as_bytes());
    let token = jsonwebtoken::encode(&Header::new(algorithm), &Claims { meeting_id, record_id }, &key)?;
    Ok(form_urlencoded::Serializer::new(String::new()).append_pair("signed_parameters", &token).finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weaker_one_unless_it_is_not_accepted() {
        use jsonwebtoken::Algorithm::{HS256, HS512};
        let of = |list: &[Algorithm]| algorithm(list);
        assert_eq!(of(&Algorithm::ALL), HS256);
        assert_eq!(of(&[Algorithm::Sha256, Algorithm::Sha512]), HS256);
        assert_eq!(of(&[Algorithm::Sha1, Algorithm::Sha384]), HS256);
        assert_eq!(of(&[Algorithm::Sha1, Algorithm::Sha512]), HS512);
    }

    #[test]
    fn is_what_other_libraries_make() {
        // Made by Python's hmac and base64.
        const HS256_BODY: &str = "signed_parameters=eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.\
            eyJtZWV0aW5nX2lkIjoibSDDvCIsInJlY29yZF9pZCI6InItMSJ9.\
            nAr1i4L2-ejvOomyRVhmc54q8WumvjBl6flfeDG7lJs";
        const HS512_BODY: &str = "signed_parameters=eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.\
            eyJtZWV0aW5nX2lkIjoibSDDvCIsInJlY29yZF9pZCI6InItMSJ9.\
            Ew7yJzadQGQnJuGgBSMT55SZtBuxXBIpecQyGyp-E_0fug_SfQUMZ-ATLF7-ZRljAJLpYdyStpYNmUvfmlBcHQ";
        let secret = "s3cret".to_owned().into();
        let body = recording_ready("m ü", "r-1", &secret, jsonwebtoken::Algorithm::HS256).unwrap();
        assert_eq!(body, HS256_BODY);
        let body = recording_ready("m ü", "r-1", &secret, jsonwebtoken::Algorithm::HS512).unwrap();
        assert_eq!(body, HS512_BODY);
    }
}
