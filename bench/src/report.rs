//! The table of all measurements.

use std::time::Duration;

use comfy_table::{CellAlignment, Table};

use crate::wrk::Measured;

/// One line of the table.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) connections: String,
    pub(crate) measured: Option<Measured>,
    /// Processor time of the process under test, per request.
    pub(crate) cpu_per_request: Option<Duration>,
    /// The most memory of each process, in KiB.
    pub(crate) memory: String,
    /// `figure (aim)`, one for each aim.
    pub(crate) verdicts: Vec<Verdict>,
}

/// A figure and whether it reaches its aim.
pub(crate) struct Verdict {
    pub(crate) text: String,
    pub(crate) reached: bool,
}

impl Verdict {
    pub(crate) fn at_least(what: &str, figure: f64, aim: f64) -> Self {
        Self { text: format!("{figure:.2} × {what} (aim ≥ {aim})"), reached: figure >= aim }
    }

    pub(crate) fn at_most(what: &str, figure: f64, aim: f64, unit: &str) -> Self {
        Self { text: format!("{what} {figure:.1} {unit} (aim ≤ {aim})"), reached: figure <= aim }
    }
}

/// The table as text, and how many aims were missed.
pub(crate) fn table(rows: &[Row]) -> (String, usize) {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header([
        "what",
        "conns",
        "req/s",
        "p50",
        "p99",
        "errors",
        "CPU/req",
        "peak memory",
        "against the aims",
    ]);
    for index in 1..=6 {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut missed = 0;
    for row in rows {
        let verdicts = row.verdicts.iter().map(|verdict| {
            missed += usize::from(!verdict.reached);
            format!("{} {}", if verdict.reached { "✓" } else { "✗" }, verdict.text)
        });
        let verdicts = verdicts.collect::<Vec<_>>().join("\n");
        let measured = |show: &dyn Fn(Measured) -> String| row.measured.map(show).unwrap_or_default();
        table.add_row([
            row.what.clone(),
            row.connections.clone(),
            measured(&|m| format!("{:.0}", m.per_second)),
            measured(&|m| milliseconds(m.p50)),
            measured(&|m| milliseconds(m.p99)),
            measured(&|m| m.errors.to_string()),
            row.cpu_per_request.map(|cpu| format!("{:.1} µs", cpu.as_secs_f64() * 1e6)).unwrap_or_default(),
            row.memory.clone(),
            verdicts,
        ]);
    }
    (table.to_string(), missed)
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1e3)
}
