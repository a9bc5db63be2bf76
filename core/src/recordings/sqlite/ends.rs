//! Meetings whose end is awaited.

use std::time::Duration;

use sqlx::{Row, Sqlite, SqliteConnection, Transaction};
use uuid::Uuid;

use super::{json, micros, now};
use crate::callbacks::{AwaitedEnd, EndUrls};
use crate::recordings::catalog::CatalogError;
use crate::sqlite::Link;

pub(super) async fn wait_for(
    link: &Link,
    meeting_id: &str,
    urls: &EndUrls,
    grace: Duration,
) -> Result<String, CatalogError> {
    let token = Uuid::new_v4().simple().to_string();
    link.transact(async |transaction| {
        over_of_meeting(transaction, meeting_id, grace).await?;
        sqlx::query(
            "INSERT INTO ext_awaited_ends (token, meeting_id, end_callback_url, meeting_ended_url)
             VALUES ($1, $2, $3, $4)",
        )
        .bind(&token)
        .bind(meeting_id)
        .bind(&urls.end_callback)
        .bind(&urls.meeting_ended)
        .execute(&mut **transaction)
        .await?;
        Ok::<_, CatalogError>(())
    })
    .await?;
    Ok(token)
}

pub(super) async fn of_meeting(link: &Link, meeting_id: &str) -> Result<Option<String>, CatalogError> {
    let query = sqlx::query_scalar(
        "SELECT token FROM ext_awaited_ends WHERE meeting_id = $1 AND over_at IS NULL LIMIT 1",
    );
    let query = query.bind(meeting_id);
    Ok(link.read(async |connection| query.fetch_optional(connection).await).await?)
}

pub(super) async fn forget(link: &Link, token: &str) -> Result<(), CatalogError> {
    let delete = sqlx::query("DELETE FROM ext_awaited_ends WHERE token = $1").bind(token);
    link.write(async |connection| delete.execute(connection).await).await?;
    Ok(())
}

pub(super) async fn list(
    link: &Link,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<AwaitedEnd>, CatalogError> {
    let query = sqlx::query(
        "SELECT token, meeting_id FROM ext_awaited_ends WHERE token > $1 AND over_at IS NULL
         ORDER BY token LIMIT $2",
    );
    let query = query.bind(after.unwrap_or_default()).bind(limit);
    let rows = link.read(async |connection| query.fetch_all(connection).await).await?;
    let ends = rows
        .into_iter()
        .map(|row| Ok(AwaitedEnd { token: row.try_get("token")?, meeting_id: row.try_get("meeting_id")? }));
    Ok(ends.collect::<sqlx::Result<_>>()?)
}

pub(super) async fn over(link: &Link, tokens: &[String], grace: Duration) -> Result<(), CatalogError> {
    let update = sqlx::query(
        "UPDATE ext_awaited_ends SET over_at = $2
         WHERE token IN (SELECT value FROM json_each($1)) AND over_at IS NULL",
    );
    let update = update.bind(json(tokens)).bind(now().saturating_add(micros(grace)));
    link.write(async |connection| update.execute(connection).await).await?;
    Ok(())
}

pub(super) async fn over_by_meeting(
    link: &Link,
    meeting_id: &str,
    grace: Duration,
) -> Result<(), CatalogError> {
    // Whoever only looks waits for nobody: most meetings have nobody who waits for their end.
    if of_meeting(link, meeting_id).await?.is_some() {
        link.write(async |connection| over_of_meeting(connection, meeting_id, grace).await).await?;
    }
    Ok(())
}

async fn over_of_meeting(
    connection: &mut SqliteConnection,
    meeting_id: &str,
    grace: Duration,
) -> sqlx::Result<()> {
    sqlx::query("UPDATE ext_awaited_ends SET over_at = $2 WHERE meeting_id = $1 AND over_at IS NULL")
        .bind(meeting_id)
        .bind(now().saturating_add(micros(grace)))
        .execute(connection)
        .await
        .map(drop)
}

pub(super) async fn told(link: &Link, token: &str, recording_marks: bool) -> Result<bool, CatalogError> {
    link.transact(async |transaction| {
        let tokens: Option<String> =
            sqlx::query_scalar("SELECT token FROM ext_awaited_ends WHERE token = $1")
                .bind(token)
                .fetch_optional(&mut **transaction)
                .await?;
        Ok(queue(transaction, tokens.as_slice(), recording_marks).await?)
    })
    .await
}

/// Queues what is told of meetings whose grace is over. Nobody knows of their recordings' marks.
pub(super) async fn queue_over(link: &Link) -> Result<(), CatalogError> {
    let now = now();
    let any = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM ext_awaited_ends WHERE over_at <= $1)");
    let any = any.bind(now);
    if !link.read(async |connection| any.fetch_one(connection).await).await? {
        return Ok(());
    }
    link.transact(async |transaction| {
        let tokens: Vec<String> =
            sqlx::query_scalar("SELECT token FROM ext_awaited_ends WHERE over_at <= $1")
                .bind(now)
                .fetch_all(&mut **transaction)
                .await?;
        queue(transaction, &tokens, false).await?;
        Ok(())
    })
    .await
}

/// Takes these rows away and queues what they say; tells whether there was anything.
async fn queue(
    transaction: &mut Transaction<'_, Sqlite>,
    tokens: &[String],
    recording_marks: bool,
) -> sqlx::Result<bool> {
    let tokens = json(tokens);
    let queued = sqlx::query(
        "INSERT INTO ext_outbox (kind, url, meeting_id, recording_marks, queued_at, due_at)
         SELECT 'meeting-ended', end_callback_url, meeting_id, $2, $3, $3 FROM ext_awaited_ends
         WHERE token IN (SELECT value FROM json_each($1)) AND end_callback_url IS NOT NULL
         UNION ALL
         SELECT 'meeting-ended', meeting_ended_url, meeting_id, NULL, $3, $3 FROM ext_awaited_ends
         WHERE token IN (SELECT value FROM json_each($1)) AND meeting_ended_url IS NOT NULL",
    );
    let queued = queued.bind(&tokens).bind(recording_marks).bind(now());
    let queued = queued.execute(&mut **transaction).await?;
    let gone = sqlx::query("DELETE FROM ext_awaited_ends WHERE token IN (SELECT value FROM json_each($1))")
        .bind(&tokens);
    gone.execute(&mut **transaction).await?;
    Ok(queued.rows_affected() > 0)
}
