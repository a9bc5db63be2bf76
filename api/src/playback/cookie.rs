//! The cookie that opens one format of one protected recording: a JWT, which the original makes and reads as well
//! (CONTRACT §6).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::HttpRequest;
use actix_web::http::header::COOKIE;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use scalelite_core::recordings::store::TreeName;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::place;

/// More cookies of one name are not looked at.
const MOST: usize = 8;

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    exp: Expiry,
}

/// Seconds since 1970. The original has written them as text, too.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Expiry {
    Number(u64),
    Text(String),
}

/// `Set-Cookie` for a tree: it opens the tree for `valid` from now, and is gone when the browser is closed.
pub(super) fn set(
    tree: &TreeName,
    key: &SecretString,
    valid: Duration,
) -> Result<String, jsonwebtoken::errors::Error> {
    let exp = Expiry::Number(now().saturating_add(valid.as_secs()));
    let key = EncodingKey::from_secret(key.expose_secret().as_bytes());
    let value =
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &Claims { sub: subject(tree), exp }, &key)?;
    Ok(format!("{}={value}; Path={}; Secure; HttpOnly; SameSite=None", name(tree), place::root(tree)))
}

/// Whether a cookie of the request opens the tree.
pub(super) fn opens(request: &HttpRequest, tree: &TreeName, key: &SecretString) -> bool {
    let name = name(tree);
    let headers = request.headers().get_all(COOKIE).filter_map(|header| header.to_str().ok());
    let pairs = headers.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(found, _)| *found == name).map(|(_, value)| value).take(MOST);
    values.any(|value| is_valid(value, tree, key))
}

fn is_valid(value: &str, tree: &TreeName, key: &SecretString) -> bool {
    // The library would not take an expiry that is a text.
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_secret(key.expose_secret().as_bytes());
    let Ok(token) = jsonwebtoken::decode::<Claims>(value, &key, &validation) else { return false };
    let exp = match token.claims.exp {
        Expiry::Number(seconds) => Some(seconds),
        Expiry::Text(digits) => digits.parse().ok(),
    };
    token.claims.sub == subject(tree) && exp.is_some_and(|exp| exp > now())
}

fn name(tree: &TreeName) -> String {
    format!("recording_{}_{}", place::encode(tree.format()), place::encode(tree.record_id()))
}

fn subject(tree: &TreeName) -> String {
    format!("/{tree}")
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use serde_json::{Value, json};

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn key() -> SecretString {
        "a key base".to_owned().into()
    }

    fn tree() -> TreeName {
        TreeName::new("video", "b27a-15").unwrap()
    }

    fn sent(cookie: &str) -> HttpRequest {
        TestRequest::get().insert_header((COOKIE, cookie.to_owned())).to_http_request()
    }

    fn token(claims: &Value, algorithm: Algorithm, key: &str) -> String {
        let key = EncodingKey::from_secret(key.as_bytes());
        jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
    }

    fn opened_by(value: &str) -> bool {
        opens(&sent(&format!("recording_video_b27a-15={value}")), &tree(), &key())
    }

    #[test]
    fn what_is_set_opens_its_tree_only() {
        let cookie = set(&tree(), &key(), HOUR).unwrap();
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        assert_eq!(attributes, "Path=/video/b27a-15; Secure; HttpOnly; SameSite=None");
        let among = format!("a=b; {pair};c=d");
        assert!(opens(&sent(&among), &tree(), &key()));
        assert!(!opens(&sent(&among), &tree(), &"another".to_owned().into()));
        let value = pair.split_once('=').unwrap().1;
        for (format, record_id) in [("video", "b27a-16"), ("notes", "b27a-15")] {
            let other = TreeName::new(format, record_id).unwrap();
            assert!(!opens(&sent(&among), &other, &key()));
            assert!(!opens(&sent(&format!("recording_{format}_{record_id}={value}")), &other, &key()));
        }
    }

    #[test]
    fn it_is_valid_for_its_time() {
        let cookie = set(&tree(), &key(), HOUR).unwrap();
        let value = cookie.split(['=', ';']).nth(1).unwrap();
        let decoding = DecodingKey::from_secret(b"a key base");
        let claims = jsonwebtoken::decode::<Claims>(value, &decoding, &Validation::new(Algorithm::HS256));
        let Expiry::Number(exp) = claims.unwrap().claims.exp else { panic!("{value}") };
        assert!((now() + 3590..=now() + 3600).contains(&exp), "{exp}");
        let over = set(&tree(), &key(), Duration::ZERO).unwrap();
        assert!(!opens(&sent(over.split_once(';').unwrap().0), &tree(), &key()));
    }

    #[test]
    fn an_odd_name_stays_one_cookie() {
        let odd = TreeName::new("video", "a; b=c, ñ").unwrap();
        let cookie = set(&odd, &key(), HOUR).unwrap();
        assert_eq!(cookie.matches(';').count(), 4, "{cookie}");
        assert!(cookie.is_ascii() && cookie.contains("; Path=/video/a%3B%20b%3Dc%2C%20%C3%B1; "), "{cookie}");
        assert!(opens(&sent(cookie.split_once(';').unwrap().0), &odd, &key()));
    }

    #[test]
    fn as_the_original_writes_it() {
        // {"sub":"/video/b27a-15","exp":"4102444800"}, by Python's hmac and base64.
        const TEXT: &str = "eyJhbGciOiJIUzI1NiJ9.\
            eyJzdWIiOiIvdmlkZW8vYjI3YS0xNSIsImV4cCI6IjQxMDI0NDQ4MDAifQ.JjyGaSpGnGvqWzn5F14N95gRefkTsrCLU0W0P4OaQY8";
        assert!(opened_by(TEXT));
        let claims = |exp: Value| {
            token(&json!({ "sub": "/video/b27a-15", "exp": exp }), Algorithm::HS256, "a key base")
        };
        let later = now() + 60;
        assert!(opened_by(&claims(json!(later))));
        assert!(opened_by(&claims(json!(later.to_string()))));
        for past in [
            json!(now()),
            json!(now().to_string()),
            json!(0),
            json!("0"),
            json!(""),
            json!("never"),
            json!(null),
            json!(-1),
        ] {
            assert!(!opened_by(&claims(past.clone())), "{past}");
        }
    }

    #[test]
    fn a_forged_one_opens_nothing() {
        let good = json!({ "sub": "/video/b27a-15", "exp": now() + 60 });
        for forged in [
            token(&good, Algorithm::HS512, "a key base"),
            token(&good, Algorithm::HS256, "a key"),
            token(&good, Algorithm::HS256, ""),
            token(&json!({ "sub": "/video/b27a-15" }), Algorithm::HS256, "a key base"),
            token(&json!({ "exp": now() + 60 }), Algorithm::HS256, "a key base"),
            token(&json!({ "sub": "/video/b27a-1", "exp": now() + 60 }), Algorithm::HS256, "a key base"),
            token(&json!({ "sub": "/video/b27a-15/", "exp": now() + 60 }), Algorithm::HS256, "a key base"),
            // {"alg":"none"}
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiIvdmlkZW8vYjI3YS0xNSIsImV4cCI6NDEwMjQ0NDgwMH0.".to_owned(),
            String::new(),
            "a.b.c".to_owned(),
        ] {
            assert!(!opened_by(&forged), "{forged}");
        }
        assert!(!opens(&TestRequest::get().to_http_request(), &tree(), &key()));
    }
}
