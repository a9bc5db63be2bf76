//! `audit`: who changed what, the newest first.

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, Utc};
use scalelite_core::audit::NotedChange;
use scalelite_core::config::Config;
use scalelite_core::recordings::model::Micros;
use scalelite_core::startup;
use serde::Serialize;

use super::ready;
use crate::cli::ShowAudit;
use crate::output::{Align, Output, complain, table};
use crate::tasks::TaskError;

const COLUMNS: [(&str, Align); 7] = [
    ("TIME (UTC)", Align::Left),
    ("WHO", Align::Left),
    ("HOST", Align::Left),
    ("WHAT", Align::Left),
    ("ON", Align::Left),
    ("HOW", Align::Left),
    ("OUTCOME", Align::Left),
];

/// `audit`
pub(crate) async fn show(config: &Config, arguments: &ShowAudit) -> Result<(), TaskError> {
    let since = match &arguments.since {
        Some(text) => Some(moment(text, Utc::now()).ok_or_else(|| TaskError::Since(text.clone()))?),
        None => None,
    };
    let catalog = startup::open_catalog(config, 1).await?.ok_or(TaskError::NoAudit)?;
    if config.stores.is_embedded() {
        ready(&*catalog).await?;
    }
    catalog.check().await?;
    let since = since.map(|since| Micros(since.timestamp_micros()));
    let changes = catalog.changes(since, arguments.limit).await?;
    let mut out = Output::stdout();
    if arguments.json {
        out.json(&changes.iter().map(View::from).collect::<Vec<_>>())?;
    } else if changes.is_empty() {
        complain("No changes are noted");
    } else {
        let rows = changes.iter().map(|change| {
            let NotedChange { at, who, host, what, target, how, outcome } = change;
            let at = time(*at).map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default();
            [&at, who, host, what, target, how, outcome].map(Clone::clone).into()
        });
        let table = table(&COLUMNS, rows);
        table.lines().try_for_each(|line| out.line(line.trim_end()))?;
    }
    Ok(out.flush()?)
}

/// A change as JSON.
#[derive(Serialize)]
struct View<'a> {
    at: Option<String>,
    who: &'a str,
    host: &'a str,
    what: &'a str,
    on: &'a str,
    how: &'a str,
    outcome: &'a str,
}

impl<'a> From<&'a NotedChange> for View<'a> {
    fn from(change: &'a NotedChange) -> Self {
        let NotedChange { at, who, host, what, target, how, outcome } = change;
        let at = time(*at).map(|at| at.to_rfc3339_opts(SecondsFormat::Micros, true));
        Self { at, who, host, what, on: target, how, outcome }
    }
}

fn time(Micros(micros): Micros) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros)
}

/// Reads a moment: a date, a time with its zone, or how long ago it is (`90s`, `30m`, `12h`, `7d`, `2w`).
fn moment(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Some(date.and_time(NaiveTime::MIN).and_utc());
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    let unit = text.chars().next_back()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        'w' => 7 * 24 * 60 * 60,
        _ => return None,
    };
    let number: u32 = text.strip_suffix(unit)?.parse().ok()?;
    let ago = chrono::TimeDelta::try_seconds(i64::from(number).checked_mul(seconds)?)?;
    now.checked_sub_signed(ago)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let now = DateTime::parse_from_rfc3339("2026-03-10T12:00:00Z").unwrap().to_utc();
        for (text, expected) in [
            ("2026-03-01", "2026-03-01T00:00:00Z"),
            ("2026-03-01T10:00:00+02:00", "2026-03-01T08:00:00Z"),
            ("90s", "2026-03-10T11:58:30Z"),
            ("30m", "2026-03-10T11:30:00Z"),
            ("12h", "2026-03-10T00:00:00Z"),
            (" 7d ", "2026-03-03T12:00:00Z"),
            ("2w", "2026-02-24T12:00:00Z"),
        ] {
            let expected = DateTime::parse_from_rfc3339(expected).unwrap().to_utc();
            assert_eq!(moment(text, now), Some(expected), "{text}");
        }
        for text in ["", "d", "7", "-7d", "7 d", "yesterday", "4294967295w", "1\u{e4}", "2026-13-01"] {
            assert_eq!(moment(text, now), None, "{text}");
        }
    }
}
