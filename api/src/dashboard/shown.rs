//! Numbers and times as people read them. Pure.

use chrono::DateTime;
use scalelite_core::recordings::model::Micros;

/// A number with at most one digit after the point.
pub(super) fn decimal(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// A size, `1.5 MiB`.
pub(super) fn bytes(size: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if size < 1024 {
        return format!("{size} B");
    }
    #[allow(clippy::cast_precision_loss, reason = "it is rounded anyway")]
    let mut rest = size as f64;
    let mut unit = "B";
    for next in UNITS {
        if rest < 1024.0 {
            break;
        }
        (rest, unit) = (rest / 1024.0, next);
    }
    format!("{} {unit}", decimal(rest))
}

/// A time that has passed, `3 h 20 min`.
pub(super) fn age(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{minutes} min"),
        3600..86400 => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

/// A moment in UTC, to the second.
pub(super) fn moment(at: Micros) -> String {
    DateTime::from_timestamp_micros(at.0)
        .map_or_else(String::new, |at| at.format("%Y-%m-%d %H:%M:%S").to_string())
}

/// The same for machines.
pub(super) fn machine(at: Micros) -> String {
    DateTime::from_timestamp_micros(at.0)
        .map_or_else(String::new, |at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_people_read_them() {
        for (number, text) in [(0.0, "0"), (2.0, "2"), (2.25, "2.2"), (1234.56, "1234.6")] {
            assert_eq!(decimal(number), text);
        }
        for (size, text) in
            [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (1 << 30, "1 GiB"), (u64::MAX, "16777216 TiB")]
        {
            assert_eq!(bytes(size), text);
        }
        for (seconds, text) in [(0, "0 s"), (119, "1 min"), (12_000, "3 h 20 min"), (90_000, "1 d 1 h")] {
            assert_eq!(age(seconds), text);
        }
        assert_eq!(moment(Micros(1_700_000_000_000_000)), "2023-11-14 22:13:20");
        assert_eq!(machine(Micros(1_700_000_000_000_000)), "2023-11-14T22:13:20Z");
        assert_eq!(moment(Micros(i64::MAX)), "");
    }
}
