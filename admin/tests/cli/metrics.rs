//! What is written of metrics is true of the code.

use std::collections::BTreeSet;

use scalelite_core::monitoring::{self, Kind, Metric};

const LISTS: [(&str, &[Metric]); 4] = [
    ("All processes", monitoring::METRICS),
    ("Front end", scalelite_api::METRICS),
    ("Poller", scalelite_poller::METRICS),
    ("Importer", scalelite_importer::METRICS),
];

fn all() -> impl Iterator<Item = &'static Metric> {
    LISTS.iter().flat_map(|(_, metrics)| *metrics)
}

#[test]
fn names_tell_unit_and_type() {
    let names: BTreeSet<&str> = all().map(|metric| metric.name).collect();
    assert_eq!(names.len(), all().count(), "each is listed once");
    for metric in all() {
        let name = metric.name;
        assert!(name.starts_with("scalelite_"), "{name}");
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{name}");
        assert_eq!(name.ends_with("_total"), metric.kind == Kind::Counter, "{name}");
        assert!(metric.kind.buckets().is_none() || name.ends_with("_seconds"), "{name}");
        assert!(metric.help.ends_with('.'), "{name}");
    }
}

#[test]
fn the_reference_is_made_from_the_lists() {
    let document = include_str!("../../../docs/METRICS.md");
    let (_, tables) = document.split_once("do not edit from here on. -->\n").expect("the mark is there");
    assert!(
        tables == monitoring::reference(&LISTS),
        "make it anew: cargo run -q -p scalelite --example metrics_reference"
    );
}

/// All names in a text that look like ours, but the suffixes that Prometheus gives to a histogram.
fn named(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| word.starts_with("scalelite_"))
        .map(|word| {
            let base = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| word.strip_suffix(suffix));
            base.filter(|base| all().any(|metric| metric.name == *base)).unwrap_or(word)
        })
        .collect()
}

#[test]
fn dashboard_and_alerts_name_what_there_is() {
    let known: BTreeSet<&str> = all().map(|metric| metric.name).collect();
    let dashboard = include_str!("../../../docs/grafana/scalelite.json");
    serde_json::from_str::<serde_json::Value>(dashboard).expect("the dashboard is JSON");
    let rules = include_str!("../../../docs/alerts/scalelite.rules.yml");
    for (what, text) in [("dashboard", dashboard), ("rules", rules)] {
        let named = named(text);
        assert!(named.len() >= 10, "{what}: {named:?}");
        let unknown: Vec<_> = named.difference(&known).collect();
        assert!(unknown.is_empty(), "{what}: {unknown:?}");
    }
}
