//! `callback_data.callback_attributes`: YAML as Rails writes it (CONTRACT §7), `---\n:recording_ready_url: https://…\n`.
//! Keys are symbols or, in a hash that is tagged as of some Ruby class, plain.
//!
//! Meetings of several tenants may have one ID, and the original has one row for it. So the row says whose its URLs
//! are (`:tenant_id`), and keeps those of others beside them (`:others`); the original leaves both alone until it
//! writes the row anew.

use yaml_serde::{Mapping, Value};

use super::CallbackAttributes;

const ANALYTICS: &str = "analytics_callback_url";
const RECORDING_READY: &str = "recording_ready_url";
const TENANT: &str = "tenant_id";
const OTHERS: &str = "others";

/// Of more other tenants the one that came first is forgotten.
const MOST_OTHERS: usize = 32;

/// What is remembered for a tenant. What cannot be read is nothing; what does not say whose it is, is everybody's.
pub(crate) fn read(text: Option<&str>, tenant_id: Option<&str>) -> CallbackAttributes {
    let mapping = text.map(mapping).unwrap_or_default();
    match text_of(&mapping, TENANT) {
        Some(owner) if tenant_id != Some(&owner) => {
            let others = others(&mapping);
            let own = tenant_id.and_then(|tenant| others.get(tenant)).and_then(Value::as_mapping);
            own.map(attributes).unwrap_or_default()
        }
        _ => attributes(&mapping),
    }
}

/// What was remembered before, with what is new for a tenant.
pub(crate) fn write(before: Option<&str>, tenant_id: Option<&str>, new: &CallbackAttributes) -> String {
    let mut mapping: Mapping = before.map(mapping).unwrap_or_default();
    if let Some(owner) = text_of(&mapping, TENANT).filter(|owner| tenant_id != Some(owner)) {
        hand_over(&mut mapping, &owner, tenant_id);
    }
    if let Some(tenant_id) = tenant_id {
        set(&mut mapping, TENANT, tenant_id);
    }
    for (name, value) in
        [(ANALYTICS, &new.analytics_callback_url), (RECORDING_READY, &new.recording_ready_url)]
    {
        if let Some(value) = value {
            set(&mut mapping, name, value);
        }
    }
    // A mapping of texts is always written.
    format!("---\n{}", yaml_serde::to_string(&mapping).unwrap_or_default())
}

/// Puts one tenant's URLs beside, and another's in their place.
fn hand_over(mapping: &mut Mapping, owner: &str, tenant_id: Option<&str>) {
    let mut others = others(mapping);
    let theirs = tenant_id.and_then(|tenant| others.shift_remove(tenant));
    let (mut own, old) = (Mapping::new(), attributes(mapping));
    for (name, value) in [(ANALYTICS, old.analytics_callback_url), (RECORDING_READY, old.recording_ready_url)]
    {
        if let Some(value) = value {
            set(&mut own, name, &value);
        }
        remove(mapping, name);
    }
    others.insert(owner.into(), own.into());
    let too_many = others.len().saturating_sub(MOST_OTHERS);
    let others: Mapping = others.into_iter().skip(too_many).collect();
    remove(mapping, OTHERS);
    remove(mapping, TENANT);
    for (name, value) in theirs.as_ref().and_then(Value::as_mapping).into_iter().flatten() {
        mapping.insert(name.clone(), value.clone());
    }
    mapping.insert(symbol(OTHERS).into(), others.into());
}

fn attributes(mapping: &Mapping) -> CallbackAttributes {
    CallbackAttributes {
        analytics_callback_url: text_of(mapping, ANALYTICS),
        recording_ready_url: text_of(mapping, RECORDING_READY),
    }
}

fn others(mapping: &Mapping) -> Mapping {
    let others = mapping.get(symbol(OTHERS)).or_else(|| mapping.get(OTHERS));
    others.and_then(Value::as_mapping).cloned().unwrap_or_default()
}

fn set(mapping: &mut Mapping, name: &str, value: &str) {
    mapping.remove(name);
    mapping.insert(symbol(name).into(), value.into());
}

fn remove(mapping: &mut Mapping, name: &str) {
    mapping.shift_remove(name);
    mapping.shift_remove(symbol(name));
}

fn mapping(text: &str) -> Mapping {
    let mut value = yaml_serde::from_str(text).unwrap_or(Value::Null);
    while let Value::Tagged(tagged) = value {
        value = tagged.value;
    }
    match value {
        Value::Mapping(mapping) => mapping,
        _ => Mapping::new(),
    }
}

fn text_of(mapping: &Mapping, name: &str) -> Option<String> {
    let value = mapping.get(symbol(name)).or_else(|| mapping.get(name))?;
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn symbol(name: &str) -> String {
    format!(":{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(url: &str) -> CallbackAttributes {
        CallbackAttributes { recording_ready_url: Some(url.to_owned()), ..CallbackAttributes::default() }
    }

    #[test]
    fn as_rails_writes_it() {
        let both = CallbackAttributes {
            analytics_callback_url: Some("https://a/".to_owned()),
            ..ready("https://r/?a=b&c")
        };
        let text = "---\n:analytics_callback_url: https://a/\n:recording_ready_url: https://r/?a=b&c\n";
        assert_eq!(write(None, None, &both), text);
        assert_eq!(read(Some(text), None), both);
    }

    #[test]
    fn tagged_as_a_ruby_class() {
        let text =
            "--- !ruby/hash:ActiveSupport::HashWithIndifferentAccess\nrecording_ready_url: https://r/\n";
        assert_eq!(read(Some(text), None), ready("https://r/"));
        assert_eq!(write(Some(text), None, &ready("https://s/")), "---\n:recording_ready_url: https://s/\n");
    }

    #[test]
    fn what_is_not_named_stays() {
        let text = "---\n:analytics_callback_url: https://a/\n:other: 1\n";
        let written = write(Some(text), None, &ready("https://r/"));
        assert_eq!(written, format!("{text}:recording_ready_url: https://r/\n"));
    }

    #[test]
    fn urls_that_look_like_something_else_are_quoted() {
        for url in ["true", "1", "https://a/: b # c", "\"", "*a", "line\nbreak", "ä€"] {
            assert_eq!(read(Some(&write(None, None, &ready(url))), None), ready(url), "{url}");
        }
    }

    #[test]
    fn each_tenant_has_its_own() {
        let analytics = |url: &str| CallbackAttributes {
            analytics_callback_url: Some(url.to_owned()),
            ..CallbackAttributes::default()
        };
        // The original does not say whose it is.
        let original = "---\n:analytics_callback_url: https://o/\n";
        assert_eq!(read(Some(original), Some("a")), analytics("https://o/"));
        let a = write(Some(original), Some("a"), &ready("https://a/"));
        let both = CallbackAttributes { ..ready("https://a/") };
        let both = CallbackAttributes { analytics_callback_url: Some("https://o/".to_owned()), ..both };
        assert_eq!(read(Some(&a), Some("a")), both);
        assert_eq!(read(Some(&a), Some("b")), CallbackAttributes::default());
        assert_eq!(read(Some(&a), None), CallbackAttributes::default());
        let b = write(Some(&a), Some("b"), &ready("https://b/"));
        assert_eq!(read(Some(&b), Some("b")), ready("https://b/"));
        assert_eq!(read(Some(&b), Some("a")), both);
        let again = write(Some(&b), Some("a"), &analytics("https://a2/"));
        let changed = CallbackAttributes {
            analytics_callback_url: Some("https://a2/".to_owned()),
            ..ready("https://a/")
        };
        assert_eq!(read(Some(&again), Some("a")), changed);
        assert_eq!(read(Some(&again), Some("b")), ready("https://b/"));
        // An original that reads it finds the last one's.
        assert!(again.contains("\n:analytics_callback_url: https://a2/\n"), "{again}");
    }

    #[test]
    fn the_first_of_too_many_tenants_is_forgotten() {
        let mut text = None;
        for number in 0..=MOST_OTHERS + 1 {
            text = Some(write(
                text.as_deref(),
                Some(&format!("t{number}")),
                &ready(&format!("https://{number}/")),
            ));
        }
        assert_eq!(read(text.as_deref(), Some("t0")), CallbackAttributes::default());
        assert_eq!(read(text.as_deref(), Some("t1")), ready("https://1/"));
    }

    #[test]
    fn rubbish_is_nothing() {
        for text in
            [None, Some(""), Some("--- {"), Some("- a"), Some("---\n:recording_ready_url:\n"), Some("1")]
        {
            assert_eq!(read(text, None), CallbackAttributes::default());
        }
    }
}
