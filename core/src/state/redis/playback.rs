//! One-time tokens of protected recordings.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::RedisState;
use crate::state::{Playable, StateError, playback_token};

/// What a token opens, as the original writes it in JSON.
#[derive(Serialize, Deserialize)]
struct Opens {
    record_id: String,
    format: String,
}

impl RedisState {
    pub(super) async fn issue_tokens(
        &self,
        playables: &[Playable<'_>],
        ttl: Duration,
    ) -> Result<Vec<String>, StateError> {
        if playables.is_empty() {
            return Ok(Vec::new());
        }
        let mut issue = redis::pipe();
        let mut tokens = Vec::with_capacity(playables.len());
        for playable in playables {
            let token = playback_token::generate();
            let opens =
                Opens { record_id: playable.record_id.to_owned(), format: playable.format.to_owned() };
            let opens = serde_json::to_string(&opens).map_err(|_| StateError::Content("a playback token"))?;
            issue.set_ex(self.keys.playback_token(&token), opens, ttl.as_secs().max(1)).ignore();
            tokens.push(token);
        }
        self.link.run(async |connection| issue.query_async::<()>(connection).await).await?;
        Ok(tokens)
    }

    pub(super) async fn use_token(&self, token: &str, playable: Playable<'_>) -> Result<bool, StateError> {
        if !playback_token::is_well_formed(token) {
            return Ok(false);
        }
        let key = self.keys.playback_token(token);
        // GETDEL would be one command; Redis has it since 6.2.
        let mut take = redis::pipe();
        take.atomic().get(&key).del(&key).ignore();
        let (opens,): (Option<String>,) =
            self.link.run(async |connection| take.query_async(connection).await).await?;
        let opens = opens.and_then(|opens| serde_json::from_str::<Opens>(&opens).ok());
        Ok(opens.is_some_and(|it| it.record_id == playable.record_id && it.format == playable.format))
    }
}
