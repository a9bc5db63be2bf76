//! Who changed what.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::link::Link;
use crate::audit::{Change, NotedChange};
use crate::recordings::catalog::CatalogError;
use crate::recordings::model::Micros;
use crate::recordings::rows;

pub(super) async fn note(link: &Link, changes: &[Change]) -> Result<(), CatalogError> {
    let changes = rows::json(changes)?;
    link.run(async |connection: &mut PgConnection| {
        sqlx::query(
            "INSERT INTO ext_changes (who, host, what, target, how, outcome)
             SELECT who, host, what, target, how, outcome
             FROM ROWS FROM (
               json_to_recordset($1::json)
               AS (who text, host text, what text, target text, how text, outcome text)
             ) WITH ORDINALITY AS noted (who, host, what, target, how, outcome, place)
             ORDER BY place",
        )
        .bind(changes)
        .execute(connection)
        .await
    })
    .await
    .map(drop)
}

pub(super) async fn list(
    link: &Link,
    since: Option<Micros>,
    limit: u32,
) -> Result<Vec<NotedChange>, CatalogError> {
    let since = since.map(|Micros(since)| DateTime::from_timestamp_micros(since).unwrap_or_default());
    let rows = link.run(async |connection: &mut PgConnection| {
        sqlx::query(
            "SELECT at, who, host, what, target, how, outcome FROM ext_changes
             WHERE at >= coalesce($1, '-infinity'::timestamptz) ORDER BY at DESC, id DESC LIMIT $2",
        )
        .bind(since)
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await
    });
    Ok(rows.await?.iter().map(noted).collect::<sqlx::Result<_>>()?)
}

fn noted(row: &PgRow) -> sqlx::Result<NotedChange> {
    Ok(NotedChange {
        at: Micros(row.try_get::<DateTime<Utc>, _>("at")?.timestamp_micros()),
        who: row.try_get("who")?,
        host: row.try_get("host")?,
        what: row.try_get("what")?,
        target: row.try_get("target")?,
        how: row.try_get("how")?,
        outcome: row.try_get("outcome")?,
    })
}

pub(super) async fn forget(link: &Link, age: Duration) -> Result<(), CatalogError> {
    link.run(async |connection: &mut PgConnection| {
        sqlx::query("DELETE FROM ext_changes WHERE at <= clock_timestamp() - make_interval(secs => $1)")
            .bind(age.as_secs_f64())
            .execute(connection)
            .await
    })
    .await
    .map(drop)
}
