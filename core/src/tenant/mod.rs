//! A tenant: one organisation on a shared installation (CONTRACT §9, §14).

use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

mod limits;
mod lrs;

pub use limits::{Limit, LimitError, Limits};
pub use lrs::{LRS_FIELDS, Lrs};

/// What stands between the secrets of a tenant as they are stored.
const SECRETS_SEPARATOR: char = ':';

/// A tenant with the settings that apply to its calls.
#[derive(Debug, Clone, Default)]
pub struct Tenant {
    /// Its ID, a UUID.
    pub id: String,
    /// Its name: the first label of its host name.
    pub name: String,
    /// Any of these opens its API.
    pub secrets: Vec<SecretString>,
    /// Where its learning analytics go.
    pub lrs: Lrs,
    /// Parameters it sets for `create` and `join`, and its limits; by parameter.
    pub settings: Vec<TenantSetting>,
}

/// What a tenant is looked up by.
#[derive(Debug, Clone, Copy)]
pub(crate) enum By<'a> {
    Name(&'a str),
    Id(&'a str),
}

/// One parameter that a tenant sets, or one of its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantSetting {
    /// Its ID, a UUID.
    pub id: String,
    /// The name of the parameter, or of a [`Limit`].
    pub param: String,
    /// Its value.
    pub value: String,
    /// Whether it replaces what a request says, or stands in where the request says nothing. Of a limit it says
    /// nothing.
    pub overrides: bool,
}

impl TenantSetting {
    /// A setting with an ID of its own.
    #[must_use]
    pub fn new(param: &str, value: &str, overrides: bool) -> Self {
        let id = Uuid::new_v4().to_string();
        Self { id, param: param.to_owned(), value: value.to_owned(), overrides }
    }
}

/// What to change of a tenant; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct TenantChange {
    /// Its name; its meetings, recordings and settings stay its own.
    pub name: Option<String>,
    /// All its secrets.
    pub secrets: Option<Vec<SecretString>>,
    /// Where its learning analytics go; an empty text takes a value away.
    pub lrs: Lrs,
    /// Settings that are new, or replace the tenant's setting of that ID.
    pub put_settings: Vec<TenantSetting>,
    /// IDs of settings that go. Those that are not there, or another tenant's, are left alone.
    pub drop_settings: Vec<String>,
}

/// What became of a tenant that was to be added or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantSaved {
    /// It is as it should be.
    Done,
    /// There is no tenant of that ID.
    Unknown,
    /// Another tenant has that name; nothing is changed.
    NameTaken,
    /// The ID is another tenant's, or that of a setting is another tenant's setting's; nothing is changed.
    IdTaken,
}

impl Tenant {
    /// A tenant with an ID of its own and nothing else.
    #[must_use]
    pub fn new(name: &str, secrets: Vec<SecretString>) -> Self {
        Self { id: Uuid::new_v4().to_string(), name: name.to_owned(), secrets, ..Self::default() }
    }

    /// The settings that stand in for what a request leaves out.
    pub fn defaults(&self) -> impl Iterator<Item = (&str, &str)> {
        self.of_kind(false)
    }

    /// The settings that replace what a request says.
    pub fn overrides(&self) -> impl Iterator<Item = (&str, &str)> {
        self.of_kind(true)
    }

    /// What its meetings may be at most.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits::of(&self.settings)
    }

    fn of_kind(&self, overrides: bool) -> impl Iterator<Item = (&str, &str)> {
        let params = self.settings.iter().filter(|setting| !Limit::is_reserved(&setting.param));
        let settings = params.filter(move |setting| setting.overrides == overrides);
        settings.map(|setting| (setting.param.as_str(), setting.value.as_str()))
    }

    /// Splits secrets as they are stored, `a:b`; empty ones are dropped.
    #[must_use]
    pub fn split_secrets(text: &str) -> Vec<SecretString> {
        let secrets = text.split(SECRETS_SEPARATOR).filter(|secret| !secret.is_empty());
        secrets.map(|secret| secret.to_owned().into()).collect()
    }

    /// Secrets as they are stored. It is no less secret than they are.
    #[must_use]
    pub fn join_secrets(secrets: &[SecretString]) -> String {
        let secrets: Vec<&str> = secrets.iter().map(ExposeSecret::expose_secret).collect();
        secrets.join(&SECRETS_SEPARATOR.to_string())
    }

    /// In the order of their parameters, so that of several settings of one parameter the same one always counts.
    pub(crate) fn sort_settings(&mut self) {
        self.settings.sort_by(|a, b| (&a.param, &a.id).cmp(&(&b.param, &b.id)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_shown() {
        let tenant = Tenant {
            lrs: Lrs {
                endpoint: Some("https://lrs/".to_owned()),
                password: Some("geheim-1".into()),
                kc_client_secret: Some("geheim-2".into()),
                kc_password: Some("geheim-3".into()),
                ..Lrs::default()
            },
            ..Tenant::new("bank", vec!["geheim-4".into()])
        };
        let change = TenantChange {
            secrets: Some(tenant.secrets.clone()),
            lrs: tenant.lrs.clone(),
            ..TenantChange::default()
        };
        let shown = format!("{tenant:?} {change:?}");
        assert!(shown.contains("https://lrs/") && !shown.contains("geheim"), "{shown}");
    }

    #[test]
    fn secrets_there_and_back() {
        for (stored, secrets) in [("a:b", 2), ("a", 1), ("", 0), (":a::b:", 2)] {
            let split = Tenant::split_secrets(stored);
            assert_eq!(split.len(), secrets, "{stored}");
            assert_eq!(Tenant::split_secrets(&Tenant::join_secrets(&split)).len(), secrets, "{stored}");
        }
    }

    #[test]
    fn limits_are_no_parameters() {
        let settings =
            [("record", true), ("limit:maxMeetings", true), ("limit:later", false), ("logo", false)];
        let settings = settings.map(|(param, overrides)| TenantSetting::new(param, "1", overrides));
        let tenant = Tenant { settings: settings.into(), ..Tenant::default() };
        assert_eq!(tenant.defaults().collect::<Vec<_>>(), [("logo", "1")]);
        assert_eq!(tenant.overrides().collect::<Vec<_>>(), [("record", "1")]);
    }
}
