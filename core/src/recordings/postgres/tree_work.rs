//! Work on files that was noted and is not done yet.

use std::time::Duration;

use sqlx::PgConnection;

use super::link::Link;
use crate::recordings::catalog::{CatalogError, TreeWork};
use crate::recordings::model::Shelf;

type Row = (i64, String, String, Option<String>);

pub(super) async fn pending(link: &Link, age: Duration, limit: u32) -> Result<Vec<TreeWork>, CatalogError> {
    let rows: Vec<Row> = link
        .run(async |connection: &mut PgConnection| {
            sqlx::query_as(
                "SELECT id, record_id, format, shelf FROM ext_tree_work
                 WHERE noted_at <= clock_timestamp() - make_interval(secs => $1) ORDER BY noted_at, id LIMIT $2",
            )
            .bind(age.as_secs_f64())
            .bind(i64::from(limit))
            .fetch_all(connection)
            .await
        })
        .await?;
    Ok(rows.into_iter().map(work).collect())
}

pub(super) async fn done(link: &Link, ids: &[i64]) -> Result<(), CatalogError> {
    link.run(async |connection: &mut PgConnection| {
        sqlx::query("DELETE FROM ext_tree_work WHERE id = ANY($1)").bind(ids).execute(connection).await
    })
    .await
    .map(drop)
}

pub(super) async fn postponed(link: &Link, ids: &[i64]) -> Result<(), CatalogError> {
    link.run(async |connection: &mut PgConnection| {
        sqlx::query("UPDATE ext_tree_work SET noted_at = clock_timestamp() WHERE id = ANY($1)")
            .bind(ids)
            .execute(connection)
            .await
    })
    .await
    .map(drop)
}

/// Notes where the trees of these recordings (by their rows) belong from now on, in place of what was noted before.
pub(super) async fn note(
    connection: &mut PgConnection,
    ids: &[i64],
    shelf: Option<Shelf>,
) -> sqlx::Result<Vec<TreeWork>> {
    sqlx::query(
        "DELETE FROM ext_tree_work
         WHERE record_id IN (SELECT record_id FROM recordings WHERE id = ANY($1)) AND shelf IS NOT NULL",
    )
    .bind(ids)
    .execute(&mut *connection)
    .await?;
    let rows: Vec<Row> = sqlx::query_as(
        "INSERT INTO ext_tree_work (record_id, format, shelf, noted_at)
         SELECT r.record_id, p.format, $2, clock_timestamp()
         FROM recordings r JOIN playback_formats p ON p.recording_id = r.id
         WHERE r.id = ANY($1) ORDER BY r.id, p.format
         RETURNING id, record_id, format, shelf",
    )
    .bind(ids)
    .bind(shelf.map(Shelf::name))
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(work).collect())
}

fn work((id, record_id, format, shelf): Row) -> TreeWork {
    TreeWork { id, record_id, format, shelf: shelf.map(|shelf| Shelf::of(shelf == Shelf::Published.name())) }
}
