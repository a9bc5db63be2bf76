//! Times: `timestamp` without a zone, in UTC.

use chrono::{DateTime, NaiveDateTime};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::recordings::model::Micros;

/// As the database has it. What is out of its range is at its end.
pub(super) fn of(micros: Micros) -> NaiveDateTime {
    // Years 1 and 9999: what a recording's clock says is not ours to judge, but it has to be stored.
    const FIRST: i64 = -62_135_596_800_000_000;
    const LAST: i64 = 253_402_300_799_999_999;
    DateTime::from_timestamp_micros(micros.0.clamp(FIRST, LAST)).unwrap_or_default().naive_utc()
}

pub(super) fn read(row: &PgRow, column: &str) -> sqlx::Result<Option<Micros>> {
    let time: Option<NaiveDateTime> = row.try_get(column)?;
    Ok(time.map(|time| Micros(time.and_utc().timestamp_micros())))
}
