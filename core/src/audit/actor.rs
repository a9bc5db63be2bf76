//! Who changes something, and where.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// Somebody who changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub(super) who: String,
    pub(super) host: String,
}

impl Actor {
    /// A user of a host.
    #[must_use]
    pub fn user(name: &str, host: &str) -> Self {
        Self { who: name.to_owned(), host: host.to_owned() }
    }

    /// Whoever knows this secret, by way of a process on that host.
    #[must_use]
    pub fn secret(secret: &SecretString, host: &str) -> Self {
        Self { who: format!("secret {}", fingerprint(secret)), host: host.to_owned() }
    }

    /// A BigBlueButton server of that ID, by way of a process on that host.
    #[must_use]
    pub fn server(id: &str, host: &str) -> Self {
        Self { who: format!("server {id}"), host: host.to_owned() }
    }
}

/// Tells one secret from another, and nothing else about it: 8 hexadecimal digits.
#[must_use]
pub fn fingerprint(secret: &SecretString) -> String {
    let digest =
        Sha256::new().chain_update("scalelite audit\0").chain_update(secret.expose_secret()).finalize();
    hex::encode(digest.get(..4).unwrap_or_default())
}

/// The name of this host.
#[must_use]
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_tells_secrets_apart() {
        let of = |secret: &str| fingerprint(&secret.to_owned().into());
        assert_eq!(of("a").len(), 8);
        assert_eq!(of("a"), of("a"));
        assert_ne!(of("a"), of("b"));
        let actor = Actor::secret(&"geheim".to_owned().into(), "h");
        assert_eq!(actor.who, format!("secret {}", of("geheim")));
    }
}
