//! Where the learning analytics of a tenant go: its learning record store (CONTRACT §7, §9).

use secrecy::{ExposeSecret, SecretString};

/// The names of the values, in the order of [`Lrs::values`].
pub const LRS_FIELDS: [&str; 8] = [
    "lrs_endpoint",
    "lrs_username",
    "lrs_password",
    "kc_token_url",
    "kc_client_id",
    "kc_client_secret",
    "kc_username",
    "kc_password",
];

/// A learning record store, and what opens it: a user's password, or a token that Keycloak gives for one. With a
/// `username` it is the password.
#[derive(Debug, Clone, Default)]
pub struct Lrs {
    /// `lrs_endpoint`: its URL. Without one there is no LRS.
    pub endpoint: Option<String>,
    /// `lrs_username`
    pub username: Option<String>,
    /// `lrs_password`
    pub password: Option<SecretString>,
    /// `kc_token_url`: where Keycloak gives tokens.
    pub kc_token_url: Option<String>,
    /// `kc_client_id`
    pub kc_client_id: Option<String>,
    /// `kc_client_secret`
    pub kc_client_secret: Option<SecretString>,
    /// `kc_username`
    pub kc_username: Option<String>,
    /// `kc_password`
    pub kc_password: Option<SecretString>,
}

impl Lrs {
    /// The values, in the order of [`LRS_FIELDS`]. Some are secret.
    #[must_use]
    pub fn values(&self) -> [Option<&str>; 8] {
        fn secret(value: Option<&SecretString>) -> Option<&str> {
            value.map(ExposeSecret::expose_secret)
        }
        [
            self.endpoint.as_deref(),
            self.username.as_deref(),
            secret(self.password.as_ref()),
            self.kc_token_url.as_deref(),
            self.kc_client_id.as_deref(),
            secret(self.kc_client_secret.as_ref()),
            self.kc_username.as_deref(),
            secret(self.kc_password.as_ref()),
        ]
    }

    /// From values in the order of [`LRS_FIELDS`]; an empty one is none.
    #[must_use]
    pub fn from_values(values: [Option<String>; 8]) -> Self {
        let values = values.map(|value| value.filter(|text| !text.is_empty()));
        Self::from_changes(values)
    }

    /// The same for a change: an empty value stays, and takes away what is there.
    #[must_use]
    pub fn from_changes(values: [Option<String>; 8]) -> Self {
        let [
            endpoint,
            username,
            password,
            kc_token_url,
            kc_client_id,
            kc_client_secret,
            kc_username,
            kc_password,
        ] = values;
        Self {
            endpoint,
            username,
            password: password.map(Into::into),
            kc_token_url,
            kc_client_id,
            kc_client_secret: kc_client_secret.map(Into::into),
            kc_username,
            kc_password: kc_password.map(Into::into),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_at_its_place() {
        let lrs = Lrs::from_values(LRS_FIELDS.map(|name| Some(name.to_owned())));
        assert_eq!(lrs.values(), LRS_FIELDS.map(Some));
        let told = [&lrs.endpoint, &lrs.username, &lrs.kc_token_url, &lrs.kc_client_id, &lrs.kc_username];
        assert_eq!(
            told.map(|value| value.as_deref().unwrap()),
            ["lrs_endpoint", "lrs_username", "kc_token_url", "kc_client_id", "kc_username"]
        );
        let none = Lrs::from_values([const { Some(String::new()) }; 8]);
        assert_eq!(none.values(), [None; 8]);
    }
}
