//! Recording what a tar held.

use sqlx::PgConnection;

use super::changes::set_metadata;
use super::link::Link;
use super::{callbacks, leases, time, usage};
use crate::recordings::catalog::{CatalogError, Import, Lease, TarMark};
use crate::recordings::model::{NewRecording, PlaybackFormat, Shelf};

pub(super) async fn shelf_for(
    link: &Link,
    recording: &NewRecording,
    import_unpublished: bool,
) -> Result<Shelf, CatalogError> {
    let word: Option<bool> = link
        .run(async |connection: &mut PgConnection| {
            sqlx::query_scalar(
                "SELECT coalesce(published, false) FROM recordings WHERE record_id = $1 AND publish_updated",
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
    link.transact(async |connection: &mut PgConnection| {
        leases::fence(connection, held).await?;
        for import in imports {
            record_one(connection, import).await?;
        }
        sqlx::query(
            "INSERT INTO ext_imports (file_name, fingerprint, trees, recorded_at)
             VALUES ($1, $2, $3, clock_timestamp())
             ON CONFLICT (file_name) DO UPDATE
             SET fingerprint = excluded.fingerprint, trees = excluded.trees, recorded_at = excluded.recorded_at",
        )
        .bind(&tar.file_name)
        .bind(&tar.fingerprint)
        .bind(Import::trees(imports))
        .execute(connection)
        .await?;
        Ok(())
    })
    .await
}

async fn record_one(connection: &mut PgConnection, import: &Import<'_>) -> sqlx::Result<()> {
    let Some(recording) = import.formats.last() else { return Ok(()) };
    let (id, is_new) = upsert_recording(connection, recording, import).await?;
    for format in import.formats {
        set_metadata(connection, &[id], &format.metadata).await?;
        upsert_format(connection, id, &format.format).await?;
    }
    let formats: Vec<&str> = import.formats.iter().map(|new| new.format.format.as_str()).collect();
    sqlx::query("DELETE FROM ext_tree_work WHERE record_id = $1 AND format = ANY($2)")
        .bind(&recording.record_id)
        .bind(formats)
        .execute(&mut *connection)
        .await?;
    usage::imported(connection, id, is_new, import.bytes).await?;
    callbacks::recording_is_ready(connection, id, recording).await
}

async fn upsert_recording(
    connection: &mut PgConnection,
    recording: &NewRecording,
    import: &Import<'_>,
) -> sqlx::Result<(i64, bool)> {
    // A row that was there before carries the transaction that changes it.
    sqlx::query_as(
        "INSERT INTO recordings (record_id, meeting_id, name, published, state, participants, starttime, endtime,
                                 protected, publish_updated)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, false)
         ON CONFLICT (record_id) DO UPDATE SET
           meeting_id = excluded.meeting_id,
           name = coalesce(excluded.name, recordings.name),
           published = excluded.published,
           state = excluded.state,
           participants = coalesce(excluded.participants, recordings.participants),
           starttime = coalesce(excluded.starttime, recordings.starttime),
           endtime = coalesce(excluded.endtime, recordings.endtime),
           deleted_at = NULL
         RETURNING id, xmax = 0",
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
    .await
}

async fn upsert_format(
    connection: &mut PgConnection,
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
    let all = &format.thumbnails;
    sqlx::query(
        "INSERT INTO thumbnails (playback_format_id, width, height, alt, url, sequence)
         SELECT $1, width, height, alt, url, place - 1
         FROM unnest($2::integer[], $3::integer[], $4::text[], $5::text[]) WITH ORDINALITY
           AS thumbnail (width, height, alt, url, place)
         ORDER BY place",
    )
    .bind(id)
    .bind(all.iter().map(|thumbnail| thumbnail.width).collect::<Vec<_>>())
    .bind(all.iter().map(|thumbnail| thumbnail.height).collect::<Vec<_>>())
    .bind(all.iter().map(|thumbnail| thumbnail.alt.clone()).collect::<Vec<_>>())
    .bind(all.iter().map(|thumbnail| thumbnail.url.clone()).collect::<Vec<_>>())
    .execute(connection)
    .await
    .map(drop)
}

pub(super) async fn is_recorded(link: &Link, tar: &TarMark) -> Result<bool, CatalogError> {
    link.run(async |connection: &mut PgConnection| {
        sqlx::query_scalar(
            "SELECT EXISTS (
               SELECT FROM ext_imports i
               WHERE i.file_name = $1 AND i.fingerprint = $2 AND NOT EXISTS (
                 SELECT FROM json_array_elements(i.trees::json) AS tree
                 WHERE NOT EXISTS (
                   SELECT FROM recordings r JOIN playback_formats p ON p.recording_id = r.id
                   WHERE r.record_id = tree ->> 1 AND p.format = tree ->> 0 AND r.state IS DISTINCT FROM 'deleted')))",
        )
        .bind(&tar.file_name)
        .bind(&tar.fingerprint)
        .fetch_one(connection)
        .await
    })
    .await
}

pub(super) async fn forget(link: &Link, spool: &[String]) -> Result<(), CatalogError> {
    link.transact(async |connection: &mut PgConnection| {
        // One that was recorded a moment ago may have come back to the spool since that was listed.
        sqlx::query(
            "DELETE FROM ext_imports
             WHERE recorded_at < clock_timestamp() - interval '1 hour' AND file_name <> ALL($1)",
        )
        .bind(spool)
        .execute(&mut *connection)
        .await?;
        sqlx::query("DELETE FROM ext_leases WHERE expires_at < clock_timestamp() - interval '1 day'")
            .execute(connection)
            .await?;
        Ok(())
    })
    .await
}
