//! Callback URLs of meetings, and the outbox.

use std::time::Duration;

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use super::link::Link;
use crate::callbacks::{Analytics, Backlog, CallbackAttributes, DueCallback, outbox};
use crate::recordings::catalog::CatalogError;
use crate::recordings::model::NewRecording;
use crate::recordings::remembered::{self, Row, Write};

/// The rows of a meeting, the newest first.
async fn rows_of(connection: &mut PgConnection, meeting_id: &str) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as(
        "SELECT id, callback_attributes FROM callback_data
         WHERE left(meeting_id, 128) = left($1, 128) AND meeting_id = $1 ORDER BY id DESC LIMIT $2",
    )
    .bind(meeting_id)
    .bind(i64::from(remembered::MOST))
    .fetch_all(connection)
    .await
}

pub(super) async fn remember(
    link: &Link,
    meeting_id: &str,
    attributes: &CallbackAttributes,
) -> Result<(), CatalogError> {
    link.run(async |connection: &mut PgConnection| {
        let rows = rows_of(connection, meeting_id).await?;
        let (statement, text) = match remembered::write(&rows, attributes) {
            Write::Nothing => return Ok(()),
            Write::Update(id, text) => (
                sqlx::query(
                    "UPDATE callback_data SET callback_attributes = $2, updated_at = now() AT TIME ZONE 'UTC'
                     WHERE id = $1",
                )
                .bind(id),
                text,
            ),
            Write::Insert(text) => (
                sqlx::query(
                    "INSERT INTO callback_data (meeting_id, callback_attributes, created_at, updated_at)
                     VALUES ($1, $2, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')",
                )
                .bind(meeting_id),
                text,
            ),
        };
        statement.bind(text).execute(connection).await.map(drop)
    })
    .await
}

pub(super) async fn of_meeting(
    link: &Link,
    meeting_id: &str,
    tenant_id: Option<&str>,
) -> Result<Option<CallbackAttributes>, CatalogError> {
    let rows = link.run(async |connection: &mut PgConnection| rows_of(connection, meeting_id).await);
    Ok(remembered::find(&rows.await?, tenant_id).map(|(_, attributes)| attributes))
}

/// Links what is remembered for the meeting to the recording, and queues its callback.
pub(super) async fn recording_is_ready(
    connection: &mut PgConnection,
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
    // The column is an integer: a recording beyond its range is told of all the same.
    sqlx::query(
        "UPDATE callback_data SET recording_id = coalesce($2, recording_id), updated_at = now() AT TIME ZONE 'UTC'
         WHERE id = $1",
    )
    .bind(row_id)
    .bind(i32::try_from(id).ok())
    .execute(&mut *connection)
    .await?;
    let Some(url) = attributes.recording_ready_url else { return Ok(()) };
    sqlx::query(
        "INSERT INTO ext_outbox (kind, url, meeting_id, record_id, tenant_id, queued_at, due_at)
         VALUES ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp())",
    )
    .bind(outbox::RECORDING_READY)
    .bind(url)
    .bind(&recording.meeting_id)
    .bind(&recording.record_id)
    .bind(tenant)
    .execute(connection)
    .await
    .map(drop)
}

pub(super) async fn queue_analytics(link: &Link, analytics: &Analytics<'_>) -> Result<(), CatalogError> {
    link.run(async |connection: &mut PgConnection| {
        sqlx::query(
            "INSERT INTO ext_outbox (kind, url, meeting_id, body, tenant_id, queued_at, due_at)
             VALUES ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp())",
        )
        .bind(outbox::ANALYTICS)
        .bind(analytics.url)
        .bind(analytics.meeting_id)
        .bind(analytics.body)
        .bind(analytics.tenant_id)
        .execute(connection)
        .await
    })
    .await
    .map(drop)
}

pub(super) async fn body(link: &Link, id: i64) -> Result<Option<String>, CatalogError> {
    let body: Option<Option<String>> = link
        .run(async |connection: &mut PgConnection| {
            sqlx::query_scalar("SELECT body FROM ext_outbox WHERE id = $1")
                .bind(id)
                .fetch_optional(connection)
                .await
        })
        .await?;
    Ok(body.flatten())
}

pub(super) async fn take(link: &Link, limit: u32, hold: Duration) -> Result<Vec<DueCallback>, CatalogError> {
    let rows = link.run(async |connection: &mut PgConnection| {
        sqlx::query(
            "UPDATE ext_outbox SET due_at = clock_timestamp() + make_interval(secs => $2)
             WHERE id IN (
               SELECT id FROM ext_outbox WHERE due_at <= clock_timestamp()
               ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
             RETURNING id, kind, url, meeting_id, tenant_id, record_id, recording_marks, failures,
                       coalesce(octet_length(body), 0)::int8 AS bytes,
                       extract(epoch FROM clock_timestamp() - queued_at)::float8 AS age",
        )
        .bind(i64::from(limit))
        .bind(hold.as_secs_f64())
        .fetch_all(connection)
        .await
    });
    Ok(rows.await?.iter().filter_map(|row| due(row).transpose()).collect::<sqlx::Result<_>>()?)
}

fn due(row: &PgRow) -> sqlx::Result<Option<DueCallback>> {
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
        failures: row.try_get::<i32, _>("failures")?.unsigned_abs(),
        age: Duration::try_from_secs_f64(row.try_get("age")?).unwrap_or_default(),
    }))
}

pub(super) async fn backlog(link: &Link) -> Result<Backlog, CatalogError> {
    let row: (i64, f64) = link
        .run(async |connection: &mut PgConnection| {
            let found = sqlx::query_as(
                "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(queued_at)), 0)::float8
                 FROM ext_outbox",
            );
            found.fetch_one(connection).await
        })
        .await?;
    let oldest = Duration::try_from_secs_f64(row.1).unwrap_or_default();
    Ok(Backlog { pending: row.0.unsigned_abs(), oldest })
}

pub(super) async fn done(link: &Link, id: i64) -> Result<(), CatalogError> {
    link.run(async |connection: &mut PgConnection| {
        sqlx::query("DELETE FROM ext_outbox WHERE id = $1").bind(id).execute(connection).await
    })
    .await
    .map(drop)
}

/// Due again `after` from now, with so many failures more.
pub(super) async fn put_off(
    link: &Link,
    id: i64,
    after: Duration,
    failures: i32,
) -> Result<(), CatalogError> {
    link.run(async |connection: &mut PgConnection| {
        sqlx::query(
            "UPDATE ext_outbox
             SET failures = failures + $3, due_at = clock_timestamp() + make_interval(secs => $2) WHERE id = $1",
        )
        .bind(id)
        .bind(after.as_secs_f64())
        .bind(failures)
        .execute(connection)
        .await
    })
    .await
    .map(drop)
}
