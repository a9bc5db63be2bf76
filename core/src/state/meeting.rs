//! Meetings: where they are, and what is wanted of the live state for them.

use std::time::Duration;

use crate::pool::placement::TagRule;
use crate::pool::server::{Route, ServerId};

/// A meeting that is bound to a server. `Debug` does not show its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Meeting {
    /// `meetingID`.
    pub id: String,
    /// The server it runs on.
    pub server_id: ServerId,
    /// Its `moderatorPW`.
    pub moderator_pw: String,
    /// Its voice bridge number; empty in records of old versions.
    pub voice_bridge: String,
    /// The tenant that created it.
    pub tenant_id: Option<String>,
}

impl std::fmt::Debug for Meeting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meeting")
            .field("id", &self.id)
            .field("server_id", &self.server_id)
            .field("voice_bridge", &self.voice_bridge)
            .field("tenant_id", &self.tenant_id)
            .finish_non_exhaustive()
    }
}

/// A meeting and the server it runs on.
#[derive(Debug, Clone)]
pub struct Located {
    /// The meeting.
    pub meeting: Meeting,
    /// Its server.
    pub server: Route,
    /// Whether another call is the first to create it and has no answer yet. Only
    /// [`LiveState::place_meeting`](super::LiveState::place_meeting) tells.
    pub pending: bool,
}

/// How long a `create` may be on its way to a server: until then, or until it is confirmed, no poll may
/// conclude from the server's silence that the meeting is over.
pub const CREATE_HOLD: Duration = Duration::from_secs(30);

/// What a `create` wants (CONTRACT §3). It has no `Debug`: it holds a password.
#[derive(Clone)]
pub struct PlaceMeeting<'a> {
    /// `meetingID`.
    pub meeting_id: &'a str,
    /// The caller's tenant.
    pub tenant_id: Option<&'a str>,
    /// Remembered for a new meeting.
    pub moderator_pw: &'a str,
    /// The voice bridge numbers to try for a new meeting, in this order.
    pub voice_bridges: &'a [String],
    /// Which servers will do for a new meeting.
    pub tags: &'a TagRule,
    /// How long the record lives unless it is renewed.
    pub ttl: Duration,
    /// So many meetings the caller's tenant may have at once; one that is known already is none more.
    pub max_meetings: Option<u32>,
    /// Servers that failed this very call before: a meeting bound to one of them moves on, and the load
    /// that it added there is taken back; unless that server has answered another `create` of it.
    pub failed: &'a [ServerId],
}

/// Where a `create` goes.
#[derive(Debug, Clone)]
pub enum Placement {
    /// The meeting was known.
    Existing(Located),
    /// The meeting is new (or moved on from a failed server) and was counted on this server.
    Created(Located),
    /// No server is available. If servers had failed before, the meeting is forgotten.
    NoServer,
    /// No available server has a required tag. If servers had failed before, the meeting is forgotten.
    TagUnavailable,
    /// The meeting belongs to another tenant.
    OtherTenant,
    /// The tenant has as many meetings as it may have.
    TooManyMeetings,
    /// All voice bridge numbers that were tried are taken.
    NoVoiceBridge,
}

/// A moment by the store's own clock: comparable between the processes of all hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u64);

/// When a meeting may be forgotten; what does not hold leaves the meeting as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct ForgetIf<'a> {
    /// Only while it is bound to this server.
    pub on_server: Option<&'a ServerId>,
    /// Only if no `create` was routed since.
    pub not_placed_since: Option<Moment>,
}
