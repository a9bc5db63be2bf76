//! The live state: which servers there are, how loaded they are, which meeting runs where
//! (CONTRACT §9).
//!
//! [`LiveState`] is the one trait; [`redis`] and [`sqlite`] are its two implementations, and the
//! tests of [`contract`](../../tests) run the same suite on both. Each operation is one of the domain
//! and atomic in itself; those of a request take one round trip.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::pool::placement::TagRule;
use crate::pool::server::{AdminState, Route, Server, ServerId, Usage};
use crate::sqlite::FileError;
use crate::tenant::{Tenant, TenantChange, TenantSaved, TenantSetting};

pub mod history;
mod playback_token;
pub mod redis;
pub mod sqlite;

pub use history::{Histories, Sample};

/// The live state cannot be used now. Callers answer with an error and try again later.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Redis is away, or refused a command.
    #[error("Redis: {0}")]
    Redis(#[from] ::redis::RedisError),
    /// The embedded database is away, or refused a statement.
    #[error("SQLite: {0}")]
    Sqlite(#[from] sqlx::Error),
    /// What is stored there is not what this program or the original writes.
    #[error("unexpected content: {0}")]
    Content(&'static str),
    /// A file of the embedded state cannot be used.
    #[error("cannot use {path}: {source}")]
    File {
        /// The file or directory.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl From<FileError> for StateError {
    fn from(FileError { path, source }: FileError) -> Self {
        Self::File { path, source }
    }
}

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
    /// [`LiveState::place_meeting`] tells.
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

/// A server to add.
#[derive(Debug, Clone)]
pub struct NewServer {
    /// Its ID.
    pub id: ServerId,
    /// Its API URL.
    pub url: String,
    /// The secret that signs calls to it.
    pub secret: SecretString,
    /// Its tag.
    pub tag: Option<String>,
    /// What one user counts on it.
    pub load_multiplier: f64,
}

/// What to change of a server; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct ServerChange {
    /// Its API URL.
    pub url: Option<String>,
    /// Its secret.
    pub secret: Option<SecretString>,
    /// Its tag; `Some(None)` takes it away.
    pub tag: Option<Option<String>>,
    /// What one user counts on it.
    pub load_multiplier: Option<f64>,
    /// What the operator wants of it.
    pub state: Option<AdminState>,
}

/// A moment by the store's own clock: comparable between the processes of all hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u64);

/// A server to poll now.
#[derive(Debug, Clone)]
pub struct PollTask {
    /// The server as it was when the poll began.
    pub server: Server,
    /// How much load had been added to it by then; handed back with the result, so that what is added
    /// while the poll is under way is not lost.
    pub load_added: f64,
    /// How long before that its last poll began, if it was polled before: the times of all polls of a server follow
    /// each other without a gap and without an overlap, whoever polls.
    pub since_last: Option<Duration>,
}

/// What a poll of a server found.
#[derive(Debug, Clone)]
pub struct PollResult {
    /// The server.
    pub server_id: ServerId,
    /// Its health now.
    pub health: crate::pool::health::Health,
    /// Its load (with the multiplier) and its numbers, if it answered. None leaves them as they are,
    /// but for a server that is offline: that one has no load and no users.
    pub measured: Option<(f64, Usage)>,
    /// From [`PollTask::load_added`].
    pub load_added_before: f64,
}

/// What became of a server by a poll's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It was recorded.
    Done,
    /// It was recorded, and as the server was cordoned and has no load, it is disabled now.
    Drained,
    /// The server was removed while it was polled.
    Gone,
}

/// When a meeting may be forgotten; what does not hold leaves the meeting as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct ForgetIf<'a> {
    /// Only while it is bound to this server.
    pub on_server: Option<&'a ServerId>,
    /// Only if no `create` was routed since.
    pub not_placed_since: Option<Moment>,
}

/// One format of one recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Playable<'a> {
    /// `recordID`.
    pub record_id: &'a str,
    /// The name of the format.
    pub format: &'a str,
}

/// The live state. All operations may be called at the same time, from any number of processes.
#[async_trait]
pub trait LiveState: Send + Sync + std::fmt::Debug {
    /// Whether the store answers and takes a write.
    async fn check(&self) -> Result<(), StateError>;

    /// The store's clock.
    async fn now(&self) -> Result<Moment, StateError>;

    // --- meetings

    /// Finds the meeting's server, or chooses the least-loaded one, counts the meeting there, gives it a
    /// voice bridge number and records it; in one step (CONTRACT §3.2).
    async fn place_meeting(&self, request: &PlaceMeeting<'_>) -> Result<Placement, StateError>;

    /// The meeting and its server. With a tenant, only that tenant's meeting. A meeting whose server is
    /// not known any more is not found.
    async fn locate_meeting(&self, id: &str, tenant_id: Option<&str>) -> Result<Option<Located>, StateError>;

    /// [`locate_meeting`](Self::locate_meeting), by the meeting's voice bridge number.
    async fn locate_voice_bridge(
        &self,
        number: &str,
        tenant_id: Option<&str>,
    ) -> Result<Option<Located>, StateError>;

    /// [`locate_meeting`](Self::locate_meeting), and counts one user more on the server if the server
    /// is enabled or cordoned, and online.
    async fn join_meeting(&self, id: &str, tenant_id: Option<&str>) -> Result<Option<Located>, StateError>;

    /// [`locate_meeting`](Self::locate_meeting), and forgets the meeting.
    async fn take_meeting(&self, id: &str, tenant_id: Option<&str>) -> Result<Option<Located>, StateError>;

    /// Forgets a meeting if the conditions hold; tells whether it did.
    async fn forget_meeting(&self, id: &str, only: ForgetIf<'_>) -> Result<bool, StateError>;

    /// Notes that the meeting's server answered its `create`: from now on the server knows of it, and a
    /// poll that begins later and does not find it there may forget it. If the server `made` it, and this is the first
    /// answer, the meeting is counted, see [`take_made_meetings`](Self::take_made_meetings).
    async fn confirm_meeting(&self, id: &str, made: bool) -> Result<(), StateError>;

    /// How many meetings were made since somebody last asked, by tenant (empty: of no tenant). Nobody else is told of
    /// them.
    async fn take_made_meetings(&self) -> Result<HashMap<String, u64>, StateError>;

    /// Forgets a meeting that its server never got, and takes back the load that placing it added there.
    /// Does nothing if the meeting is bound to another server, or another call has created it there.
    async fn release_meeting(&self, id: &str, server_id: &ServerId) -> Result<(), StateError>;

    /// Lets the records of these meetings live for another `ttl`.
    async fn renew_meetings(&self, ids: &[String], ttl: Duration) -> Result<(), StateError>;

    /// All meetings, in no order. IDs whose record has expired are dropped from the list on the way.
    async fn meetings(&self) -> Result<Vec<Meeting>, StateError>;

    // --- servers

    /// All servers, by ID.
    async fn servers(&self) -> Result<Vec<Server>, StateError>;

    /// One server.
    async fn server(&self, id: &ServerId) -> Result<Option<Server>, StateError>;

    /// Adds a server: disabled, and offline until it is polled. False if the ID is taken.
    async fn add_server(&self, server: &NewServer) -> Result<bool, StateError>;

    /// Changes a server. False if there is none of that ID.
    async fn change_server(&self, id: &ServerId, change: &ServerChange) -> Result<bool, StateError>;

    /// Removes a server and forgets its meetings. False if there is none of that ID.
    async fn remove_server(&self, id: &ServerId) -> Result<bool, StateError>;

    // --- polls

    /// Takes servers to poll that nobody has taken within `period`, at most `limit`, longest waiting
    /// first. Several pollers share the work by this.
    async fn take_polls(&self, period: Duration, limit: usize) -> Result<Vec<PollTask>, StateError>;

    /// Takes all servers to poll now, whoever polled them last.
    async fn take_all_polls(&self) -> Result<Vec<PollTask>, StateError> {
        self.take_polls(Duration::ZERO, usize::MAX).await
    }

    /// Records what a poll found. What the operator changed meanwhile holds.
    async fn record_poll(&self, result: &PollResult) -> Result<Recorded, StateError>;

    /// What the polls of the last 24 hours saw of each server, see [`history`]. What [`record_poll`](Self::record_poll)
    /// records becomes part of it in the same step.
    async fn histories(&self) -> Result<Histories, StateError>;

    /// Records the BigBlueButton version of a server.
    async fn record_version(&self, id: &ServerId, version: &str) -> Result<(), StateError>;

    // --- tenants

    /// All tenants with their settings, by name. Where there are several of one name, see
    /// [`tenant_by_name`](Self::tenant_by_name).
    async fn tenants(&self) -> Result<Vec<Tenant>, StateError>;

    /// The tenant of that name, with its settings. Of several, which an original may have made, the last added.
    async fn tenant_by_name(&self, name: &str) -> Result<Option<Tenant>, StateError>;

    /// The tenant of that ID, with its settings.
    async fn tenant(&self, id: &str) -> Result<Option<Tenant>, StateError>;

    /// Adds a tenant with its settings. Its ID and its name must be new.
    async fn add_tenant(&self, tenant: &Tenant) -> Result<TenantSaved, StateError>;

    /// Changes a tenant and its settings, all at once or not at all.
    async fn change_tenant(&self, id: &str, change: &TenantChange) -> Result<TenantSaved, StateError>;

    /// Removes a tenant and its settings. False if there is none of that ID. Its meetings and recordings stay.
    async fn remove_tenant(&self, id: &str) -> Result<bool, StateError>;

    /// Adds a setting to a tenant, or replaces its setting of that ID.
    async fn put_tenant_setting(
        &self,
        tenant_id: &str,
        setting: &TenantSetting,
    ) -> Result<TenantSaved, StateError> {
        let change = TenantChange { put_settings: vec![setting.clone()], ..TenantChange::default() };
        self.change_tenant(tenant_id, &change).await
    }

    /// Removes a setting, with `tenant_id` only if it is that tenant's. False if there is no such setting.
    async fn remove_tenant_setting(&self, id: &str, tenant_id: Option<&str>) -> Result<bool, StateError>;

    // --- playback

    /// Makes one token for each of these: 64 hexadecimal digits that open it once, within `ttl` (CONTRACT §6).
    async fn issue_playback_tokens(
        &self,
        playables: &[Playable<'_>],
        ttl: Duration,
    ) -> Result<Vec<String>, StateError>;

    /// [`issue_playback_tokens`](Self::issue_playback_tokens) for one format of one recording.
    async fn issue_playback_token(
        &self,
        record_id: &str,
        format: &str,
        ttl: Duration,
    ) -> Result<String, StateError> {
        let tokens = self.issue_playback_tokens(&[Playable { record_id, format }], ttl).await?;
        tokens.into_iter().next().ok_or(StateError::Content("no playback token was made"))
    }

    /// Uses a token up, whatever it opens; tells whether it opens that format of that recording. Of several
    /// that use it at once one gets true.
    async fn use_playback_token(
        &self,
        token: &str,
        record_id: &str,
        format: &str,
    ) -> Result<bool, StateError>;
}
