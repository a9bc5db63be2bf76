//! Work on files that was noted and is not done yet.

use std::time::Duration;

use sqlx::SqliteConnection;

use super::{json, micros, now};
use crate::recordings::catalog::{CatalogError, TreeWork};
use crate::recordings::model::Shelf;
use crate::sqlite::Link;

type Row = (i64, String, String, Option<String>);

pub(super) async fn pending(link: &Link, age: Duration, limit: u32) -> Result<Vec<TreeWork>, CatalogError> {
    let rows: Vec<Row> = link
        .read(async |connection| {
            sqlx::query_as(
                "SELECT id, record_id, format, shelf FROM ext_tree_work
                 WHERE noted_at <= $1 ORDER BY noted_at, id LIMIT $2",
            )
            .bind(now().saturating_sub(micros(age)))
            .bind(limit)
            .fetch_all(connection)
            .await
        })
        .await?;
    Ok(rows.into_iter().map(work).collect())
}

pub(super) async fn done(link: &Link, ids: &[i64]) -> Result<(), CatalogError> {
    link.write(async |connection| {
        sqlx::query("DELETE FROM ext_tree_work WHERE id IN (SELECT value FROM json_each($1))")
            .bind(json(ids))
            .execute(connection)
            .await
    })
    .await?;
    Ok(())
}

pub(super) async fn postponed(link: &Link, ids: &[i64]) -> Result<(), CatalogError> {
    link.write(async |connection| {
        sqlx::query("UPDATE ext_tree_work SET noted_at = $2 WHERE id IN (SELECT value FROM json_each($1))")
            .bind(json(ids))
            .bind(now())
            .execute(connection)
            .await
    })
    .await?;
    Ok(())
}

/// Notes where the trees of these recordings (by their rows) belong from now on, in place of what was noted before.
pub(super) async fn note(
    connection: &mut SqliteConnection,
    ids: &[i64],
    shelf: Option<Shelf>,
) -> sqlx::Result<Vec<TreeWork>> {
    let ids = json(ids);
    sqlx::query(
        "DELETE FROM ext_tree_work WHERE shelf IS NOT NULL AND record_id IN (
           SELECT record_id FROM recordings WHERE id IN (SELECT value FROM json_each($1)))",
    )
    .bind(&ids)
    .execute(&mut *connection)
    .await?;
    let rows: Vec<Row> = sqlx::query_as(
        "INSERT INTO ext_tree_work (record_id, format, shelf, noted_at)
         SELECT r.record_id, p.format, $2, $3
         FROM recordings r JOIN playback_formats p ON p.recording_id = r.id
         WHERE r.id IN (SELECT value FROM json_each($1)) ORDER BY r.id, p.format
         RETURNING id, record_id, format, shelf",
    )
    .bind(&ids)
    .bind(shelf.map(Shelf::name))
    .bind(now())
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(work).collect())
}

fn work((id, record_id, format, shelf): Row) -> TreeWork {
    TreeWork { id, record_id, format, shelf: shelf.map(|shelf| Shelf::of(shelf == Shelf::Published.name())) }
}
