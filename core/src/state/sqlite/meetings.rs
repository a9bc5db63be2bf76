//! Meetings: where they are found, and how they are forgotten.

use std::collections::HashMap;
use std::time::Duration;

use sqlx::{Row, SqliteConnection};

use super::place::forget_and_uncount;
use super::rows::{located_of, meeting_of};
use super::{SqliteState, now_ms};
use crate::pool::server::ServerId;
use crate::state::{ForgetIf, Located, Meeting, StateError};

/// How many meetings are renewed while the write lock is held.
const BATCH: usize = 500;

/// No tenant may also come as an empty text.
pub(super) fn tenant(id: Option<&str>) -> Option<&str> {
    id.filter(|id| !id.is_empty())
}

/// Whole seconds, at least one, as Redis has it.
pub(super) fn expiry(now: i64, ttl: Duration) -> i64 {
    let seconds = i64::try_from(ttl.as_secs().max(1)).unwrap_or(i64::MAX);
    now.saturating_add(seconds.saturating_mul(1000))
}

impl SqliteState {
    pub(super) async fn locate(
        &self,
        id: &str,
        tenant_id: Option<&str>,
    ) -> Result<Option<Located>, StateError> {
        Ok(self.link.read(async |connection| find(connection, id, tenant_id).await).await?)
    }

    pub(super) async fn locate_number(
        &self,
        number: &str,
        tenant_id: Option<&str>,
    ) -> Result<Option<Located>, StateError> {
        // The number is unique, also among those whose time is over.
        let of_number = sqlx::query_scalar("SELECT id FROM meetings WHERE voice_bridge = $1").bind(number);
        let located = self.link.read(async |connection| {
            let id: Option<String> = of_number.fetch_optional(&mut *connection).await?;
            match id {
                Some(id) => find(connection, &id, tenant_id).await,
                None => Ok(None),
            }
        });
        Ok(located.await?)
    }

    pub(super) async fn join(
        &self,
        id: &str,
        tenant_id: Option<&str>,
    ) -> Result<Option<Located>, StateError> {
        let count = sqlx::query(
            "UPDATE servers
             SET load = load + iif(online AND state <> 'disabled', load_multiplier, 0.0),
                 load_added = load_added
                   + iif(online AND state <> 'disabled' AND load IS NOT NULL, load_multiplier, 0.0)
             WHERE id = (SELECT server_id FROM meetings
                         WHERE id = $1 AND expires_at > $2 AND ($3 IS NULL OR tenant_id = $3))
             RETURNING id AS server_id, url, secret, tag, state, online,
                       (SELECT moderator_pw FROM meetings WHERE id = $1) AS moderator_pw,
                       (SELECT voice_bridge FROM meetings WHERE id = $1) AS voice_bridge,
                       (SELECT tenant_id FROM meetings WHERE id = $1) AS tenant_id",
        );
        let count = count.bind(id).bind(now_ms()).bind(tenant(tenant_id));
        let row = self.link.write(async |connection| count.fetch_optional(connection).await).await?;
        Ok(row.map(|row| located_of(id, &row)).transpose()?)
    }

    pub(super) async fn take(
        &self,
        id: &str,
        tenant_id: Option<&str>,
    ) -> Result<Option<Located>, StateError> {
        let take = self.link.transact(async |transaction| {
            let located = find(transaction, id, tenant_id).await?;
            if located.is_some() {
                sqlx::query("DELETE FROM meetings WHERE id = $1")
                    .bind(id)
                    .execute(&mut **transaction)
                    .await?;
            }
            Ok(located)
        });
        take.await
    }

    pub(super) async fn confirm(&self, id: &str, made: bool) -> Result<(), StateError> {
        let confirm = self.link.transact(async |transaction| {
            if made {
                let count = sqlx::query(
                    "INSERT INTO made (tenant_id, meetings)
                     SELECT coalesce(tenant_id, ''), 1 FROM meetings WHERE id = $1 AND creating
                     ON CONFLICT (tenant_id) DO UPDATE SET meetings = meetings + 1",
                );
                count.bind(id).execute(&mut **transaction).await?;
            }
            let confirm = sqlx::query("UPDATE meetings SET placed_at = $2, creating = 0 WHERE id = $1");
            confirm.bind(id).bind(now_ms()).execute(&mut **transaction).await?;
            Ok(())
        });
        confirm.await
    }

    pub(super) async fn take_made(&self) -> Result<HashMap<String, u64>, StateError> {
        let take = sqlx::query_as::<_, (String, i64)>("DELETE FROM made RETURNING tenant_id, meetings");
        let made = self.link.write(async |connection| take.fetch_all(connection).await).await?;
        Ok(made.into_iter().map(|(tenant, meetings)| (tenant, meetings.unsigned_abs())).collect())
    }

    pub(super) async fn release(&self, id: &str, server_id: &ServerId) -> Result<(), StateError> {
        let release = self.link.transact(async |transaction| {
            let bound = sqlx::query("SELECT 1 FROM meetings WHERE id = $1 AND server_id = $2 AND creating")
                .bind(id)
                .bind(server_id.as_str())
                .fetch_optional(&mut **transaction)
                .await?;
            match bound {
                Some(_) => forget_and_uncount(transaction, id, Some(server_id)).await,
                None => Ok(()),
            }
        });
        Ok(release.await?)
    }

    pub(super) async fn forget(&self, id: &str, only: ForgetIf<'_>) -> Result<bool, StateError> {
        let since = only.not_placed_since.map(|moment| i64::try_from(moment.0).unwrap_or(i64::MAX));
        let forget = sqlx::query(
            "DELETE FROM meetings
             WHERE id = $1 AND expires_at > $2 AND ($3 IS NULL OR server_id = $3) AND ($4 IS NULL OR placed_at < $4)",
        );
        let forget = forget.bind(id).bind(now_ms()).bind(only.on_server.map(ServerId::as_str)).bind(since);
        let done = self.link.write(async |connection| forget.execute(connection).await).await?;
        Ok(done.rows_affected() > 0)
    }

    pub(super) async fn renew(&self, ids: &[String], ttl: Duration) -> Result<(), StateError> {
        for batch in ids.chunks(BATCH) {
            let now = now_ms();
            let renew = sqlx::query(
                "UPDATE meetings SET expires_at = $1
                 WHERE expires_at > $2 AND id IN (SELECT value FROM json_each($3))",
            );
            let batch = serde_json::Value::from(batch).to_string();
            let renew = renew.bind(expiry(now, ttl)).bind(now).bind(batch);
            self.link.write(async |connection| renew.execute(connection).await).await?;
        }
        Ok(())
    }

    /// Those that have expired are not seen; [`take_tasks`](Self::take_tasks) drops them from the file.
    pub(super) async fn all_meetings(&self) -> Result<Vec<Meeting>, StateError> {
        let all = sqlx::query(
            "SELECT id, server_id, moderator_pw, voice_bridge, tenant_id FROM meetings WHERE expires_at > $1",
        );
        let all = all.bind(now_ms());
        let rows = self.link.read(async |connection| all.fetch_all(connection).await).await?;
        let meetings: sqlx::Result<_> = rows.iter().map(|row| meeting_of(row.try_get("id")?, row)).collect();
        Ok(meetings?)
    }
}

async fn find(
    connection: &mut SqliteConnection,
    id: &str,
    tenant_id: Option<&str>,
) -> sqlx::Result<Option<Located>> {
    let query = sqlx::query(
        "SELECT m.server_id, m.moderator_pw, m.voice_bridge, m.tenant_id,
                s.url, s.secret, s.tag, s.state, s.online
         FROM meetings AS m JOIN servers AS s ON s.id = m.server_id
         WHERE m.id = $1 AND m.expires_at > $2 AND ($3 IS NULL OR m.tenant_id = $3)",
    );
    let row = query.bind(id).bind(now_ms()).bind(tenant(tenant_id)).fetch_optional(connection).await?;
    row.map(|row| located_of(id, &row)).transpose()
}
