//! Who changed what.

use std::time::Duration;

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{micros, now};
use crate::audit::{Change, NotedChange};
use crate::recordings::catalog::CatalogError;
use crate::recordings::model::Micros;
use crate::recordings::rows;
use crate::sqlite::Link;

pub(super) async fn note(link: &Link, changes: &[Change]) -> Result<(), CatalogError> {
    let changes = rows::json(changes)?;
    link.write(async |connection| {
        sqlx::query(
            "INSERT INTO ext_changes (at, who, host, what, target, how, outcome)
             SELECT $2, value ->> 'who', value ->> 'host', value ->> 'what', value ->> 'target', value ->> 'how',
                    value ->> 'outcome'
             FROM json_each($1) ORDER BY key",
        )
        .bind(changes)
        .bind(now())
        .execute(connection)
        .await
    })
    .await?;
    Ok(())
}

pub(super) async fn list(
    link: &Link,
    since: Option<Micros>,
    limit: u32,
) -> Result<Vec<NotedChange>, CatalogError> {
    let since = since.map_or(i64::MIN, |Micros(since)| since);
    let rows = link.read(async |connection| {
        sqlx::query(
            "SELECT at, who, host, what, target, how, outcome FROM ext_changes
             WHERE at >= $1 ORDER BY at DESC, id DESC LIMIT $2",
        )
        .bind(since)
        .bind(limit)
        .fetch_all(connection)
        .await
    });
    Ok(rows.await?.iter().map(noted).collect::<sqlx::Result<_>>()?)
}

fn noted(row: &SqliteRow) -> sqlx::Result<NotedChange> {
    Ok(NotedChange {
        at: Micros(row.try_get("at")?),
        who: row.try_get("who")?,
        host: row.try_get("host")?,
        what: row.try_get("what")?,
        target: row.try_get("target")?,
        how: row.try_get("how")?,
        outcome: row.try_get("outcome")?,
    })
}

pub(super) async fn forget(link: &Link, age: Duration) -> Result<(), CatalogError> {
    link.write(async |connection| {
        sqlx::query("DELETE FROM ext_changes WHERE at <= $1")
            .bind(now().saturating_sub(micros(age)))
            .execute(connection)
            .await
    })
    .await?;
    Ok(())
}
