//! The live state: which servers there are, how loaded they are, which meeting runs where
//! (CONTRACT §9).
//!
//! [`LiveState`] is the one trait; [`redis`] and [`sqlite`] are its two implementations, and the
//! tests of [`contract`](../../tests) run the same suite on both. Each operation is one of the domain
//! and atomic in itself; those of a request take one round trip.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;

use crate::pool::server::{Server, ServerId};
use crate::tenant::{Tenant, TenantChange, TenantSaved, TenantSetting};

mod error;
pub mod history;
mod meeting;
mod playback_token;
pub mod redis;
mod server;
pub mod sqlite;

pub use error::StateError;
pub use history::{Histories, Sample};
pub use meeting::{CREATE_HOLD, ForgetIf, Located, Meeting, Moment, PlaceMeeting, Placement};
pub use server::{NewServer, PollResult, PollTask, Recorded, ServerChange};

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
