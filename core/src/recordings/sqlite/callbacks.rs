//! Callback URLs of meetings, and the outbox.

use std::time::Duration;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::{micros, now, time};
use crate::callbacks::{Analytics, Backlog, CallbackAttributes, DueCallback, outbox};
use crate::recordings::catalog::CatalogError;
use crate::recordings::model::NewRecording;
use crate::recordings::remembered::{self, Row, Write};
use crate::sqlite::Link;

/// The rows of a meeting, the newest first.
async fn rows_of(connection: &mut SqliteConnection, meeting_id: &str) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as(
        "SELECT id, callback_attributes FROM callback_data WHERE meeting_id = $1 ORDER BY id DESC LIMIT $2",
    )
    .bind(meeting_id)
    .bind(remembered::MOST)
    .fetch_all(connection)
    .await
}

pub(super) async fn remember(
    link: &Link,
    meeting_id: &str,
    attributes: &CallbackAttributes,
) -> Result<(), CatalogError> {
    // Whoever only looks waits for nobody: most of the time nothing is new.
    let rows = link.read(async |connection| rows_of(connection, meeting_id).await).await?;
    let (statement, text) = match remembered::write(&rows, attributes) {
        Write::Nothing => return Ok(()),
        Write::Update(id, text) => (
            sqlx::query("UPDATE callback_data SET callback_attributes = $2, updated_at = $3 WHERE id = $1")
                .bind(id),
            text,
        ),
        Write::Insert(text) => (
            sqlx::query(
                "INSERT INTO callback_data (meeting_id, callback_attributes, created_at, updated_at)
                 VALUES ($1, $2, $3, $3)",
            )
            .bind(meeting_id),
            text,
        ),
    };
    let statement = statement.bind(text).bind(time::now());
    link.write(async |connection| statement.execute(connection).await).await?;
    Ok(())
}

pub(super) async fn of_meeting(
    link: &Link,
    meeting_id: &str,
    tenant_id: Option<&str>,
) -> Result<Option<CallbackAttributes>, CatalogError> {
    let rows = link.read(async |connection| rows_of(connection, meeting_id).await).await?;
    Ok(remembered::find(&rows, tenant_id).map(|(_, attributes)| attributes))
}

/// Links what is remembered for the meeting to the recording, and queues its callback.
pub(super) async fn recording_is_ready(
    connection: &mut SqliteConnection,
    id: i64,
    recording: &NewRecording,
) -> sqlx::Result<()> {
    let tenant: Option<Option<String>> =
        sqlx::query_scalar("SELECT value FROM metadata WHERE recording_id = $1 AND key = 'tenant-id'")
            .bind(id)
            .fetch_optional(&mut *connection)
            .await?;
    let tenant = tenant.flatten();
    let rows = rows_of(connection, &recording.meeting_id).await?;
    let Some((row_id, attributes)) = remembered::find(&rows, tenant.as_deref()) else { return Ok(()) };
    sqlx::query("UPDATE callback_data SET recording_id = $2, updated_at = $3 WHERE id = $1")
        .bind(row_id)
        .bind(id)
        .bind(time::now())
        .execute(&mut *connection)
        .await?;
    let Some(url) = attributes.recording_ready_url else { return Ok(()) };
    sqlx::query(
        "INSERT INTO ext_outbox (kind, url, meeting_id, record_id, tenant_id, queued_at, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)",
    )
    .bind(outbox::RECORDING_READY)
    .bind(url)
    .bind(&recording.meeting_id)
    .bind(&recording.record_id)
    .bind(tenant)
    .bind(now())
    .execute(connection)
    .await
    .map(drop)
}

pub(super) async fn queue_analytics(link: &Link, analytics: &Analytics<'_>) -> Result<(), CatalogError> {
    let queue = sqlx::query(
        "INSERT INTO ext_outbox (kind, url, meeting_id, body, tenant_id, queued_at, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)",
    )
    .bind(outbox::ANALYTICS)
    .bind(analytics.url)
    .bind(analytics.meeting_id)
    .bind(analytics.body)
    .bind(analytics.tenant_id)
    .bind(now());
    link.write(async |connection| queue.execute(connection).await).await?;
    Ok(())
}

pub(super) async fn body(link: &Link, id: i64) -> Result<Option<String>, CatalogError> {
    let query = sqlx::query_scalar("SELECT body FROM ext_outbox WHERE id = $1").bind(id);
    let body: Option<Option<String>> =
        link.read(async |connection| query.fetch_optional(connection).await).await?;
    Ok(body.flatten())
}

pub(super) async fn take(link: &Link, limit: u32, hold: Duration) -> Result<Vec<DueCallback>, CatalogError> {
    let now = now();
    // Whoever only looks waits for nobody: most of the time nothing is due.
    let any: bool = link
        .read(async |connection| {
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM ext_outbox WHERE due_at <= $1)")
                .bind(now)
                .fetch_one(connection)
                .await
        })
        .await?;
    if !any {
        return Ok(Vec::new());
    }
    let rows = link.write(async |connection| {
        sqlx::query(
            "UPDATE ext_outbox SET due_at = $2
             WHERE id IN (SELECT id FROM ext_outbox WHERE due_at <= $3 ORDER BY due_at LIMIT $1)
             RETURNING id, kind, url, meeting_id, tenant_id, record_id, recording_marks, failures,
                       coalesce(octet_length(body), 0) AS bytes, $3 - queued_at AS age",
        )
        .bind(limit)
        .bind(now.saturating_add(micros(hold)))
        .bind(now)
        .fetch_all(connection)
        .await
    });
    Ok(rows.await?.iter().filter_map(|row| due(row).transpose()).collect::<sqlx::Result<_>>()?)
}

fn due(row: &SqliteRow) -> sqlx::Result<Option<DueCallback>> {
    let told = outbox::Row {
        kind: row.try_get("kind")?,
        record_id: row.try_get("record_id")?,
        bytes: row.try_get("bytes")?,
        recording_marks: row.try_get("recording_marks")?,
    };
    let Some(message) = told.message() else { return Ok(None) };
    Ok(Some(DueCallback {
        id: row.try_get("id")?,
        url: row.try_get("url")?,
        meeting_id: row.try_get("meeting_id")?,
        message,
        tenant_id: row.try_get("tenant_id")?,
        failures: row.try_get("failures")?,
        age: Duration::from_micros(row.try_get::<i64, _>("age")?.try_into().unwrap_or(0)),
    }))
}

pub(super) async fn backlog(link: &Link) -> Result<Backlog, CatalogError> {
    let now = now();
    let row: (i64, i64) = link
        .read(async |connection| {
            let found = sqlx::query_as("SELECT count(*), coalesce($1 - min(queued_at), 0) FROM ext_outbox");
            found.bind(now).fetch_one(connection).await
        })
        .await?;
    let oldest = Duration::from_micros(u64::try_from(row.1).unwrap_or_default());
    Ok(Backlog { pending: row.0.unsigned_abs(), oldest })
}

pub(super) async fn done(link: &Link, id: i64) -> Result<(), CatalogError> {
    link.write(async |connection| {
        sqlx::query("DELETE FROM ext_outbox WHERE id = $1").bind(id).execute(connection).await
    })
    .await?;
    Ok(())
}

/// Due again `after` from now, with so many failures more.
pub(super) async fn put_off(
    link: &Link,
    id: i64,
    after: Duration,
    failures: i32,
) -> Result<(), CatalogError> {
    link.write(async |connection| {
        sqlx::query("UPDATE ext_outbox SET failures = failures + $3, due_at = $2 WHERE id = $1")
            .bind(id)
            .bind(now().saturating_add(micros(after)))
            .bind(failures)
            .execute(connection)
            .await
    })
    .await?;
    Ok(())
}
