//! Who is logged in. A session is a signed token in a cookie, so every front end behind a balancer knows it; the key is
//! made of `SECRET_KEY_BASE` and the password, so that changing either ends all sessions. Pure.

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};

/// Seconds that a session lasts: a long day's work.
pub(super) const LASTS: u64 = 12 * 60 * 60;

/// Characters of a token: when the session ends, its ID and their signature.
const PARTS: usize = 3;

/// A session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Session {
    id: [u8; 16],
    /// When it ends: seconds since 1970.
    pub(super) ends: u64,
}

/// What sessions are signed with. It has no `Debug`.
pub(super) struct Keys {
    key: hmac::Key,
    password: hmac::Tag,
}

impl Keys {
    pub(super) fn new(key_base: &SecretString, password: &SecretString) -> Self {
        let base = hmac::Key::new(hmac::HMAC_SHA256, key_base.expose_secret().as_bytes());
        let derived = tagged(&base, "scalelite dashboard", password.expose_secret().as_bytes());
        let key = hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref());
        let password = tagged(&key, "password", password.expose_secret().as_bytes());
        Self { key, password }
    }

    /// Whether this is the password; in constant time.
    pub(super) fn opens(&self, given: &str) -> bool {
        let message = message("password", given.as_bytes());
        hmac::verify(&self.key, &message, self.password.as_ref()).is_ok()
    }

    /// The token of a session.
    pub(super) fn token(&self, session: &Session) -> String {
        let told = format!("{}.{}", session.ends, hex::encode(session.id));
        let signature = tagged(&self.key, "session", told.as_bytes());
        format!("{told}.{}", hex::encode(signature.as_ref()))
    }

    /// The session of a token, if it is signed and goes on.
    pub(super) fn session(&self, token: &str, now: u64) -> Option<Session> {
        let (told, signature) = token.rsplit_once('.').filter(|_| token.split('.').count() == PARTS)?;
        let signature = hex::decode(signature).ok()?;
        hmac::verify(&self.key, &message("session", told.as_bytes()), &signature).ok()?;
        let (ends, id) = told.split_once('.')?;
        let session = Session { id: hex::decode(id).ok()?.try_into().ok()?, ends: ends.parse().ok()? };
        (now < session.ends).then_some(session)
    }

    /// What the forms of that session hold.
    pub(super) fn csrf(&self, session: &Session) -> String {
        hex::encode(tagged(&self.key, "form", &session.id).as_ref())
    }

    /// Whether a form was made for that session; in constant time.
    pub(super) fn is_form_of(&self, session: &Session, given: &str) -> bool {
        let Ok(given) = hex::decode(given) else { return false };
        hmac::verify(&self.key, &message("form", &session.id), &given).is_ok()
    }
}

impl Session {
    /// A session that begins now.
    pub(super) fn begin(now: u64) -> Self {
        Self { id: rand::random(), ends: now.saturating_add(LASTS) }
    }
}

/// No signature for one purpose is one for another.
fn message(purpose: &str, text: &[u8]) -> Vec<u8> {
    [purpose.as_bytes(), b"\0", text].concat()
}

fn tagged(key: &hmac::Key, purpose: &str, text: &[u8]) -> hmac::Tag {
    hmac::sign(key, &message(purpose, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(base: &str, password: &str) -> Keys {
        Keys::new(&base.to_owned().into(), &password.to_owned().into())
    }

    #[test]
    fn a_session_is_known_until_it_ends() {
        let (keys, session) = (keys("base", "password"), Session::begin(1000));
        let token = keys.token(&session);
        assert_eq!(keys.session(&token, 1000), Some(session));
        assert_eq!(keys.session(&token, 1000 + LASTS - 1), Some(session));
        assert_eq!(keys.session(&token, 1000 + LASTS), None);
    }

    #[test]
    fn another_key_or_password_ends_all() {
        let session = Session::begin(1000);
        let token = keys("base", "password").token(&session);
        for other in [keys("other", "password"), keys("base", "other"), keys("basepassword", "")] {
            assert_eq!(other.session(&token, 1000), None);
            assert!(!other.is_form_of(&session, &keys("base", "password").csrf(&session)));
        }
    }

    #[test]
    fn nothing_else_is_a_token() {
        let (keys, session) = (keys("base", "password"), Session::begin(1000));
        let token = keys.token(&session);
        let (ends, rest) = token.split_once('.').unwrap();
        let csrf = keys.csrf(&session);
        let longer = format!("{}.{rest}", ends.parse::<u64>().unwrap() + 1);
        let forged = format!("{ends}.{}.{csrf}", hex::encode(session.id));
        for bad in ["", ".", "..", "1.2.3", &token[..token.len() - 2], &longer, &forged, &format!("{token}.")]
        {
            assert_eq!(keys.session(bad, 1000), None, "{bad}");
        }
    }

    #[test]
    fn a_form_belongs_to_its_session() {
        let keys = keys("base", "password");
        let (session, other) = (Session::begin(1000), Session::begin(1000));
        assert!(keys.is_form_of(&session, &keys.csrf(&session)));
        for bad in ["", "00", "x", &keys.csrf(&other), &keys.token(&session)] {
            assert!(!keys.is_form_of(&session, bad), "{bad}");
        }
    }

    #[test]
    fn only_the_password_opens() {
        let keys = keys("base", "password");
        assert!(keys.opens("password"));
        for bad in ["", "Password", "password ", "passwor"] {
            assert!(!keys.opens(bad), "{bad}");
        }
    }
}
