//! What operators and clients change of recordings.

use sqlx::PgConnection;

use super::link::Link;
use super::tree_work;
use crate::recordings::catalog::{CatalogError, MOST_METADATA, MetadataChange, TreeWork};
use crate::recordings::model::Shelf;

pub(super) async fn publish(link: &Link, record_id: &str) -> Result<bool, CatalogError> {
    link.transact(async |connection: &mut PgConnection| {
        let Some(id) = say(connection, record_id, Shelf::Published).await? else { return Ok(false) };
        // Its trees stand there by now; what was to be moved away is not any more.
        sqlx::query(
            "DELETE FROM ext_tree_work
             WHERE record_id = (SELECT record_id FROM recordings WHERE id = $1) AND shelf IS NOT NULL",
        )
        .bind(id)
        .execute(connection)
        .await?;
        Ok(true)
    })
    .await
}

pub(super) async fn unpublish(link: &Link, record_id: &str) -> Result<Option<Vec<TreeWork>>, CatalogError> {
    link.transact(async |connection: &mut PgConnection| {
        let Some(id) = say(connection, record_id, Shelf::Unpublished).await? else { return Ok(None) };
        Ok(Some(tree_work::note(connection, &[id], Some(Shelf::Unpublished)).await?))
    })
    .await
}

/// Notes the operator's word; gives the key of the recording's row.
async fn say(connection: &mut PgConnection, record_id: &str, shelf: Shelf) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "UPDATE recordings SET published = $2, state = $3, publish_updated = true
         WHERE record_id = $1 AND state IS DISTINCT FROM 'deleted' RETURNING id",
    )
    .bind(record_id)
    .bind(shelf.is_published())
    .bind(shelf.name())
    .fetch_optional(connection)
    .await
}

pub(super) async fn update(
    link: &Link,
    record_ids: &[String],
    tenant_id: Option<&str>,
    change: &MetadataChange,
) -> Result<bool, CatalogError> {
    let mut wanted = record_ids.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    link.transact(async |connection: &mut PgConnection| {
        let ids: Vec<i64> = sqlx::query_scalar(
            "SELECT r.id FROM recordings r
             WHERE r.record_id = ANY($1) AND ($2::text IS NULL OR EXISTS (
               SELECT FROM metadata t WHERE t.recording_id = r.id AND t.key = 'tenant-id' AND t.value = $2))
             ORDER BY r.id FOR UPDATE",
        )
        .bind(&wanted)
        .bind(tenant_id)
        .fetch_all(&mut *connection)
        .await?;
        if ids.len() < wanted.len() {
            return Ok(false);
        }
        set_metadata(connection, &ids, &change.set).await?;
        sqlx::query("DELETE FROM metadata WHERE recording_id = ANY($1) AND key = ANY($2)")
            .bind(&ids)
            .bind(&change.remove)
            .execute(&mut *connection)
            .await?;
        if !change.set.is_empty() {
            bound_metadata(connection, &ids).await?;
        }
        if let Some(protect) = change.protect {
            sqlx::query("UPDATE recordings SET protected = $2 WHERE id = ANY($1)")
                .bind(&ids)
                .bind(protect)
                .execute(&mut *connection)
                .await?;
        }
        Ok(true)
    })
    .await
}

/// Fails if one of these recordings has too much of it.
async fn bound_metadata(connection: &mut PgConnection, ids: &[i64]) -> Result<(), CatalogError> {
    let largest: Option<i64> = sqlx::query_scalar(
        "SELECT max(size) FROM (
           SELECT sum(octet_length(key) + octet_length(value))::bigint AS size FROM metadata
           WHERE recording_id = ANY($1) GROUP BY recording_id) AS sizes",
    )
    .bind(ids)
    .fetch_one(connection)
    .await?;
    if largest > Some(MOST_METADATA) { Err(CatalogError::TooMuchMetadata) } else { Ok(()) }
}

/// Sets metadata of each of these recordings; of a key that comes twice the last value.
pub(super) async fn set_metadata(
    connection: &mut PgConnection,
    ids: &[i64],
    pairs: &[(String, String)],
) -> sqlx::Result<()> {
    let (keys, values): (Vec<&str>, Vec<&str>) =
        crate::recordings::catalog::last_of_each(pairs).into_iter().unzip();
    sqlx::query(
        "INSERT INTO metadata (recording_id, key, value)
         SELECT r.id, pair.key, pair.value
         FROM unnest($1::bigint[]) AS r (id)
         CROSS JOIN unnest($2::text[], $3::text[]) WITH ORDINALITY AS pair (key, value, place)
         ORDER BY r.id, pair.place
         ON CONFLICT (recording_id, key) DO UPDATE SET value = excluded.value",
    )
    .bind(ids)
    .bind(keys)
    .bind(values)
    .execute(connection)
    .await
    .map(drop)
}

pub(super) async fn delete(link: &Link, ids: &[i64]) -> Result<Vec<TreeWork>, CatalogError> {
    link.transact(async |connection: &mut PgConnection| {
        // In one order, so that two of these do not wait for each other in a circle.
        let ids: Vec<i64> =
            sqlx::query_scalar("SELECT id FROM recordings WHERE id = ANY($1) ORDER BY id FOR UPDATE")
                .bind(ids)
                .fetch_all(&mut *connection)
                .await?;
        let work = tree_work::note(connection, &ids, None).await?;
        for statement in [
            "DELETE FROM thumbnails WHERE playback_format_id IN (
               SELECT id FROM playback_formats WHERE recording_id = ANY($1))",
            "DELETE FROM playback_formats WHERE recording_id = ANY($1)",
            "DELETE FROM metadata WHERE recording_id = ANY($1)",
            "UPDATE recordings SET state = 'deleted', deleted_at = now() AT TIME ZONE 'UTC' WHERE id = ANY($1)",
        ] {
            sqlx::query(statement).bind(&ids).execute(&mut *connection).await?;
        }
        Ok(work)
    })
    .await
}

pub(super) async fn adopt(link: &Link, ids: &[i64], tenant_id: &str) -> Result<u64, CatalogError> {
    let done = link.run(async |connection: &mut PgConnection| {
        sqlx::query(
            "INSERT INTO metadata (recording_id, key, value)
             SELECT id, 'tenant-id', $2 FROM recordings WHERE id = ANY($1)
             ON CONFLICT (recording_id, key) DO NOTHING",
        )
        .bind(ids)
        .bind(tenant_id)
        .execute(connection)
        .await
    });
    Ok(done.await?.rows_affected())
}
