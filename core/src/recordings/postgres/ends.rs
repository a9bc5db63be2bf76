//! Meetings whose end is awaited.

use std::time::Duration;

use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::link::Link;
use crate::callbacks::{AwaitedEnd, EndUrls};
use crate::recordings::catalog::CatalogError;

/// Takes away the rows that a condition is true of, and queues what is told of them; `$1` are the marks.
macro_rules! queue_where {
    ($gone:literal) => {
        concat!(
            "WITH gone AS (DELETE FROM ext_awaited_ends WHERE ",
            $gone,
            " RETURNING *)
             INSERT INTO ext_outbox (kind, url, meeting_id, recording_marks, queued_at, due_at)
             SELECT 'meeting-ended', told.url, meeting_id, told.marks, clock_timestamp(), clock_timestamp()
             FROM gone,
                  LATERAL (VALUES (end_callback_url, $1::boolean), (meeting_ended_url, NULL)) AS told (url, marks)
             WHERE told.url IS NOT NULL"
        )
    };
}

pub(super) async fn wait_for(
    link: &Link,
    meeting_id: &str,
    urls: &EndUrls,
    grace: Duration,
) -> Result<String, CatalogError> {
    let token = Uuid::new_v4().simple().to_string();
    link.transact(async |connection: &mut PgConnection| {
        over_of_meeting(connection, meeting_id, grace).await?;
        sqlx::query(
            "INSERT INTO ext_awaited_ends (token, meeting_id, end_callback_url, meeting_ended_url)
             VALUES ($1, $2, $3, $4)",
        )
        .bind(&token)
        .bind(meeting_id)
        .bind(&urls.end_callback)
        .bind(&urls.meeting_ended)
        .execute(connection)
        .await?;
        Ok(())
    })
    .await?;
    Ok(token)
}

pub(super) async fn of_meeting(link: &Link, meeting_id: &str) -> Result<Option<String>, CatalogError> {
    link.run(async |connection: &mut PgConnection| {
        sqlx::query_scalar(
            "SELECT token FROM ext_awaited_ends
             WHERE left(meeting_id, 128) = left($1, 128) AND meeting_id = $1 AND over_at IS NULL LIMIT 1",
        )
        .bind(meeting_id)
        .fetch_optional(connection)
        .await
    })
    .await
}

pub(super) async fn forget(link: &Link, token: &str) -> Result<(), CatalogError> {
    link.run(async |connection: &mut PgConnection| {
        sqlx::query("DELETE FROM ext_awaited_ends WHERE token = $1").bind(token).execute(connection).await
    })
    .await
    .map(drop)
}

pub(super) async fn list(
    link: &Link,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<AwaitedEnd>, CatalogError> {
    let rows = link.run(async |connection: &mut PgConnection| {
        sqlx::query(
            "SELECT token, meeting_id FROM ext_awaited_ends WHERE token > $1 AND over_at IS NULL
             ORDER BY token LIMIT $2",
        )
        .bind(after.unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await
    });
    let ends = rows
        .await?
        .into_iter()
        .map(|row| Ok(AwaitedEnd { token: row.try_get("token")?, meeting_id: row.try_get("meeting_id")? }));
    Ok(ends.collect::<sqlx::Result<_>>()?)
}

pub(super) async fn over(link: &Link, tokens: &[String], grace: Duration) -> Result<(), CatalogError> {
    link.run(async |connection: &mut PgConnection| {
        sqlx::query(
            "UPDATE ext_awaited_ends SET over_at = clock_timestamp() + make_interval(secs => $2)
             WHERE token = ANY($1) AND over_at IS NULL",
        )
        .bind(tokens)
        .bind(grace.as_secs_f64())
        .execute(connection)
        .await
    })
    .await
    .map(drop)
}

pub(super) async fn over_by_meeting(
    link: &Link,
    meeting_id: &str,
    grace: Duration,
) -> Result<(), CatalogError> {
    link.run(async |connection: &mut PgConnection| over_of_meeting(connection, meeting_id, grace).await).await
}

async fn over_of_meeting(
    connection: &mut PgConnection,
    meeting_id: &str,
    grace: Duration,
) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE ext_awaited_ends SET over_at = clock_timestamp() + make_interval(secs => $2)
         WHERE left(meeting_id, 128) = left($1, 128) AND meeting_id = $1 AND over_at IS NULL",
    )
    .bind(meeting_id)
    .bind(grace.as_secs_f64())
    .execute(connection)
    .await
    .map(drop)
}

pub(super) async fn told(link: &Link, token: &str, recording_marks: bool) -> Result<bool, CatalogError> {
    let queued = link.run(async |connection: &mut PgConnection| {
        let told = sqlx::query(queue_where!("token = $2")).bind(recording_marks).bind(token);
        told.execute(connection).await
    });
    Ok(queued.await?.rows_affected() > 0)
}

/// Queues what is told of meetings whose grace is over. Nobody knows of their recordings' marks.
pub(super) async fn queue_over(link: &Link) -> Result<(), CatalogError> {
    link.run(async |connection: &mut PgConnection| {
        sqlx::query(queue_where!("over_at <= clock_timestamp()")).bind(false).execute(connection).await
    })
    .await
    .map(drop)
}
