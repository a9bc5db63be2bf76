//! `callback_data.callback_attributes`: YAML as Rails writes it (CONTRACT §7), `---\n:recording_ready_url: https://…\n`.
//! Keys are symbols or, in a hash that is tagged as of some Ruby class, plain.

use yaml_serde::{Mapping, Value};

use super::CallbackAttributes;

const ANALYTICS: &str = "analytics_callback_url";
const RECORDING_READY: &str = "recording_ready_url";
/// Ours: two tenants may have meetings of the same ID.
const TENANT: &str = "tenant_id";

/// What is remembered. What cannot be read is nothing.
pub(crate) fn read(text: Option<&str>) -> CallbackAttributes {
    let mapping = text.map(mapping).unwrap_or_default();
    CallbackAttributes {
        analytics_callback_url: text_of(&mapping, ANALYTICS),
        recording_ready_url: text_of(&mapping, RECORDING_READY),
        tenant_id: text_of(&mapping, TENANT),
    }
}

/// What was remembered before, with what is new.
pub(crate) fn write(before: Option<&str>, new: &CallbackAttributes) -> String {
    let mut mapping: Mapping = before.map(mapping).unwrap_or_default();
    let values = [
        (ANALYTICS, &new.analytics_callback_url),
        (RECORDING_READY, &new.recording_ready_url),
        (TENANT, &new.tenant_id),
    ];
    for (name, value) in values {
        if let Some(value) = value {
            mapping.remove(name);
            mapping.insert(symbol(name).into(), value.as_str().into());
        }
    }
    // A mapping of texts is always written.
    format!("---\n{}", yaml_serde::to_string(&mapping).unwrap_or_default())
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
        assert_eq!(write(None, &both), text);
        assert_eq!(read(Some(text)), both);
    }

    #[test]
    fn tagged_as_a_ruby_class() {
        let text =
            "--- !ruby/hash:ActiveSupport::HashWithIndifferentAccess\nrecording_ready_url: https://r/\n";
        assert_eq!(read(Some(text)), ready("https://r/"));
        assert_eq!(write(Some(text), &ready("https://s/")), "---\n:recording_ready_url: https://s/\n");
    }

    #[test]
    fn what_is_not_named_stays() {
        let text = "---\n:analytics_callback_url: https://a/\n:other: 1\n";
        let written = write(Some(text), &ready("https://r/"));
        assert_eq!(written, format!("{text}:recording_ready_url: https://r/\n"));
    }

    #[test]
    fn urls_that_look_like_something_else_are_quoted() {
        for url in ["true", "1", "https://a/: b # c", "\"", "*a", "line\nbreak", "ä€"] {
            assert_eq!(read(Some(&write(None, &ready(url)))), ready(url), "{url}");
        }
    }

    #[test]
    fn rubbish_is_nothing() {
        for text in
            [None, Some(""), Some("--- {"), Some("- a"), Some("---\n:recording_ready_url:\n"), Some("1")]
        {
            assert_eq!(read(text), CallbackAttributes::default());
        }
    }
}
