//! Polls: who polls what, and what was found.

use std::time::Duration;

use redis::Value;

use super::RedisState;
use super::decode::Fields;
use crate::state::{PollResult, PollTask, Recorded, StateError};

impl RedisState {
    pub(super) async fn take(&self, period: Duration, limit: usize) -> Result<Vec<PollTask>, StateError> {
        let mut call = self.call(&self.scripts.take_polls);
        call.arg(u64::try_from(period.as_millis()).unwrap_or(u64::MAX)).arg(limit.min(1_000_000));
        let tasks = Fields::of(self.invoke(&call).await?)?;
        tasks
            .lists()
            .map(|fields| {
                let mut fields = fields?;
                Ok(PollTask {
                    server: fields.server()?,
                    load_added: fields.number()?,
                    since_last: fields.since()?,
                })
            })
            .collect()
    }

    pub(super) async fn record(&self, result: &PollResult) -> Result<Recorded, StateError> {
        let health = result.health;
        let (load, usage) = match result.measured {
            Some((load, usage)) => (load.to_string(), Some(usage)),
            None if health.online => (String::new(), None),
            None => (String::new(), Some(crate::pool::server::Usage::default())),
        };
        let mut call = self.call(&self.scripts.record_poll);
        call.arg(result.server_id.as_str())
            .arg(if health.online { "true" } else { "false" })
            .arg(health.healthy)
            .arg(health.unhealthy)
            .arg(load)
            .arg(result.load_added_before.to_string());
        match usage {
            Some(usage) => {
                call.arg(8)
                    .arg(("meetings", usage.meetings))
                    .arg(("users", usage.users))
                    .arg(("largest_meeting", usage.largest_meeting))
                    .arg(("videos", usage.videos));
            }
            None => {
                call.arg(0);
            }
        }
        match self.invoke(&call).await? {
            Value::BulkString(text) if text == b"gone" => Ok(Recorded::Gone),
            Value::BulkString(text) if text == b"drained" => Ok(Recorded::Drained),
            _ => Ok(Recorded::Done),
        }
    }
}
