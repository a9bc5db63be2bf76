//! What tells a receiver that a callback is ours.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
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

/// How long what comes with learning analytics is valid.
const ANALYTICS_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// What comes with learning analytics says nothing but when it ends.
#[derive(Serialize)]
struct Expiry {
    exp: u64,
}

/// A JWT for learning analytics (HS512), valid for a day.
pub(super) fn analytics(secret: &SecretString) -> Result<String, jsonwebtoken::errors::Error> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let claims = Expiry { exp: (now + ANALYTICS_LIFE).as_secs() };
    let key = EncodingKey::from_secret(secret.expose_secret().as_bytes());
    jsonwebtoken::encode(&Header::new(jsonwebtoken::Algorithm::HS512), &claims, &key)
}

/// A longer token is none of a server's.
const LONGEST: usize = 4096;

/// Whether a JWT (HS512) is signed with one of these secrets and has not expired. The time it takes tells nothing of
/// them; an empty one signs nothing.
pub fn is_signed_by_any<'a>(token: &str, secrets: impl Iterator<Item = &'a SecretString>) -> bool {
    if token.len() > LONGEST {
        return false;
    }
    let mut validation = Validation::new(jsonwebtoken::Algorithm::HS512);
    validation.required_spec_claims.clear();
    validation.validate_aud = false;
    let mut known = secrets.map(ExposeSecret::expose_secret).filter(|secret| !secret.is_empty());
    known.any(|secret| {
        let key = DecodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::decode::<serde::de::IgnoredAny>(token, &key, &validation).is_ok()
    })
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
    fn signed_by_a_server() {
        // Made by Python's hmac and base64, with the secret `s3cret`: {"exp":4102444800}, {"exp":946684800}, {} and,
        // with HS256, {"exp":4102444800}.
        const GOOD: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJleHAiOjQxMDI0NDQ4MDB9.SDodf5VUO62qX1L41igzWoCP3e1R\
            E2w4kiDqnh_dPUagmnCAW0ps3dn6fZ51lGQ-qacbTPSHkr0qzHra7trcGg";
        const OLD: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJleHAiOjk0NjY4NDgwMH0.eRsBQQTKqWx-VFV_7l7wnnLnxseLt\
            oVvobpCZ106aZ45kqJN8atLLqDMZPJIm_cnimudBufVL36SnwlgrpcjRg";
        const BARE: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.e30.sDqz1ouXhbJ_2y34z2S0kxexzEXU-5ulS7gH7sYAsNte_dAd9\
            SuVDt3VRarllecIODI-fklsZIEjxFpj5Hf0mA";
        const WEAK: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJleHAiOjQxMDI0NDQ4MDB9.2wp6KrElYOJV62-KaFi_i0agnCbI\
            q7DjDCtZkXU5HhI";
        let secrets: Vec<SecretString> = ["", "other", "s3cret"].map(SecretString::from).into();
        let signed = |token: &str| is_signed_by_any(token, secrets.iter());
        assert!(signed(GOOD) && signed(BARE));
        assert!(!signed(OLD), "expired");
        assert!(!signed(WEAK), "another algorithm");
        assert!(!is_signed_by_any(GOOD, secrets[..2].iter()));
        let unsigned = GOOD.rsplit_once('.').unwrap().0;
        for none in [
            "",
            "..",
            "x",
            unsigned,
            &format!("{unsigned}."),
            &GOOD.replace("eyJ0", "eyJ1"),
            &"x".repeat(5000),
        ] {
            assert!(!signed(none), "{none}");
        }
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
