//! What a file for `tenants:sync` says, and what `tenants:yaml` prints. Pure.
//!
//! ```yaml
//! tenants:
//!   acme:
//!     id: 4ee0cd44-5f9e-4b5e-8a1d-7a8b2a9c4c1f
//!     secrets: one:two
//!     limits: {maxMeetings: 10}
//!     defaults: {logo: 'https://acme.example.com/logo.png'}
//!     overrides: {record: 'false'}
//! ```

use std::collections::BTreeMap;

use scalelite_core::tenant::{LRS_FIELDS, Limit, LimitError, Lrs, Tenant};
use serde::de::{DeserializeSeed, Error, MapAccess};
use serde::{Deserialize, Deserializer, Serialize};

use crate::tasks::checked::{Checked, Content, Text, Unique};

/// A tenant as the file wants it.
pub(super) struct Wanted {
    pub(super) name: String,
    /// None: whatever it is.
    pub(super) id: Option<String>,
    /// Joined by `:`.
    pub(super) secrets: String,
    pub(super) lrs: Lrs,
    /// By kind and name, with their values.
    pub(super) settings: BTreeMap<(Kind, String), String>,
}

/// Under which heading a setting stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Limit,
    Default,
    Override,
}

/// Why a file cannot be used: one line that names its place.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct DocumentError(String);

impl From<yaml_serde::Error> for DocumentError {
    fn from(error: yaml_serde::Error) -> Self {
        Self(without_values(&error.to_string()))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a mapping with `tenants`")]
struct Document {
    tenants: Unique<Tenants>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a tenant with its `secrets`")]
struct Entry {
    id: Option<Text>,
    secrets: Secrets,
    lrs_endpoint: Option<Text>,
    lrs_username: Option<Text>,
    lrs_password: Option<Text>,
    kc_token_url: Option<Text>,
    kc_client_id: Option<Text>,
    kc_client_secret: Option<Text>,
    kc_username: Option<Text>,
    kc_password: Option<Text>,
    limits: Option<Unique<Limits>>,
    defaults: Option<Unique<Parameters>>,
    overrides: Option<Unique<Parameters>>,
}

/// Reads the whole file.
pub(super) fn parse(text: &str) -> Result<Vec<Wanted>, DocumentError> {
    let document: Document = yaml_serde::from_str(text)?;
    Ok(document.tenants.0.into_iter().map(wanted).collect())
}

/// A message may quote what stands where something else should; that may be a secret.
fn without_values(text: &str) -> String {
    let text = match (text.find('"'), text.rfind('"')) {
        (Some(from), Some(to)) if text.contains("invalid type") && from < to => {
            format!("{}*****{}", &text[..from], &text[to + 1..])
        }
        _ => text.to_owned(),
    };
    text.replace('\n', " ")
}

fn wanted((name, entry): (String, Entry)) -> Wanted {
    let text = |value: Option<Text>| value.map(|Text(value)| value);
    let lrs = Lrs::from_values([
        text(entry.lrs_endpoint),
        text(entry.lrs_username),
        text(entry.lrs_password),
        text(entry.kc_token_url),
        text(entry.kc_client_id),
        text(entry.kc_client_secret),
        text(entry.kc_username),
        text(entry.kc_password),
    ]);
    let of_kind = |kind, settings: Option<Vec<(String, String)>>| {
        settings.into_iter().flatten().map(move |(name, value)| ((kind, name), value))
    };
    let limits = of_kind(Kind::Limit, entry.limits.map(|limits| limits.0));
    let defaults = of_kind(Kind::Default, entry.defaults.map(|defaults| defaults.0));
    let overrides = of_kind(Kind::Override, entry.overrides.map(|overrides| overrides.0));
    Wanted {
        name,
        id: text(entry.id),
        secrets: entry.secrets.0,
        lrs,
        settings: limits.chain(defaults).chain(overrides).collect(),
    }
}

/// Secrets joined by `:`, at least one.
struct Secrets(String);

impl<'de> Deserialize<'de> for Secrets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let any = |text: &str| {
            let empty = Tenant::split_secrets(text).is_empty();
            if empty { Err("there is no secret in it".to_owned()) } else { Ok(()) }
        };
        let text = Checked { check: &any, missing: "there are no `secrets`" }.deserialize(deserializer)?;
        Ok(Self(Tenant::join_secrets(&Tenant::split_secrets(&text))))
    }
}

struct Tenants;
struct Limits;
struct Parameters;

impl Content for Tenants {
    type Value = Entry;
    const EXPECTED: &'static str = "a mapping of names to tenants";

    fn value<'de, A: MapAccess<'de>>(_: &str, map: &mut A) -> Result<Entry, A::Error> {
        map.next_value()
    }
}

impl Content for Limits {
    type Value = String;
    const EXPECTED: &'static str = "a mapping of limits to values";

    fn check(name: &str) -> Result<(), String> {
        named(name).map(drop)
    }

    fn value<'de, A: MapAccess<'de>>(name: &str, map: &mut A) -> Result<String, A::Error> {
        let limit = named(name).map_err(A::Error::custom)?;
        map.next_value_seed(Checked::by(&|value| limit.check_value(value).map_err(|error| error.to_string())))
    }
}

fn named(limit: &str) -> Result<Limit, String> {
    let found = Limit::ALL.into_iter().find(|known| known.name() == limit);
    found.ok_or_else(|| format!("{limit}: {}", LimitError::Unknown))
}

impl Content for Parameters {
    type Value = String;
    const EXPECTED: &'static str = "a mapping of parameters to values";

    fn check(name: &str) -> Result<(), String> {
        if Limit::is_reserved(name) { Err(format!("{name}: limits belong below `limits`")) } else { Ok(()) }
    }

    fn value<'de, A: MapAccess<'de>>(_: &str, map: &mut A) -> Result<String, A::Error> {
        map.next_value_seed(Checked::any())
    }
}

#[derive(Serialize)]
struct Dump<'a> {
    tenants: BTreeMap<&'a str, Dumped<'a>>,
}

#[derive(Serialize)]
struct Dumped<'a> {
    id: &'a str,
    secrets: String,
    #[serde(flatten)]
    lrs: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    limits: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    defaults: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    overrides: BTreeMap<&'a str, &'a str>,
}

/// The file that makes the tenants what they are.
pub(super) fn write(tenants: &[Tenant]) -> yaml_serde::Result<String> {
    let dumped = |tenant| (tenant, Dumped::of(tenant));
    let tenants = tenants.iter().map(dumped).map(|(tenant, dumped)| (tenant.name.as_str(), dumped)).collect();
    Ok(format!("---\n{}", yaml_serde::to_string(&Dump { tenants })?))
}

impl<'a> Dumped<'a> {
    fn of(tenant: &'a Tenant) -> Self {
        let lrs = LRS_FIELDS.into_iter().zip(tenant.lrs.values());
        let limits = tenant
            .settings
            .iter()
            .filter_map(|setting| Some((Limit::of_param(&setting.param)?.name(), setting.value.as_str())));
        Self {
            id: &tenant.id,
            secrets: Tenant::join_secrets(&tenant.secrets),
            lrs: lrs.filter_map(|(name, value)| Some((name, value?))).collect(),
            limits: limits.collect(),
            // Of several of one name the first counts.
            defaults: tenant.defaults().collect::<Vec<_>>().into_iter().rev().collect(),
            overrides: tenant.overrides().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = "---
tenants:
  acme:
    id: id-1
    secrets: one:two
    kc_password: '007'
    lrs_endpoint: https://lrs.example.com/
    limits:
      maxMeetings: '10'
      serverTags: a;none
    defaults:
      logo: https://acme.example.com/?a=b
    overrides:
      record: 'false'
  umbrella:
    id: id-2
    secrets: '1'
";

    fn described(wanted: &Wanted) -> String {
        let Wanted { name, id, secrets, lrs, settings } = wanted;
        format!("{name} {id:?} {secrets} {:?} {settings:?}", lrs.values())
    }

    #[test]
    fn there_and_back() {
        let wanted = parse(ALL).unwrap();
        assert_eq!(wanted.len(), 2);
        let acme = &wanted[0];
        assert_eq!(
            (acme.name.as_str(), acme.id.as_deref(), acme.secrets.as_str()),
            ("acme", Some("id-1"), "one:two")
        );
        assert_eq!(acme.lrs.values()[7], Some("007"));
        let settings: Vec<_> = acme
            .settings
            .iter()
            .map(|((kind, name), value)| (*kind, name.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            settings,
            [
                (Kind::Limit, "maxMeetings", "10"),
                (Kind::Limit, "serverTags", "a;none"),
                (Kind::Default, "logo", "https://acme.example.com/?a=b"),
                (Kind::Override, "record", "false"),
            ]
        );
        let tenants: Vec<Tenant> = wanted.iter().map(super::super::plan::new_tenant).collect();
        assert_eq!(write(&tenants).unwrap(), ALL);
        assert_eq!(write(&[]).unwrap(), "---\ntenants: {}\n");
        assert!(parse("tenants: {}").unwrap().is_empty());
    }

    #[test]
    fn values_are_what_stands_there() {
        let text =
            "tenants: {a: {secrets: 0x1F, limits: , defaults: {record: false, n: 010, f: 1.10, t: '~'}}}";
        let wanted = parse(text).unwrap();
        assert_eq!(
            described(&wanted[0]),
            "a None 0x1F [None, None, None, None, None, None, None, None] {(Default, \"f\"): \"1.10\", \
             (Default, \"n\"): \"010\", (Default, \"record\"): \"false\", (Default, \"t\"): \"~\"}"
        );
    }

    #[test]
    fn mistakes_name_their_line_and_no_secret() {
        let tenant = |rest: &str| format!("tenants:\n  acme:\n    secrets: geheim\n{rest}");
        for (rest, error) in [
            (
                "    limits:\n      maxMeetings: 3\n      maxDuration: x\n",
                "tenants.acme.limits.maxDuration: must be a whole number from 1 to 4294967295 at line 6 column 20",
            ),
            (
                "    limits:\n      max: 3\n",
                "tenants.acme.limits: max: no such limit (choose: maxMeetings maxParticipants maxDuration serverTags) at line 5 column 7",
            ),
            (
                "    limits:\n      serverTags: a!\n",
                "tenants.acme.limits.serverTags: must be tags separated by `;`, without `!`; `none` stands for servers without a tag at line 5 column 19",
            ),
            (
                "    defaults:\n      limit:maxMeetings: 3\n",
                "tenants.acme.defaults: limit:maxMeetings: limits belong below `limits` at line 5 column 7",
            ),
            ("  b:\n    secrets: ':'\n", "tenants.b.secrets: there is no secret in it at line 5 column 14"),
            ("  b:\n    id: x\n", "tenants.b: there are no `secrets` at line 5 column 5"),
            (
                "  b: geheim\n",
                "tenants.b: invalid type: string *****, expected a tenant with its `secrets` at line 4 column 6",
            ),
            (
                "  b:\n    secrets: [geheim]\n",
                "tenants.b.secrets: invalid type: sequence, expected a text at line 5 column 14",
            ),
            ("  acme:\n    secrets: b\n", "tenants: acme stands there twice at line 4 column 3"),
            (
                "    defaults:\n      x: 1\n      x: 2\n",
                "tenants.acme.defaults: x stands there twice at line 6 column 7",
            ),
            ("    defaults:\n      x:\n", "tenants.acme.defaults: there is no value at line 5 column 7"),
            (
                "    defaults:\n      x: ' '\n",
                "tenants.acme.defaults.x: the value is empty at line 5 column 10",
            ),
            (
                "    overrides: x\n",
                "tenants.acme.overrides: invalid type: string *****, expected a mapping of parameters to values at line 4 column 16",
            ),
            (
                "   x",
                "did not find expected key at line 4 column 4, while parsing a block mapping at line 2 column 3",
            ),
        ] {
            let found = parse(&tenant(rest)).err().unwrap().to_string();
            assert_eq!(found, error, "{rest}");
        }
        let unknown = parse(&tenant("    secret: x\n")).err().unwrap().to_string();
        assert!(
            unknown.starts_with("tenants.acme: unknown field `secret`")
                && unknown.ends_with(" at line 4 column 5"),
            "{unknown}"
        );
        for (text, error) in [
            ("", "missing field `tenants`"),
            ("[]", "invalid type: sequence, expected a mapping with `tenants`"),
            (
                "tenants:",
                "tenants: invalid type: unit value, expected a mapping of names to tenants at line 1 column 9",
            ),
            (
                "tenants: []",
                "tenants: invalid type: sequence, expected a mapping of names to tenants at line 1 column 10",
            ),
        ] {
            assert_eq!(parse(text).err().unwrap().to_string(), error, "{text}");
        }
    }
}
