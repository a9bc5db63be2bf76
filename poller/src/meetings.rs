//! Meetings that are over, and those that go on.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use futures_util::{FutureExt, StreamExt, TryStreamExt};
use scalelite_core::bbb::client::CallError;
use scalelite_core::bbb::meetings::ListedMeeting;
use scalelite_core::bbb::params::Params;
use scalelite_core::pool::server::{Route, ServerId};
use scalelite_core::state::{ForgetIf, Meeting, Moment, StateError};

use crate::metrics;
use crate::pass::{Beginning, Poller, poll_target};

/// How many meetings of one server are asked for at the same time.
const QUESTIONS_AT_ONCE: usize = 16;
/// How long all of them together may take.
const QUESTIONS_TIMEOUT: Duration = Duration::from_secs(30);

impl Poller {
    pub(crate) async fn meetings_by_server(&self) -> Result<HashMap<ServerId, Vec<Meeting>>, StateError> {
        let mut by_server: HashMap<ServerId, Vec<Meeting>> = HashMap::new();
        for meeting in self.state.meetings().await? {
            by_server.entry(meeting.server_id.clone()).or_default().push(meeting);
        }
        Ok(by_server)
    }

    /// Forgets meetings whose server is not known any more.
    pub(crate) async fn forget_orphans(&self, beginning: &Beginning) -> Result<(), StateError> {
        let servers = self.state.servers().await?;
        let known: HashSet<&ServerId> = servers.iter().map(|server| &server.route.id).collect();
        for (server, meetings) in beginning.meetings.iter().filter(|(server, _)| !known.contains(server)) {
            for meeting in meetings {
                let only = ForgetIf { on_server: Some(server), not_placed_since: Some(beginning.at) };
                if self.state.forget_meeting(&meeting.id, only).await? {
                    metrics::forgotten("server_removed");
                    tracing::info!(meeting = meeting.id, %server, "forgotten: its server is not known any more");
                }
            }
        }
        Ok(())
    }

    /// Renews the meetings that the server lists, asks for the others, and forgets those it says are over.
    pub(crate) async fn check_meetings(
        &self,
        server: &Route,
        own: &[Meeting],
        listed: &[ListedMeeting],
        began: Moment,
    ) -> Result<(), StateError> {
        let running: HashSet<&str> = listed.iter().map(|meeting| meeting.id.as_str()).collect();
        let (alive, missing): (Vec<&Meeting>, Vec<&Meeting>) =
            own.iter().partition(|meeting| running.contains(meeting.id.as_str()));
        let alive: Vec<String> = alive.into_iter().map(|meeting| meeting.id.clone()).collect();
        self.state.renew_meetings(&alive, self.config.meetings.ttl).await?;
        let questions: Vec<_> =
            missing.into_iter().map(|meeting| self.check_missing(server, meeting, began).boxed()).collect();
        let asked = futures_util::stream::iter(questions).buffer_unordered(QUESTIONS_AT_ONCE).try_collect();
        // The rest is asked at the next poll.
        tokio::time::timeout(QUESTIONS_TIMEOUT, asked).await.unwrap_or(Ok(()))
    }

    async fn check_missing(
        &self,
        server: &Route,
        meeting: &Meeting,
        began: Moment,
    ) -> Result<(), StateError> {
        let params = Params::from([("meetingID", meeting.id.as_str())]);
        match self.client.get(poll_target(server), "getMeetingInfo", &params).await {
            Ok(_) => {
                let alive = std::slice::from_ref(&meeting.id);
                self.state.renew_meetings(alive, self.config.meetings.ttl).await
            }
            Err(CallError::Failed(error)) if error.key == "notFound" => {
                let only = ForgetIf { on_server: Some(&server.id), not_placed_since: Some(began) };
                if self.state.forget_meeting(&meeting.id, only).await? {
                    metrics::forgotten("ended");
                    tracing::info!(meeting = meeting.id, server = %server.id, "ended");
                }
                Ok(())
            }
            Err(error) => {
                tracing::warn!(meeting = meeting.id, server = %server.id, %error, "cannot tell whether it is over");
                Ok(())
            }
        }
    }
}
