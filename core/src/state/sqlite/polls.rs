//! Polls: who polls what, and what was found.

use std::time::Duration;

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{SqliteState, history, milliseconds, now_ms, rows};
use crate::pool::server::{AdminState, Usage};
use crate::state::{PollResult, PollTask, Recorded, StateError};

impl SqliteState {
    /// Also drops what has expired from the file: here nobody waits for the answer.
    pub(super) async fn take_tasks(
        &self,
        period: Duration,
        limit: usize,
    ) -> Result<Vec<PollTask>, StateError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let take = self.link.transact(async |transaction| {
            let now = now_ms();
            // One in the future is from before the clock was set back.
            let waiting = sqlx::query(
                "SELECT * FROM servers WHERE poll_taken <= $1 OR poll_taken > $2 ORDER BY poll_taken, id LIMIT $3",
            );
            let waiting = waiting.bind(now.saturating_sub(milliseconds(period))).bind(now).bind(limit);
            let rows = waiting.fetch_all(&mut **transaction).await?;
            let tasks: sqlx::Result<Vec<_>> = rows.iter().map(|row| task(row, now)).collect();
            let tasks = tasks?;
            let ids: Vec<&str> = tasks.iter().map(|task| task.server.route.id.as_str()).collect();
            let taken = sqlx::query(
                "UPDATE servers SET poll_taken = $1 WHERE id IN (SELECT value FROM json_each($2));
                 DELETE FROM meetings WHERE expires_at <= $1;
                 DELETE FROM playback_tokens WHERE expires_at <= $1",
            );
            let taken = taken.bind(now).bind(serde_json::Value::from(ids).to_string());
            taken.execute(&mut **transaction).await?;
            Ok(tasks)
        });
        take.await
    }

    pub(super) async fn record(&self, result: &PollResult) -> Result<Recorded, StateError> {
        let record = self.link.transact(async |transaction| {
            let now = sqlx::query("SELECT state, load, load_added FROM servers WHERE id = $1");
            let id = result.server_id.as_str();
            let Some(now) = now.bind(id).fetch_optional(&mut **transaction).await? else {
                return Ok(Recorded::Gone);
            };
            let before = rows::admin_state(&now)?;
            let (state, load) = outcome(result, before, now.try_get("load")?, now.try_get("load_added")?);
            let update = sqlx::query(
                "UPDATE servers
                 SET online = $2, healthy_counter = $3, unhealthy_counter = $4, state = $5, load = $6,
                     meetings = coalesce($7, meetings), users = coalesce($8, users),
                     largest_meeting = coalesce($9, largest_meeting), videos = coalesce($10, videos)
                 WHERE id = $1",
            );
            let health = result.health;
            let usage = numbers(result);
            let count = |number: fn(&Usage) -> u64| usage.as_ref().map(number).map(saturated);
            let update = update
                .bind(id)
                .bind(health.online)
                .bind(health.healthy)
                .bind(health.unhealthy)
                .bind(state.as_str())
                .bind(load)
                .bind(count(|usage| usage.meetings))
                .bind(count(|usage| usage.users))
                .bind(count(|usage| usage.largest_meeting))
                .bind(count(|usage| usage.videos));
            update.execute(&mut **transaction).await?;
            if let Some(usage) = usage {
                history::remember(&mut *transaction, result, usage).await?;
            }
            Ok(if state == before { Recorded::Done } else { Recorded::Drained })
        });
        record.await
    }
}

fn task(row: &SqliteRow, now: i64) -> sqlx::Result<PollTask> {
    let last: i64 = row.try_get("poll_taken")?;
    let since_last = u64::try_from(now.saturating_sub(last)).unwrap_or_default();
    Ok(PollTask {
        server: rows::server(row)?,
        load_added: row.try_get("load_added")?,
        since_last: (last > 0).then_some(Duration::from_millis(since_last)),
    })
}

/// The server's state and load after the poll. The state is the one of now, not that of the poll's
/// beginning; the load counts what was added since then.
fn outcome(
    result: &PollResult,
    state: AdminState,
    load: Option<f64>,
    load_added: f64,
) -> (AdminState, Option<f64>) {
    if !result.health.online {
        return (state, None);
    }
    let Some((measured, _)) = result.measured else { return (state, load) };
    let total = (measured + load_added - result.load_added_before).max(0.0);
    match state {
        AdminState::Enabled => (state, Some(total)),
        AdminState::Cordoned if total == 0.0 => (AdminState::Disabled, None),
        AdminState::Cordoned => (state, Some(total)),
        AdminState::Disabled => (state, load),
    }
}

/// The numbers to show; none leaves them as they are.
fn numbers(result: &PollResult) -> Option<Usage> {
    match result.measured {
        Some((_, usage)) => Some(usage),
        None if result.health.online => None,
        None => Some(Usage::default()),
    }
}

pub(super) fn saturated(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
