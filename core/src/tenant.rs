//! A tenant: one organisation on a shared installation (CONTRACT §9, §14).

use secrecy::SecretString;

/// A tenant with the settings that apply to its calls.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its ID, a UUID.
    pub id: String,
    /// Its name: the first label of its host name.
    pub name: String,
    /// Any of these opens its API.
    pub secrets: Vec<SecretString>,
    /// Parameters it sets for `create` and `join`.
    pub settings: Vec<TenantSetting>,
}

/// What a tenant is looked up by.
#[derive(Debug, Clone, Copy)]
pub(crate) enum By<'a> {
    Name(&'a str),
    Id(&'a str),
}

/// One parameter that a tenant sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantSetting {
    /// The name of the parameter.
    pub param: String,
    /// Its value.
    pub value: String,
    /// Whether it replaces what a request says, or stands in where the request says nothing.
    pub overrides: bool,
}

impl Tenant {
    /// The settings that stand in for what a request leaves out.
    pub fn defaults(&self) -> impl Iterator<Item = (&str, &str)> {
        self.of_kind(false)
    }

    /// The settings that replace what a request says.
    pub fn overrides(&self) -> impl Iterator<Item = (&str, &str)> {
        self.of_kind(true)
    }

    fn of_kind(&self, overrides: bool) -> impl Iterator<Item = (&str, &str)> {
        let settings = self.settings.iter().filter(move |setting| setting.overrides == overrides);
        settings.map(|setting| (setting.param.as_str(), setting.value.as_str()))
    }

    /// Splits secrets as they are stored, `a:b`; empty ones are dropped.
    #[must_use]
    pub fn split_secrets(text: &str) -> Vec<SecretString> {
        text.split(':').filter(|secret| !secret.is_empty()).map(|secret| secret.to_owned().into()).collect()
    }
}
