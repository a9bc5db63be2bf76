//! The environment, with defaults of the task's own.

use scalelite_core::config::{Config, ConfigErrors, Loaded};

/// What a task wants to be different from the services' configuration; may hold secrets.
#[derive(Default)]
pub(crate) struct Adjustments {
    /// Whatever the environment says.
    pub(crate) forced: Vec<(&'static str, String)>,
    /// Where the environment says nothing.
    pub(crate) defaults: Vec<(&'static str, String)>,
}

impl Adjustments {
    /// For tasks that print something: their logs are warnings and errors, unless the operator wants more.
    pub(crate) fn quiet() -> Self {
        Self { forced: Vec::new(), defaults: vec![("RAILS_LOG_LEVEL", "warn".to_owned())] }
    }
}

/// Reads the environment of this process, adjusted.
pub(crate) fn load(adjustments: &Adjustments) -> Result<Loaded, ConfigErrors> {
    // Finds values that are not text, too.
    let loaded = Config::from_env()?;
    if adjustments.forced.is_empty() && adjustments.defaults.is_empty() {
        return Ok(loaded);
    }
    Config::from_source(&|name| adjust(adjustments, name, variable(name)))
}

/// Whether a variable is set to something.
pub(crate) fn is_set(name: &str) -> bool {
    variable(name).is_some_and(|value| !is_blank(&value))
}

/// What a variable is set to.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

fn is_blank(value: &str) -> bool {
    value.trim().is_empty()
}

fn adjust(adjustments: &Adjustments, name: &str, set: Option<String>) -> Option<String> {
    let of = |pairs: &[(&str, String)]| {
        pairs.iter().find(|(adjusted, _)| *adjusted == name).map(|(_, value)| value.clone())
    };
    of(&adjustments.forced).or_else(|| match set {
        Some(value) if !is_blank(&value) => Some(value),
        // An empty value may have a meaning of its own.
        set => of(&adjustments.defaults).or(set),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forced_before_set_before_default() {
        let adjustments = Adjustments {
            forced: vec![("BIND", "a".to_owned())],
            defaults: vec![("INTERVAL", "5".to_owned())],
        };
        let adjusted = |name, set: Option<&str>| adjust(&adjustments, name, set.map(str::to_owned));
        assert_eq!(adjusted("BIND", Some("b")).as_deref(), Some("a"));
        assert_eq!(adjusted("INTERVAL", None).as_deref(), Some("5"));
        assert_eq!(adjusted("INTERVAL", Some(" ")).as_deref(), Some("5"));
        assert_eq!(adjusted("INTERVAL", Some("9")).as_deref(), Some("9"));
        assert_eq!(adjusted("REDIS_NAMESPACE", Some("")).as_deref(), Some(""));
        assert_eq!(adjusted("PORT", None), None);
    }
}
