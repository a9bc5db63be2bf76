//! What operators and clients change of recordings.

use sqlx::SqliteConnection;

use super::{json, time, tree_work};
use crate::recordings::catalog::{CatalogError, MOST_METADATA, MetadataChange, TreeWork, last_of_each};
use crate::recordings::model::Shelf;
use crate::sqlite::Link;

pub(super) async fn publish(link: &Link, record_id: &str) -> Result<bool, CatalogError> {
    link.transact(async |transaction| {
        if say(transaction, record_id, Shelf::Published).await?.is_none() {
            return Ok(false);
        }
        // Its trees stand there by now; what was to be moved away is not any more.
        sqlx::query("DELETE FROM ext_tree_work WHERE record_id = $1 AND shelf IS NOT NULL")
            .bind(record_id)
            .execute(&mut **transaction)
            .await?;
        Ok(true)
    })
    .await
}

pub(super) async fn unpublish(link: &Link, record_id: &str) -> Result<Option<Vec<TreeWork>>, CatalogError> {
    link.transact(async |transaction| {
        let Some(id) = say(transaction, record_id, Shelf::Unpublished).await? else { return Ok(None) };
        Ok(Some(tree_work::note(transaction, &[id], Some(Shelf::Unpublished)).await?))
    })
    .await
}

/// Notes the operator's word; gives the key of the recording's row.
async fn say(connection: &mut SqliteConnection, record_id: &str, shelf: Shelf) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "UPDATE recordings SET published = $2, state = $3, publish_updated = 1
         WHERE record_id = $1 AND state IS NOT 'deleted' RETURNING id",
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
    link.transact(async |transaction| {
        let ids: Vec<i64> = sqlx::query_scalar(
            "SELECT r.id FROM recordings r
             WHERE r.record_id IN (SELECT value FROM json_each($1)) AND ($2 IS NULL OR EXISTS (
               SELECT 1 FROM metadata t WHERE t.recording_id = r.id AND t.key = 'tenant-id' AND t.value = $2))
             ORDER BY r.id",
        )
        .bind(json(&wanted))
        .bind(tenant_id)
        .fetch_all(&mut **transaction)
        .await?;
        if ids.len() < wanted.len() {
            return Ok(false);
        }
        set_metadata(transaction, &ids, &change.set).await?;
        sqlx::query(
            "DELETE FROM metadata WHERE recording_id IN (SELECT value FROM json_each($1))
             AND key IN (SELECT value FROM json_each($2))",
        )
        .bind(json(&ids))
        .bind(json(&change.remove))
        .execute(&mut **transaction)
        .await?;
        if !change.set.is_empty() {
            bound_metadata(transaction, &ids).await?;
        }
        if let Some(protect) = change.protect {
            sqlx::query("UPDATE recordings SET protected = $2 WHERE id IN (SELECT value FROM json_each($1))")
                .bind(json(&ids))
                .bind(protect)
                .execute(&mut **transaction)
                .await?;
        }
        Ok(true)
    })
    .await
}

/// Fails if one of these recordings has too much of it.
async fn bound_metadata(connection: &mut SqliteConnection, ids: &[i64]) -> Result<(), CatalogError> {
    let largest: Option<i64> = sqlx::query_scalar(
        "SELECT max(size) FROM (
           SELECT sum(length(CAST(key AS BLOB)) + length(CAST(value AS BLOB))) AS size FROM metadata
           WHERE recording_id IN (SELECT value FROM json_each($1)) GROUP BY recording_id)",
    )
    .bind(json(ids))
    .fetch_one(connection)
    .await?;
    if largest > Some(MOST_METADATA) { Err(CatalogError::TooMuchMetadata) } else { Ok(()) }
}

/// Sets metadata of each of these recordings; of a key that comes twice the last value.
pub(super) async fn set_metadata(
    connection: &mut SqliteConnection,
    ids: &[i64],
    pairs: &[(String, String)],
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO metadata (recording_id, key, value)
         SELECT r.value, pair.value ->> 0, pair.value ->> 1
         FROM json_each($1) AS r CROSS JOIN json_each($2) AS pair
         WHERE true ORDER BY r.key, pair.key
         ON CONFLICT (recording_id, key) DO UPDATE SET value = excluded.value",
    )
    .bind(json(ids))
    .bind(json(&last_of_each(pairs)))
    .execute(connection)
    .await
    .map(drop)
}

pub(super) async fn delete(link: &Link, ids: &[i64]) -> Result<Vec<TreeWork>, CatalogError> {
    link.transact(async |transaction| {
        let work = tree_work::note(transaction, ids, None).await?;
        for statement in [
            "DELETE FROM thumbnails WHERE playback_format_id IN (
               SELECT id FROM playback_formats WHERE recording_id IN (SELECT value FROM json_each($1)))",
            "DELETE FROM playback_formats WHERE recording_id IN (SELECT value FROM json_each($1))",
            "DELETE FROM metadata WHERE recording_id IN (SELECT value FROM json_each($1))",
            "UPDATE recordings SET state = 'deleted', deleted_at = $2
             WHERE id IN (SELECT value FROM json_each($1))",
        ] {
            sqlx::query(statement).bind(json(ids)).bind(time::now()).execute(&mut **transaction).await?;
        }
        Ok(work)
    })
    .await
}

pub(super) async fn adopt(link: &Link, ids: &[i64], tenant_id: &str) -> Result<u64, CatalogError> {
    let done = link.write(async |connection| {
        sqlx::query(
            "INSERT INTO metadata (recording_id, key, value)
             SELECT id, 'tenant-id', $2 FROM recordings WHERE id IN (SELECT value FROM json_each($1))
             ON CONFLICT (recording_id, key) DO NOTHING",
        )
        .bind(json(ids))
        .bind(tenant_id)
        .execute(connection)
        .await
    });
    Ok(done.await?.rows_affected())
}
