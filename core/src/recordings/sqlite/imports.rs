//! Recording what a tar held.

use std::time::Duration;

use sqlx::SqliteConnection;

use super::changes::set_metadata;
use super::{callbacks, json, leases, micros, now, time, usage};
use crate::recordings::catalog::{CatalogError, Import, Lease, TarMark};
use crate::recordings::model::{NewRecording, PlaybackFormat, Shelf};
use crate::sqlite::Link;

/// Marks that are younger are kept: the tar may have come back to the spool since that was listed.
const YOUNG: Duration = Duration::from_secs(3600);
/// Leases that ran out so long ago are of nothing that is still there.
const OLD: Duration = Duration::from_secs(86_400);

pub(super) async fn shelf_for(
    link: &Link,
    recording: &NewRecording,
    import_unpublished: bool,
) -> Result<Shelf, CatalogError> {
    let word: Option<bool> = link
        .read(async |connection| {
            sqlx::query_scalar(
                "SELECT coalesce(published, 0) <> 0 FROM recordings WHERE record_id = $1 AND publish_updated",
            )
            .bind(&recording.record_id)
            .fetch_optional(connection)
            .await
        })
        .await?;
    Ok(Shelf::of(word.unwrap_or(recording.published && !import_unpublished)))
}

pub(super) async fn record(
    link: &Link,
    imports: &[Import<'_>],
    tar: &TarMark,
    held: &[Lease],
) -> Result<(), CatalogError> {
    link.transact(async |transaction| {
        leases::fence(transaction, held).await?;
        for import in imports {
            record_one(transaction, import).await?;
        }
        sqlx::query(
            "INSERT INTO ext_imports (file_name, fingerprint, trees, recorded_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (file_name) DO UPDATE
             SET fingerprint = excluded.fingerprint, trees = excluded.trees, recorded_at = excluded.recorded_at",
        )
        .bind(&tar.file_name)
        .bind(&tar.fingerprint)
        .bind(Import::trees(imports))
        .bind(now())
        .execute(&mut **transaction)
        .await?;
        Ok(())
    })
    .await
}

async fn record_one(connection: &mut SqliteConnection, import: &Import<'_>) -> sqlx::Result<()> {
    let Some(recording) = import.formats.last() else { return Ok(()) };
    let (id, is_new) = upsert_recording(connection, recording, import).await?;
    for format in import.formats {
        set_metadata(connection, &[id], &format.metadata).await?;
        upsert_format(connection, id, &format.format).await?;
    }
    let formats: Vec<&str> = import.formats.iter().map(|new| new.format.format.as_str()).collect();
    sqlx::query(
        "DELETE FROM ext_tree_work WHERE record_id = $1 AND format IN (SELECT value FROM json_each($2))",
    )
    .bind(&recording.record_id)
    .bind(json(&formats))
    .execute(&mut *connection)
    .await?;
    usage::imported(connection, id, is_new, import.bytes).await?;
    callbacks::recording_is_ready(connection, id, recording).await
}

async fn upsert_recording(
    connection: &mut SqliteConnection,
    recording: &NewRecording,
    import: &Import<'_>,
) -> sqlx::Result<(i64, bool)> {
    let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM recordings WHERE record_id = $1)")
        .bind(&recording.record_id)
        .fetch_one(&mut *connection)
        .await?;
    let id = sqlx::query_scalar(
        "INSERT INTO recordings (record_id, meeting_id, name, published, state, participants, starttime, endtime,
                                 protected, publish_updated)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)
         ON CONFLICT (record_id) DO UPDATE SET
           meeting_id = excluded.meeting_id,
           name = coalesce(excluded.name, name),
           published = excluded.published,
           state = excluded.state,
           participants = coalesce(excluded.participants, participants),
           starttime = coalesce(excluded.starttime, starttime),
           endtime = coalesce(excluded.endtime, endtime),
           deleted_at = NULL
         RETURNING id",
    )
    .bind(&recording.record_id)
    .bind(&recording.meeting_id)
    .bind(&recording.name)
    .bind(import.shelf.is_published())
    .bind(import.shelf.name())
    .bind(recording.participants)
    .bind(recording.start.map(time::of))
    .bind(recording.end.map(time::of))
    .bind(import.protected)
    .fetch_one(connection)
    .await?;
    Ok((id, !known))
}

async fn upsert_format(
    connection: &mut SqliteConnection,
    recording_id: i64,
    format: &PlaybackFormat,
) -> sqlx::Result<()> {
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO playback_formats (recording_id, format, url, length, processing_time)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (recording_id, format) DO UPDATE
         SET url = excluded.url, length = excluded.length, processing_time = excluded.processing_time
         RETURNING id",
    )
    .bind(recording_id)
    .bind(&format.format)
    .bind(&format.url)
    .bind(format.length)
    .bind(format.processing_time)
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM thumbnails WHERE playback_format_id = $1")
        .bind(id)
        .execute(&mut *connection)
        .await?;
    let thumbnails = format.thumbnails.iter();
    let thumbnails: Vec<_> = thumbnails.map(|one| (one.width, one.height, &one.alt, &one.url)).collect();
    sqlx::query(
        "INSERT INTO thumbnails (playback_format_id, width, height, alt, url, sequence)
         SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, key FROM json_each($2) ORDER BY key",
    )
    .bind(id)
    .bind(json(&thumbnails))
    .execute(connection)
    .await
    .map(drop)
}

pub(super) async fn is_recorded(link: &Link, tar: &TarMark) -> Result<bool, CatalogError> {
    let recorded = link.read(async |connection| {
        sqlx::query_scalar(
            "SELECT EXISTS (
               SELECT 1 FROM ext_imports i
               WHERE i.file_name = $1 AND i.fingerprint = $2 AND NOT EXISTS (
                 SELECT 1 FROM json_each(i.trees) AS tree
                 WHERE NOT EXISTS (
                   SELECT 1 FROM recordings r JOIN playback_formats p ON p.recording_id = r.id
                   WHERE r.record_id = tree.value ->> 1 AND p.format = tree.value ->> 0
                     AND r.state IS NOT 'deleted')))",
        )
        .bind(&tar.file_name)
        .bind(&tar.fingerprint)
        .fetch_one(connection)
        .await
    });
    Ok(recorded.await?)
}

pub(super) async fn forget(link: &Link, spool: &[String]) -> Result<(), CatalogError> {
    link.transact(async |transaction| {
        sqlx::query(
            "DELETE FROM ext_imports
             WHERE recorded_at < $2 AND file_name NOT IN (SELECT value FROM json_each($1))",
        )
        .bind(json(spool))
        .bind(now().saturating_sub(micros(YOUNG)))
        .execute(&mut **transaction)
        .await?;
        sqlx::query("DELETE FROM ext_leases WHERE expires_at < $1")
            .bind(now().saturating_sub(micros(OLD)))
            .execute(&mut **transaction)
            .await?;
        Ok(())
    })
    .await
}
