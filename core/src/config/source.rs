//! Where the values come from when it is not the process's environment.

use std::collections::HashMap;

/// A source of these values, for [`Config::from_source`](super::Config::from_source). Of a name given twice
/// the later value counts.
///
/// ```
/// let source = scalelite_core::config::source::from_pairs(&[("PORT", "8080")]);
/// let loaded = scalelite_core::config::Config::from_source(&source).unwrap();
/// assert!(loaded.warnings.is_empty());
/// ```
pub fn from_pairs(pairs: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> + use<> {
    let values: HashMap<String, String> =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    move |name| values.get(name).cloned()
}
