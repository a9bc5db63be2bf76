//! The last day of each server.

use sqlx::{Row, SqliteConnection};

use super::polls::saturated;
use super::{SqliteState, now_ms};
use crate::pool::server::Usage;
use crate::state::history::{Histories, SAMPLE_SECONDS, SAMPLES, Sample, oldest, slot_of};
use crate::state::{PollResult, StateError};

impl SqliteState {
    pub(super) async fn all_histories(&self) -> Result<Histories, StateError> {
        let now = current_slot();
        let all = sqlx::query(
            "SELECT server_id, slot, load, meetings, users, videos, offline FROM history
             WHERE slot BETWEEN $1 AND $2 ORDER BY server_id, slot",
        );
        let all = all.bind(saturated(oldest(now))).bind(saturated(now));
        let rows = self.link.read(async |connection| all.fetch_all(connection).await).await?;
        let mut histories = Histories::new();
        for row in rows {
            let whole = |name: &str| row.try_get(name).map(i64::unsigned_abs);
            let sample = Sample {
                at: whole("slot")? * SAMPLE_SECONDS,
                load: row.try_get("load")?,
                meetings: whole("meetings")?,
                users: whole("users")?,
                videos: whole("videos")?,
                offline: row.try_get("offline")?,
            };
            histories.entry(row.try_get::<String, _>("server_id")?.into()).or_default().push(sample);
        }
        Ok(histories)
    }
}

/// Folds what a poll found into the five minutes of now.
pub(super) async fn remember(
    connection: &mut SqliteConnection,
    result: &PollResult,
    usage: Usage,
) -> sqlx::Result<()> {
    let slot = current_slot();
    let fold = sqlx::query(
        "INSERT INTO history (server_id, place, slot, load, meetings, users, videos, offline)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (server_id, place) DO UPDATE
         SET load = iif(slot = excluded.slot, max(load, excluded.load), excluded.load),
             meetings = iif(slot = excluded.slot, max(meetings, excluded.meetings), excluded.meetings),
             users = iif(slot = excluded.slot, max(users, excluded.users), excluded.users),
             videos = iif(slot = excluded.slot, max(videos, excluded.videos), excluded.videos),
             offline = iif(slot = excluded.slot, max(offline, excluded.offline), excluded.offline),
             slot = excluded.slot",
    );
    let online = result.health.online;
    let fold = fold
        .bind(result.server_id.as_str())
        .bind(saturated(slot % SAMPLES))
        .bind(saturated(slot))
        .bind(result.measured.filter(|_| online).map_or(0.0, |(load, _)| load))
        .bind(saturated(usage.meetings))
        .bind(saturated(usage.users))
        .bind(saturated(usage.videos))
        .bind(!online);
    fold.execute(connection).await.map(drop)
}

fn current_slot() -> u64 {
    slot_of(u64::try_from(now_ms()).unwrap_or_default())
}
