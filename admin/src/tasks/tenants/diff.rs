//! What is different about a tenant: as a change, and as lines that show no secret. Pure.

use std::collections::BTreeMap;

use scalelite_core::tenant::{LRS_FIELDS, Limit, Lrs, Tenant, TenantChange, TenantSetting};

use super::document::{Kind, Wanted};
use super::plan::Step;

/// What a new tenant has.
pub(super) fn added(tenant: &Tenant) -> Vec<String> {
    let mut lines = vec!["    + secrets: *****".to_owned()];
    lines.extend(lrs_lines(&Lrs::default(), &tenant.lrs));
    lines.extend(tenant.settings.iter().map(|setting| {
        let (kind, name) = of_setting(setting);
        format!("    + {} {name}: {}", heading(kind), setting.value)
    }));
    lines
}

/// A new setting.
pub(super) fn setting(kind: Kind, name: &str, value: &str) -> TenantSetting {
    match kind {
        Kind::Limit => TenantSetting::new(&format!("{}{name}", Limit::PREFIX), value, false),
        Kind::Default => TenantSetting::new(name, value, false),
        Kind::Override => TenantSetting::new(name, value, true),
    }
}

/// Under which heading of the file a setting stands, and its name there.
fn of_setting(setting: &TenantSetting) -> (Kind, &str) {
    match setting.param.strip_prefix(Limit::PREFIX) {
        Some(name) => (Kind::Limit, name),
        None if setting.overrides => (Kind::Override, &setting.param),
        None => (Kind::Default, &setting.param),
    }
}

fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::Limit => "limit",
        Kind::Default => "default",
        Kind::Override => "override",
    }
}

/// The step that makes a tenant what it should be, if it is not.
pub(super) fn change(wanted: &Wanted, known: &Tenant) -> Option<Step> {
    let mut change = TenantChange::default();
    let mut lines = Vec::new();
    if wanted.name != known.name {
        lines.push(format!("    ~ name: {} -> {}", known.name, wanted.name));
        change.name = Some(wanted.name.clone());
    }
    if wanted.secrets != Tenant::join_secrets(&known.secrets) {
        lines.push("    ~ secrets: *****".to_owned());
        change.secrets = Some(Tenant::split_secrets(&wanted.secrets));
    }
    lines.extend(lrs_lines(&known.lrs, &wanted.lrs));
    let mut values = LRS_FIELDS.map(|_| None);
    for (value, (old, new)) in values.iter_mut().zip(known.lrs.values().into_iter().zip(wanted.lrs.values()))
    {
        *value = (old != new).then(|| new.unwrap_or_default().to_owned());
    }
    change.lrs = Lrs::from_changes(values);
    change_settings(wanted, known, &mut change, &mut lines);
    let id = known.id.clone();
    (!lines.is_empty()).then(|| {
        lines.insert(0, format!("~ tenant {}", wanted.name));
        Step::Change { id, change: Box::new(change), lines }
    })
}

/// Of several settings of one kind and name, which an original may have made, one stays. Limits that are not known,
/// perhaps of a later version, are left alone.
fn change_settings(wanted: &Wanted, known: &Tenant, change: &mut TenantChange, lines: &mut Vec<String>) {
    let mut there: BTreeMap<(Kind, &str), &TenantSetting> = BTreeMap::new();
    let unknown = |param: &str| Limit::is_reserved(param) && Limit::of_param(param).is_none();
    for setting in known.settings.iter().filter(|setting| !unknown(&setting.param)) {
        if let Some(earlier) = there.insert(of_setting(setting), setting) {
            let (kind, name) = of_setting(earlier);
            lines.push(format!("    - {} {name}: {} (there twice)", heading(kind), earlier.value));
            change.drop_settings.push(earlier.id.clone());
        }
    }
    for ((kind, name), value) in &wanted.settings {
        let what = format!("{} {name}", heading(*kind));
        let new = setting(*kind, name, value);
        match there.remove(&(*kind, name.as_str())) {
            Some(old) if old.value == *value => {}
            Some(old) => {
                lines.push(format!("    ~ {what}: {} -> {value}", old.value));
                change.put_settings.push(TenantSetting { id: old.id.clone(), ..new });
            }
            None => {
                lines.push(format!("    + {what}: {value}"));
                change.put_settings.push(new);
            }
        }
    }
    for ((kind, name), old) in there {
        lines.push(format!("    - {} {name}: {}", heading(kind), old.value));
        change.drop_settings.push(old.id.clone());
    }
}

fn lrs_lines(old: &Lrs, new: &Lrs) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, (old, new)) in LRS_FIELDS.into_iter().zip(old.values().into_iter().zip(new.values())) {
        let secret = name.ends_with("password") || name.ends_with("secret");
        let shown = |value: &str| if secret { "*****".to_owned() } else { value.to_owned() };
        match (old, new) {
            (None, Some(new)) => lines.push(format!("    + {name}: {}", shown(new))),
            (Some(old), None) => lines.push(format!("    - {name}: {}", shown(old))),
            (Some(old), Some(new)) if old != new && secret => lines.push(format!("    ~ {name}: *****")),
            (Some(old), Some(new)) if old != new => lines.push(format!("    ~ {name}: {old} -> {new}")),
            _ => {}
        }
    }
    lines
}
