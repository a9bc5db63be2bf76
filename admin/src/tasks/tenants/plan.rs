//! What `tenants:sync` has to do to get from the tenants that are there to those that are wanted. Pure.

use std::collections::BTreeMap;

use scalelite_core::tenant::{Tenant, TenantChange};

use super::diff::{added, change, setting};
use super::document::Wanted;

/// What becomes of tenants that the file does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// They stay.
    Keep,
    /// Those without meetings are removed.
    Remove,
    /// Their meetings are ended, then they are removed.
    Force,
}

/// Why tenants cannot be made what the file says.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PlanError {
    /// A mode that there is not.
    #[error("Unknown sync mode '{0}' (choose: keep remove force)")]
    Mode(String),
    /// An ID cannot be changed: meetings and recordings have it.
    #[error(
        "tenant {name}: its id is {known}, not {wanted}: leave the id out of the file, or remove the tenant first"
    )]
    OtherId {
        /// The tenant.
        name: String,
        /// Its ID.
        known: String,
        /// That of the file.
        wanted: String,
    },
    /// The new name of a tenant is still another's.
    #[error(
        "tenant {name}: the name is still that of the tenant with the id {owner}: rename or remove that one first"
    )]
    NameTaken {
        /// The name.
        name: String,
        /// Whose it is.
        owner: String,
    },
    /// Two tenants of the file are one.
    #[error("tenants {0} and {1} of the file are the same tenant")]
    Same(String, String),
}

impl Mode {
    /// Reads a mode; none is `keep`.
    pub(super) fn parse(text: Option<&str>) -> Result<Self, PlanError> {
        match text {
            Some("keep") | None => Ok(Self::Keep),
            Some("remove") => Ok(Self::Remove),
            Some("force") => Ok(Self::Force),
            Some(other) => Err(PlanError::Mode(other.to_owned())),
        }
    }
}

/// One step; a dry run only tells it.
#[derive(Debug)]
pub(super) enum Step {
    Add(Box<Tenant>),
    Change {
        id: String,
        change: Box<TenantChange>,
        lines: Vec<String>,
    },
    /// Not wanted, but left alone; `meetings` is how many it has.
    Keep {
        name: String,
        meetings: usize,
        mode: Mode,
    },
    /// `meetings` are ended first.
    Remove {
        id: String,
        name: String,
        meetings: Vec<String>,
    },
}

impl Step {
    /// What the audit log tells of it when it is done: the tenant's ID, and what was done, without values: some are
    /// secrets.
    pub(super) fn change(&self) -> Option<(&str, String)> {
        Some(match self {
            Self::Add(tenant) => (&tenant.id, format!("added name={}", tenant.name)),
            Self::Change { id, lines, .. } => {
                let names = lines.iter().skip(1).filter_map(|line| line.trim().split(": ").next());
                (id, names.collect::<Vec<_>>().join(", "))
            }
            Self::Keep { .. } => return None,
            Self::Remove { id, name, meetings } => {
                (id, format!("removed name={name}, meetings ended: {}", meetings.len()))
            }
        })
    }

    /// The step as a piece of a diff.
    pub(super) fn lines(&self) -> Vec<String> {
        match self {
            Self::Add(tenant) => {
                std::iter::once(format!("+ tenant {}", tenant.name)).chain(added(tenant)).collect()
            }
            Self::Change { lines, .. } => lines.clone(),
            Self::Keep { name, mode: Mode::Keep, .. } => {
                vec![format!("  tenant {name}: not in the file, kept")]
            }
            Self::Keep { name, meetings, .. } => {
                vec![format!("  tenant {name}: not in the file, kept because it has meetings: {meetings}")]
            }
            Self::Remove { name, meetings, .. } => {
                let meetings = meetings.iter().map(|id| format!("    - meeting {id}"));
                std::iter::once(format!("- tenant {name}")).chain(meetings).collect()
            }
        }
    }
}

/// All steps in their order: first what is wanted, then what is not. `meetings` are pairs of tenant and meeting.
pub(super) fn plan(
    wanted: &[Wanted],
    current: &[Tenant],
    meetings: &[(String, String)],
    mode: Mode,
) -> Result<Vec<Step>, PlanError> {
    let mut steps = Vec::new();
    // Which tenant of the file is which one here, by ID.
    let mut met: BTreeMap<&str, &str> = BTreeMap::new();
    for tenant in wanted {
        let known = find(tenant, current)?;
        let id = known.map(|known| &known.id).or(tenant.id.as_ref());
        if let Some(other) = id.and_then(|id| met.insert(id, &tenant.name)) {
            return Err(PlanError::Same(other.to_owned(), tenant.name.clone()));
        }
        match known {
            Some(known) => steps.extend(change(tenant, known)),
            None => steps.push(Step::Add(Box::new(new_tenant(tenant)))),
        }
    }
    for tenant in current.iter().filter(|tenant| !met.contains_key(tenant.id.as_str())) {
        let own = meetings.iter().filter(|(owner, _)| *owner == tenant.id).map(|(_, id)| id.clone());
        let own: Vec<String> = own.collect();
        let name = tenant.name.clone();
        steps.push(match mode {
            Mode::Remove if own.is_empty() => Step::Remove { id: tenant.id.clone(), name, meetings: own },
            Mode::Force => Step::Remove { id: tenant.id.clone(), name, meetings: own },
            Mode::Keep | Mode::Remove => Step::Keep { name, meetings: own.len(), mode },
        });
    }
    Ok(steps)
}

/// The tenant that is meant: by its ID, else by its name.
fn find<'t>(wanted: &Wanted, current: &'t [Tenant]) -> Result<Option<&'t Tenant>, PlanError> {
    let named = current.iter().find(|tenant| tenant.name == wanted.name);
    let Some(id) = &wanted.id else { return Ok(named) };
    let name = || wanted.name.clone();
    match (current.iter().find(|tenant| tenant.id == *id), named) {
        (Some(known), Some(named)) if named.id != known.id => {
            Err(PlanError::NameTaken { name: name(), owner: named.id.clone() })
        }
        (None, Some(named)) => {
            Err(PlanError::OtherId { name: name(), known: named.id.clone(), wanted: id.clone() })
        }
        (known, _) => Ok(known),
    }
}

/// The tenant that the file describes.
pub(super) fn new_tenant(wanted: &Wanted) -> Tenant {
    let new = Tenant::new(&wanted.name, Tenant::split_secrets(&wanted.secrets));
    let settings = wanted.settings.iter().map(|((kind, name), value)| setting(*kind, name, value));
    Tenant {
        id: wanted.id.clone().unwrap_or(new.id),
        lrs: wanted.lrs.clone(),
        settings: settings.collect(),
        ..new
    }
}

#[cfg(test)]
mod tests {
    use scalelite_core::tenant::{Lrs, TenantSetting};

    use super::super::document::parse;
    use super::*;

    const FILE: &str = "
tenants:
  acme:
    id: id-1
    secrets: one:two
    lrs_endpoint: https://lrs/
    lrs_password: geheim
    limits: {maxMeetings: 10}
    defaults: {logo: a}
    overrides: {record: false, logo: b}
  umbrella:
    secrets: s
";

    fn planned(file: &str, current: &[Tenant], mode: Mode) -> Result<Vec<Step>, PlanError> {
        let meetings = [("id-9", "m1"), ("id-9", "m2"), ("id-1", "m3")];
        let meetings = meetings.map(|(tenant, meeting)| (tenant.to_owned(), meeting.to_owned()));
        plan(&parse(file).unwrap(), current, &meetings, mode)
    }

    fn told(steps: &[Step]) -> String {
        steps.iter().flat_map(Step::lines).map(|line| line + "\n").collect()
    }

    fn tenant(id: &str, name: &str) -> Tenant {
        Tenant { id: id.to_owned(), ..Tenant::new(name, vec!["s".into()]) }
    }

    #[test]
    fn new_tenants_are_added_whole() {
        let steps = planned(FILE, &[], Mode::Keep).unwrap();
        assert_eq!(
            told(&steps),
            "+ tenant acme\n    + secrets: *****\n    + lrs_endpoint: https://lrs/\n    + lrs_password: *****\n    \
             + limit maxMeetings: 10\n    + default logo: a\n    + override logo: b\n    + override record: false\n\
             + tenant umbrella\n    + secrets: *****\n"
        );
        let [Step::Add(acme), Step::Add(umbrella)] = &steps[..] else { panic!("{steps:?}") };
        assert_eq!((acme.id.as_str(), acme.secrets.len(), umbrella.id.len()), ("id-1", 2, 36));
        assert_eq!(acme.limits().max_meetings, Some(10));
        assert_eq!(acme.overrides().collect::<Vec<_>>(), [("logo", "b"), ("record", "false")]);
    }

    #[test]
    fn what_differs_is_changed() {
        let old = |id: &str, param: &str, value: &str, overrides| TenantSetting {
            id: id.to_owned(),
            ..TenantSetting::new(param, value, overrides)
        };
        let lrs = Lrs { password: Some("old".into()), kc_password: Some("old".into()), ..Lrs::default() };
        let settings = vec![
            old("1", "limit:maxMeetings", "9", true),
            old("2", "limit:maxDuration", "9", true),
            old("3", "limit:later", "9", true),
            old("4", "logo", "a", false),
            old("5", "logo", "x", true),
            old("6", "record", "false", true),
            old("7", "record", "false", true),
        ];
        let current = [Tenant { lrs, settings, ..tenant("id-1", "old") }, tenant("id-2", "umbrella")];
        let steps = planned(FILE, &current, Mode::Force).unwrap();
        assert_eq!(
            told(&steps),
            "~ tenant acme\n    ~ name: old -> acme\n    ~ secrets: *****\n    + lrs_endpoint: https://lrs/\n    \
             ~ lrs_password: *****\n    - kc_password: *****\n    - override record: false (there twice)\n    \
             ~ limit maxMeetings: 9 -> 10\n    ~ override logo: x -> b\n    - limit maxDuration: 9\n"
        );
        let [Step::Change { id, change, .. }] = &steps[..] else { panic!("{steps:?}") };
        assert_eq!((id.as_str(), change.name.as_deref()), ("id-1", Some("acme")));
        assert_eq!(change.drop_settings, ["6", "2"]);
        let put = change.put_settings.iter().map(|setting| (setting.id.as_str(), setting.value.as_str()));
        assert_eq!(put.collect::<Vec<_>>(), [("1", "10"), ("5", "b")]);
        let lrs = [Some("https://lrs/"), None, Some("geheim"), None, None, None, None, Some("")];
        assert_eq!(change.lrs.values(), lrs);
    }

    #[test]
    fn a_second_run_finds_nothing_to_do() {
        let wanted = parse(FILE).unwrap();
        let current: Vec<Tenant> = wanted.iter().map(new_tenant).collect();
        assert_eq!(told(&planned(FILE, &current, Mode::Force).unwrap()), "");
    }

    #[test]
    fn tenants_that_are_not_wanted() {
        let current = [tenant("id-8", "empty"), tenant("id-9", "full")];
        let told_in = |mode| told(&planned("tenants: {}", &current, mode).unwrap());
        assert_eq!(
            told_in(Mode::Keep),
            "  tenant empty: not in the file, kept\n  tenant full: not in the file, kept\n"
        );
        assert_eq!(
            told_in(Mode::Remove),
            "- tenant empty\n  tenant full: not in the file, kept because it has meetings: 2\n"
        );
        assert_eq!(
            told_in(Mode::Force),
            "- tenant empty\n- tenant full\n    - meeting m1\n    - meeting m2\n"
        );
    }

    #[test]
    fn contradictions() {
        let current = [tenant("id-1", "acme"), tenant("id-2", "umbrella")];
        let failed = |file: &str| planned(file, &current, Mode::Keep).unwrap_err().to_string();
        assert!(failed("tenants: {acme: {id: other, secrets: s}}").contains("its id is id-1, not other"));
        assert!(
            failed("tenants: {acme: {id: id-2, secrets: s}}")
                .contains("still that of the tenant with the id id-1")
        );
        let twice = "tenants: {new: {id: id-1, secrets: s}, acme: {secrets: s}}";
        assert_eq!(failed(twice), "tenants new and acme of the file are the same tenant");
        let one_id = "tenants: {x: {id: id-3, secrets: s}, y: {id: id-3, secrets: s}}";
        assert_eq!(failed(one_id), "tenants x and y of the file are the same tenant");
        assert_eq!(
            Mode::parse(Some("all")).unwrap_err().to_string(),
            "Unknown sync mode 'all' (choose: keep remove force)"
        );
    }
}
