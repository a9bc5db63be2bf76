//! HTTP Basic authentication of FreeSWITCH.

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use scalelite_core::config::FsapiPassword;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const USER: &str = "fsapi";

/// Whether the request may ask for dialplans. The time it takes tells nothing of the password, nor of its length.
pub(super) fn is_allowed(password: &FsapiPassword, request: &HttpRequest) -> bool {
    match password {
        FsapiPassword::Open => true,
        FsapiPassword::Closed => false,
        FsapiPassword::Secret(password) => {
            let header = request.headers().get(AUTHORIZATION).map(|value| value.as_bytes());
            header.and_then(credentials).is_some_and(|given| {
                let expected = format!("{USER}:{}", password.expose_secret());
                Sha256::digest(given).ct_eq(&Sha256::digest(expected)).into()
            })
        }
    }
}

/// `user:password` of a header.
fn credentials(header: &[u8]) -> Option<Vec<u8>> {
    let (scheme, encoded) = header.split_at_checked(6)?;
    if !scheme.eq_ignore_ascii_case(b"Basic ") {
        return None;
    }
    BASE64_STANDARD.decode(encoded.trim_ascii()).ok()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn allowed(password: &FsapiPassword, header: Option<&str>) -> bool {
        let request = TestRequest::default();
        let request = match header {
            Some(header) => request.insert_header((AUTHORIZATION, header)),
            None => request,
        };
        is_allowed(password, &request.to_http_request())
    }

    fn basic(credentials: &str) -> String {
        format!("Basic {}", BASE64_STANDARD.encode(credentials))
    }

    #[test]
    fn the_password_and_no_other() {
        let password = FsapiPassword::Secret("a:ü".to_owned().into());
        assert!(allowed(&password, Some(&basic("fsapi:a:ü"))));
        assert!(allowed(&password, Some(&basic("fsapi:a:ü").replace("Basic", "bAsIc"))));
        for wrong in ["fsapi:a", "fsapi:", "fsapi", "", "FSAPI:a:ü", "root:a:ü", "fsapi:a:ü ", "fsapi:a:üü"]
        {
            assert!(!allowed(&password, Some(&basic(wrong))), "{wrong}");
        }
        for wrong in ["", "Basic", "Basic ", "Basic ***", "Bearer YTpi", "Básic YTpi"] {
            assert!(!allowed(&password, Some(wrong)), "{wrong}");
        }
        assert!(!allowed(&password, None));
    }

    #[test]
    fn open_and_closed() {
        assert!(allowed(&FsapiPassword::Open, None));
        assert!(allowed(&FsapiPassword::Open, Some(&basic("who:knows"))));
        assert!(!allowed(&FsapiPassword::Closed, None));
        assert!(!allowed(&FsapiPassword::Closed, Some(&basic("fsapi:"))));
    }
}
