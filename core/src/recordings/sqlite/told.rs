//! What is told of a recording, from the columns of a row.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::time;
use crate::recordings::catalog::Head;
use crate::recordings::model::Recording;
use crate::recordings::rows;

/// All that `getRecordings` tells of recordings `r`, in columns that [`recording`] reads. What is in a list is put into
/// its order there.
pub(super) const TOLD: &str =
    "SELECT r.id, r.record_id, r.meeting_id, r.name, r.published, r.state, r.participants, r.protected,
       r.starttime, r.endtime,
       (SELECT json_group_array(json_array(m.id, m.key, m.value))
        FROM metadata m WHERE m.recording_id = r.id) AS metadata,
       (SELECT json_group_array(json_array(p.format, p.url, p.length, p.processing_time,
          (SELECT json_group_array(json_array(t.sequence, t.id, t.width, t.height, t.alt, t.url))
           FROM thumbnails t WHERE t.playback_format_id = p.id)))
        FROM playback_formats p WHERE p.recording_id = r.id) AS formats";

pub(super) fn recording(row: &SqliteRow) -> sqlx::Result<Recording> {
    Ok(Recording {
        id: row.try_get("id")?,
        record_id: row.try_get::<Option<String>, _>("record_id")?.unwrap_or_default(),
        meeting_id: row.try_get::<Option<String>, _>("meeting_id")?.unwrap_or_default(),
        name: row.try_get("name")?,
        published: flag(row, "published")?,
        state: row.try_get("state")?,
        participants: row.try_get("participants")?,
        start: time::read(row, "starttime")?,
        end: time::read(row, "endtime")?,
        protected: flag(row, "protected")?,
        metadata: rows::metadata(row.try_get("metadata")?)?,
        formats: rows::formats(row.try_get("formats")?)?,
    })
}

pub(super) fn head(row: &SqliteRow) -> sqlx::Result<Head> {
    Ok(Head {
        id: row.try_get("id")?,
        record_id: row.try_get("record_id")?,
        published: flag(row, "published")?,
        state: row.try_get("state")?,
        formats: rows::names(row.try_get("formats")?)?,
    })
}

/// NULL is false: it is what sites have that came by migrations.
pub(super) fn flag(row: &SqliteRow, column: &str) -> sqlx::Result<bool> {
    Ok(row.try_get::<Option<bool>, _>(column)?.unwrap_or(false))
}
