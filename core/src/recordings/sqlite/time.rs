//! Times: text, `YYYY-MM-DD HH:MM:SS.ffffff` in UTC, which sorts as the times do.

use chrono::{DateTime, NaiveDateTime};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::recordings::model::Micros;

/// As the database has it. What is out of its range is at its end.
pub(super) fn of(micros: Micros) -> String {
    // Years 1 and 9999: what a recording's clock says is not ours to judge, but it has to be stored.
    const FIRST: i64 = -62_135_596_800_000_000;
    const LAST: i64 = 253_402_300_799_999_999;
    let time = DateTime::from_timestamp_micros(micros.0.clamp(FIRST, LAST)).unwrap_or_default();
    time.format("%Y-%m-%d %H:%M:%S%.6f").to_string()
}

pub(super) fn now() -> String {
    of(Micros(super::now()))
}

/// Of a time that cannot be read, none.
pub(super) fn read(row: &SqliteRow, column: &str) -> sqlx::Result<Option<Micros>> {
    let text: Option<String> = row.try_get(column)?;
    let time = text.and_then(|text| NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f").ok());
    Ok(time.map(|time| Micros(time.and_utc().timestamp_micros())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_as_times_do() {
        let times = [i64::MIN, -1, 0, 1, 999_999, 1_000_000, 1_700_000_000_123_456, i64::MAX];
        let texts = times.map(|micros| of(Micros(micros)));
        assert!(texts.is_sorted(), "{texts:?}");
        assert_eq!(texts[6], "2023-11-14 22:13:20.123456");
    }
}
