//! The table of variables tells the truth about the code.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::*;

/// Variables that other parts read: the table has them for the documentation.
fn is_read_elsewhere(variable: &Variable) -> bool {
    matches!(variable.group, Group::Tls | Group::Images)
}

/// All examples of variables that have an effect; together they make a usable configuration.
fn examples() -> Vec<(&'static str, &'static str)> {
    let used = VARIABLES.iter().filter(|variable| variable.group != Group::Ignored);
    // The example of a key is cut off: a whole one would fill the page.
    let value = |variable: &Variable| {
        if variable.name == "CF_PRIVATE_KEY_B64" { CF_KEY.as_str() } else { variable.example }
    };
    used.map(|variable| (variable.name, value(variable))).collect()
}

#[test]
fn every_variable_that_is_read_is_in_the_table_and_the_other_way_round() {
    let read = RefCell::new(BTreeSet::new());
    let examples = examples();
    // Some are looked at only where another is set, or is not.
    for pairs in [&examples[..], &[("S3_RECORDING", "true")], &[]] {
        let values = source::from_pairs(pairs);
        let recording = |name: &str| {
            read.borrow_mut().insert(name.to_owned());
            values(name)
        };
        drop(Config::from_source(&recording));
    }
    let table: BTreeSet<String> =
        VARIABLES.iter().filter(|v| !is_read_elsewhere(v)).map(|v| v.name.to_owned()).collect();
    assert_eq!(read.into_inner(), table);
}

#[test]
fn names_are_unique_and_groups_in_order() {
    let names: BTreeSet<_> = VARIABLES.iter().map(|variable| variable.name).collect();
    assert_eq!(names.len(), VARIABLES.len());
    assert!(VARIABLES.is_sorted_by_key(|variable| variable.group));
    assert!(VARIABLES.iter().all(|variable| variable.description.ends_with('.')));
}

#[test]
fn the_examples_are_accepted() {
    assert!(config(&examples()).recordings.s3.is_some());
}

#[test]
fn setting_a_default_changes_nothing() {
    let base = [("REDIS_URL", "redis://localhost")];
    let unset = format!("{:?}", config(&base));
    for variable in VARIABLES {
        let Some(default) = variable.default else { continue };
        let loaded = load(&[base[0], (variable.name, default)]);
        assert_eq!(format!("{:?}", loaded.config), unset, "{}", variable.name);
        // S3_RECORDING=false meant true in the original, so it gets a warning.
        assert_eq!(loaded.warnings.len(), usize::from(variable.name == "S3_RECORDING"));
    }
}

#[test]
fn ignored_names_warn_once_each() {
    let ignored: Vec<_> = VARIABLES.iter().filter(|variable| variable.group == Group::Ignored).collect();
    assert!(ignored.iter().any(|variable| variable.name == "POLLER_WAIT_TIMEOUT"));
    for variable in &ignored {
        let warnings = load(&[(variable.name, variable.example)]).warnings;
        assert_eq!(warnings, [format!("{} is ignored: {}", variable.name, variable.description)]);
        assert!(load(&[(variable.name, "")]).warnings.is_empty());
    }
    let all: Vec<_> = ignored.iter().map(|variable| (variable.name, "nonsense")).collect();
    assert_eq!(load(&all).warnings.len(), ignored.len());
}
