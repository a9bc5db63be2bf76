//! A server's health, load and numbers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{FutureExt, StreamExt};
use scalelite_core::bbb::client::{CallError, Target};
use scalelite_core::bbb::meetings::ListedMeeting;
use scalelite_core::bbb::params::Params;
use scalelite_core::pool::health::{self, Change, Health, Thresholds};
use scalelite_core::pool::load::{self, LoadRule, MeetingSample};
use scalelite_core::pool::server::{Route, Server};
use scalelite_core::state::{ForgetIf, Meeting, PollResult, PollTask, Recorded, StateError};

use crate::metrics;
use crate::pass::Poller;

/// How many `end` calls go to a server that went offline at the same time, and how long all of them
/// together may take: it will hardly answer.
const ENDS_AT_ONCE: usize = 32;
const ENDS_TIMEOUT: Duration = Duration::from_secs(10);

impl Poller {
    /// Records what a poll found; tells whether the server is online now. The meetings of a server that
    /// is offline and does not answer are lost.
    pub(crate) async fn update_server(
        &self,
        task: &PollTask,
        listed: &Result<Vec<ListedMeeting>, CallError>,
        own: &[Meeting],
    ) -> Result<bool, StateError> {
        let server = &task.server;
        let id = &server.route.id;
        let (health, change) = health::after_poll(health_of(server), listed.is_ok(), self.thresholds());
        if let Err(error) = listed {
            tracing::warn!(server = %id, %error, failures = health.unhealthy, "no answer to a poll");
        }
        let measured = match listed {
            Ok(meetings) if health.online => Some(self.measure(server, meetings)),
            _ => None,
        };
        let result =
            PollResult { server_id: id.clone(), health, measured, load_added_before: task.load_added };
        let recorded = self.state.record_poll(&result).await?;
        metrics::polled(id, listed.is_ok());
        if let (Ok(listed), true) = (listed, recorded != Recorded::Gone) {
            self.count_participants(task.since_last, own, listed);
        }
        match change {
            Change::CameOnline => {
                metrics::changed(id, "online");
                tracing::info!(server = %id, "online");
            }
            Change::WentOffline => {
                metrics::changed(id, "offline");
                tracing::warn!(server = %id, meetings = own.len(), "offline");
            }
            Change::Same => {}
        }
        if recorded == Recorded::Drained {
            metrics::changed(id, "drained");
            tracing::info!(server = %id, "cordoned and empty: disabled");
        }
        tracing::debug!(server = %id, online = health.online, load = measured.map(|(load, _)| load), "polled");
        if listed.is_err() && !health.online {
            self.clear(&server.route, own).await?;
        }
        Ok(health.online)
    }

    fn thresholds(&self) -> Thresholds {
        let pool = &self.config.pool;
        Thresholds { healthy: pool.healthy_threshold, unhealthy: pool.unhealthy_threshold }
    }

    fn measure(
        &self,
        server: &Server,
        listed: &[ListedMeeting],
    ) -> (f64, scalelite_core::pool::server::Usage) {
        let pool = &self.config.pool;
        let rule = LoadRule {
            min_user_count: u64::from(pool.load_min_user_count),
            join_buffer_ms: u64::try_from(pool.load_join_buffer_time.as_millis()).unwrap_or(u64::MAX),
        };
        let samples = listed.iter().map(|meeting| MeetingSample {
            participants: meeting.participants,
            moderators: meeting.moderators,
            videos: meeting.videos,
            created_ms: meeting.created_ms,
            breakout: meeting.breakout,
        });
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let (load, usage) = load::measure(samples, rule, now_ms);
        #[expect(clippy::cast_precision_loss, reason = "a load has nowhere near 2^53 users")]
        let weighted = load as f64 * server.load_multiplier;
        (weighted, usage)
    }

    /// Forgets the meetings of a server that is lost, and tries to end them there.
    async fn clear(&self, server: &Route, meetings: &[Meeting]) -> Result<(), StateError> {
        let mut forgotten = Vec::new();
        for meeting in meetings {
            let only = ForgetIf { on_server: Some(&server.id), not_placed_since: None };
            if self.state.forget_meeting(&meeting.id, only).await? {
                metrics::forgotten("server_offline");
                tracing::info!(meeting = meeting.id, server = %server.id, "forgotten: its server is offline");
                forgotten.push(meeting);
            }
        }
        let target = Target { online: false, ..server.into() };
        let ends: Vec<_> = forgotten.into_iter().map(|meeting| self.end(target, meeting).boxed()).collect();
        let ends = futures_util::stream::iter(ends).buffer_unordered(ENDS_AT_ONCE).collect::<()>();
        if tokio::time::timeout(ENDS_TIMEOUT, ends).await.is_err() {
            tracing::debug!(server = %server.id, "gave up ending its meetings");
        }
        Ok(())
    }

    async fn end(&self, target: Target<'_>, meeting: &Meeting) {
        let id = meeting.id.as_str();
        let params = Params::from([("meetingID", id), ("password", meeting.moderator_pw.as_str())]);
        if let Err(error) = self.client.get(target, "end", &params).await {
            tracing::debug!(meeting = id, server = %meeting.server_id, %error, "not ended");
        }
    }
}

fn health_of(server: &Server) -> Health {
    Health {
        online: server.route.online,
        healthy: server.healthy_counter,
        unhealthy: server.unhealthy_counter,
    }
}
