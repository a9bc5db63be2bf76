//! The handle on one simulated server.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::engine::Engine;
use crate::server::{Server, Siblings};
use crate::{Fault, Fleet, MeetingInfo, NewMeeting, RecordedRequest, SimOptions};

/// One simulated BigBlueButton server. It serves from threads of its own, whatever runtime the caller is
/// in, and stops when dropped. All methods take effect before they return.
pub struct Sim {
    pub(crate) server: Arc<Server>,
    pub(crate) engine: Arc<Engine>,
    url: String,
}

impl std::fmt::Debug for Sim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sim").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Sim {
    /// Starts a server.
    ///
    /// # Errors
    /// When the port is taken, or threads or file descriptors run out.
    pub async fn start(options: SimOptions) -> Result<Self> {
        let mut fleet = Fleet::start(1, options).await?;
        fleet.take_first().context("a fleet of one is empty")
    }

    pub(crate) fn launch(
        options: &SimOptions,
        number: usize,
        siblings: Siblings,
        engine: Arc<Engine>,
    ) -> std::io::Result<Self> {
        let server = Server::start(options, number, siblings, engine.workers())?;
        let url = format!("http://{}/bigbluebutton/api", server.address);
        Ok(Self { server, engine, url })
    }

    /// The API's URL, `http://127.0.0.1:PORT/bigbluebutton/api`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// The shared secret.
    pub fn secret(&self) -> &str {
        &self.server.secret
    }

    /// Makes all calls misbehave (or, with [`Fault::None`], no longer). A fault set for one call stays.
    ///
    /// On return from [`Fault::Down`] connections are refused and the open ones closed, though a client may
    /// notice the latter only when it next uses one. Setting anything else opens the same port again.
    pub fn set_fault(&self, fault: Fault) {
        self.server.set_fault(None, fault);
    }

    /// Makes one call misbehave, such as `create`; `index` is the API's top level.
    pub fn set_fault_for(&self, call: &str, fault: Fault) {
        self.server.set_fault(Some(call), fault);
    }

    /// Ends all misbehaviour.
    pub fn clear_faults(&self) {
        self.server.clear_faults();
    }

    /// Changes how much later each API call is answered.
    pub fn set_latency(&self, latency: Duration) {
        self.server.set_latency(latency);
    }

    /// All meetings, sorted by ID.
    pub fn meetings(&self) -> Vec<MeetingInfo> {
        self.server.meetings().iter().map(crate::meeting::Meeting::info).collect()
    }

    /// One meeting.
    pub fn meeting(&self, id: &str) -> Option<MeetingInfo> {
        self.server.meetings().get(id).map(crate::meeting::Meeting::info)
    }

    /// Whether there is such a meeting.
    pub fn has_meeting(&self, id: &str) -> bool {
        self.server.meetings().get(id).is_some()
    }

    /// The number of meetings.
    pub fn meeting_count(&self) -> usize {
        self.server.meetings().len()
    }

    /// Makes a meeting, as `create` would; in place of one with the same ID.
    ///
    /// # Errors
    /// When another meeting has its voice bridge.
    pub fn add_meeting(&self, new: impl Into<NewMeeting>) -> Result<()> {
        let new = new.into();
        let mut meetings = self.server.meetings();
        meetings.end(&new.meeting_id);
        match meetings.add(new) {
            Ok(_) => Ok(()),
            Err(_) => anyhow::bail!("another meeting has this voice bridge"),
        }
    }

    /// Has users join, and turns on the cameras of the first `videos` users who have none on yet.
    ///
    /// # Errors
    /// When there is no such meeting.
    pub fn add_users(&self, id: &str, attendees: u32, moderators: u32, videos: u32) -> Result<()> {
        let mut meetings = self.server.meetings();
        let meeting = meetings.get_mut(id).with_context(|| format!("there is no meeting {id}"))?;
        meeting.add_users(attendees, moderators, videos);
        Ok(())
    }

    /// Has the users who joined last leave, at most `count`; gives how many did.
    pub fn remove_users(&self, id: &str, count: u32) -> u32 {
        let mut meetings = self.server.meetings();
        let Some(meeting) = meetings.get_mut(id) else { return 0 };
        let mut left = 0;
        while left < count && meeting.leave() {
            left += 1;
        }
        left
    }

    /// Ends a meeting and its breakout rooms; false if there is none.
    pub fn end_meeting(&self, id: &str) -> bool {
        self.server.meetings().end(id)
    }

    /// Forgets all meetings, as a crash or a restart does.
    pub fn forget_all(&self) {
        *self.server.meetings() = crate::meetings::Meetings::default();
    }

    /// The latest requests to the API, oldest first; as many as [`SimOptions::log_capacity`].
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.server.journal.requests()
    }

    /// The latest requests of one call, oldest first.
    pub fn requests_for(&self, call: &str) -> Vec<RecordedRequest> {
        let mut requests = self.requests();
        requests.retain(|request| request.call == call);
        requests
    }

    /// How often a call was asked for, also wrongly signed or while misbehaving.
    pub fn count(&self, call: &str) -> u64 {
        self.server.journal.count(call)
    }

    /// The same of all calls; `index` is the API's top level.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.server.journal.counts()
    }

    /// Forgets the requests and counts so far.
    pub fn clear_requests(&self) {
        self.server.journal.clear();
    }

    /// Stops serving. When it was its fleet's last server, the threads are gone on return.
    pub async fn stop(self) {
        self.server.shut();
        if Arc::strong_count(&self.engine) == 1 {
            self.engine.stop().await;
        }
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.server.shut();
    }
}
