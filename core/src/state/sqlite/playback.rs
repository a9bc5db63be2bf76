//! One-time tokens of protected recordings.

use std::time::Duration;

use serde_json::json;
use sqlx::Row;

use super::meetings::expiry;
use super::{SqliteState, now_ms};
use crate::state::{Playable, StateError, playback_token};

impl SqliteState {
    pub(super) async fn issue_tokens(
        &self,
        playables: &[Playable<'_>],
        ttl: Duration,
    ) -> Result<Vec<String>, StateError> {
        if playables.is_empty() {
            return Ok(Vec::new());
        }
        let tokens: Vec<String> = playables.iter().map(|_| playback_token::generate()).collect();
        let rows = tokens.iter().zip(playables).map(|(token, it)| json!([token, it.record_id, it.format]));
        let issue = sqlx::query(
            "INSERT INTO playback_tokens (token, record_id, format, expires_at)
             SELECT value ->> 0, value ->> 1, value ->> 2, $1 FROM json_each($2)",
        );
        let issue = issue.bind(expiry(now_ms(), ttl)).bind(rows.collect::<serde_json::Value>().to_string());
        self.link.write(async |connection| issue.execute(connection).await).await?;
        Ok(tokens)
    }

    pub(super) async fn use_token(&self, token: &str, playable: Playable<'_>) -> Result<bool, StateError> {
        if !playback_token::is_well_formed(token) {
            return Ok(false);
        }
        let take = sqlx::query(
            "DELETE FROM playback_tokens WHERE token = $1
             RETURNING record_id = $2 AND format = $3 AND expires_at > $4 AS opens",
        );
        let take = take.bind(token).bind(playable.record_id).bind(playable.format).bind(now_ms());
        let row = self.link.write(async |connection| take.fetch_optional(connection).await).await?;
        Ok(row.map(|row| row.try_get("opens")).transpose()?.unwrap_or(false))
    }
}
