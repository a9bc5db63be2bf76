//! The live state in SQLite: for one host, whose processes all use the same file (CONTRACT §8).
//!
//! The rules are those of the Lua scripts beside [`redis`](super::redis), the choice of a server is
//! [`placement::choose`](crate::pool::placement::choose). Whatever writes is one transaction that takes
//! the write lock at its beginning, so that it never has to be tried again.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;

use super::{
    ForgetIf, Histories, LiveState, Located, Meeting, Moment, NewServer, PlaceMeeting, Placement, Playable,
    PollResult, PollTask, Recorded, ServerChange, StateError,
};
use crate::monitoring::pools::Store;
use crate::pool::server::{Server, ServerId};
use crate::tenant::{By, Tenant, TenantChange, TenantSaved};

mod history;
mod meetings;
mod place;
mod playback;
mod polls;
mod rows;
mod schema;
mod servers;
mod tenants;

use crate::sqlite::{self, Link};

/// The live state in a file of SQLite.
#[derive(Debug)]
pub struct SqliteState {
    link: Link,
}

impl SqliteState {
    /// Opens the file, and makes it (mode 0600) and its directory (mode 0700) if they are missing. Several
    /// processes of one host may do so at the same time; it must not be on a network file system.
    ///
    /// # Errors
    ///
    /// The file cannot be made, opened or brought to the schema, or a newer version has made it.
    pub async fn open(path: &Path) -> Result<Self, StateError> {
        sqlite::make(path).await?;
        let options = sqlite::options(path, "live-state");
        let mut writer = sqlite::open(&options).await?;
        schema::ensure(&mut writer).await?;
        let readers = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
        Ok(Self { link: Link::new(Store::LiveSqlite, writer, &options, readers) })
    }
}

/// The host's clock, in milliseconds since 1970: the same for all processes that share the file.
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    milliseconds(since)
}

/// As SQLite holds it.
fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[async_trait]
impl LiveState for SqliteState {
    async fn check(&self) -> Result<(), StateError> {
        let touch = sqlx::query(
            "INSERT INTO health_check (id, at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = excluded.at",
        );
        let touch = touch.bind(now_ms());
        self.link.write(async |connection| touch.execute(connection).await).await?;
        Ok(())
    }

    async fn now(&self) -> Result<Moment, StateError> {
        Ok(Moment(now_ms().unsigned_abs()))
    }

    async fn place_meeting(&self, request: &PlaceMeeting<'_>) -> Result<Placement, StateError> {
        let place =
            self.link.transact(async |transaction| place::place(transaction, request, now_ms()).await);
        Ok(place.await?)
    }

    async fn locate_meeting(&self, id: &str, tenant_id: Option<&str>) -> Result<Option<Located>, StateError> {
        self.locate(id, tenant_id).await
    }

    async fn locate_voice_bridge(
        &self,
        number: &str,
        tenant_id: Option<&str>,
    ) -> Result<Option<Located>, StateError> {
        self.locate_number(number, tenant_id).await
    }

    async fn join_meeting(&self, id: &str, tenant_id: Option<&str>) -> Result<Option<Located>, StateError> {
        self.join(id, tenant_id).await
    }

    async fn take_meeting(&self, id: &str, tenant_id: Option<&str>) -> Result<Option<Located>, StateError> {
        self.take(id, tenant_id).await
    }

    async fn confirm_meeting(&self, id: &str, made: bool) -> Result<(), StateError> {
        self.confirm(id, made).await
    }

    async fn take_made_meetings(&self) -> Result<HashMap<String, u64>, StateError> {
        self.take_made().await
    }

    async fn release_meeting(&self, id: &str, server_id: &ServerId) -> Result<(), StateError> {
        self.release(id, server_id).await
    }

    async fn forget_meeting(&self, id: &str, only: ForgetIf<'_>) -> Result<bool, StateError> {
        self.forget(id, only).await
    }

    async fn renew_meetings(&self, ids: &[String], ttl: Duration) -> Result<(), StateError> {
        self.renew(ids, ttl).await
    }

    async fn meetings(&self) -> Result<Vec<Meeting>, StateError> {
        self.all_meetings().await
    }

    async fn servers(&self) -> Result<Vec<Server>, StateError> {
        self.all_servers().await
    }

    async fn server(&self, id: &ServerId) -> Result<Option<Server>, StateError> {
        self.one_server(id).await
    }

    async fn add_server(&self, server: &NewServer) -> Result<bool, StateError> {
        self.add(server).await
    }

    async fn change_server(&self, id: &ServerId, change: &ServerChange) -> Result<bool, StateError> {
        self.change(id, change).await
    }

    async fn remove_server(&self, id: &ServerId) -> Result<bool, StateError> {
        self.remove(id).await
    }

    async fn take_polls(&self, period: Duration, limit: usize) -> Result<Vec<PollTask>, StateError> {
        self.take_tasks(period, limit).await
    }

    async fn histories(&self) -> Result<Histories, StateError> {
        self.all_histories().await
    }

    async fn record_poll(&self, result: &PollResult) -> Result<Recorded, StateError> {
        self.record(result).await
    }

    async fn record_version(&self, id: &ServerId, version: &str) -> Result<(), StateError> {
        self.set_version(id, version).await
    }

    async fn tenants(&self) -> Result<Vec<Tenant>, StateError> {
        self.all_tenants().await
    }

    async fn tenant_by_name(&self, name: &str) -> Result<Option<Tenant>, StateError> {
        self.find_tenant(By::Name(name)).await
    }

    async fn tenant(&self, id: &str) -> Result<Option<Tenant>, StateError> {
        self.find_tenant(By::Id(id)).await
    }

    async fn add_tenant(&self, tenant: &Tenant) -> Result<TenantSaved, StateError> {
        self.add_one_tenant(tenant).await
    }

    async fn change_tenant(&self, id: &str, change: &TenantChange) -> Result<TenantSaved, StateError> {
        self.change_one_tenant(id, change).await
    }

    async fn remove_tenant(&self, id: &str) -> Result<bool, StateError> {
        self.remove_one_tenant(id).await
    }

    async fn remove_tenant_setting(&self, id: &str, tenant_id: Option<&str>) -> Result<bool, StateError> {
        self.remove_setting(id, tenant_id).await
    }

    async fn issue_playback_tokens(
        &self,
        playables: &[Playable<'_>],
        ttl: Duration,
    ) -> Result<Vec<String>, StateError> {
        self.issue_tokens(playables, ttl).await
    }

    async fn use_playback_token(
        &self,
        token: &str,
        record_id: &str,
        format: &str,
    ) -> Result<bool, StateError> {
        self.use_token(token, Playable { record_id, format }).await
    }
}
