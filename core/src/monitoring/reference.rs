//! The reference of all metrics, made from their lists so that it cannot drift from them.

use std::fmt::Write;

use super::Metric;

/// A table in Markdown for each list.
#[must_use]
pub fn reference(lists: &[(&str, &[Metric])]) -> String {
    let mut text = String::new();
    for (title, metrics) in lists {
        // Writing to a text does not fail.
        let _ = write!(
            text,
            "\n## {title}\n\n| metric | type | labels | what it tells |\n| --- | --- | --- | --- |\n"
        );
        for Metric { name, kind, labels, help } in *metrics {
            let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
            let _ = writeln!(text, "| `{name}` | {} | {} | {help} |", kind.name(), labels.join(", "));
        }
    }
    text
}
