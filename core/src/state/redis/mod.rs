//! The live state in Redis, in the shape of the original's records (CONTRACT §9).

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use redis::{Script, ScriptInvocation, Value};

use super::{
    ForgetIf, Histories, LiveState, Located, Meeting, Moment, NewServer, PlaceMeeting, Placement, Playable,
    PollResult, PollTask, Recorded, ServerChange, StateError,
};
use crate::config::RedisConfig;
use crate::pool::server::{Server, ServerId};
use crate::tenant::{By, Tenant, TenantChange, TenantSaved};

mod decode;
mod history;
mod keys;
mod link;
mod meetings;
mod playback;
mod polls;
mod scripts;
mod servers;
mod tenants;

use keys::Keys;
use link::Link;
use scripts::Scripts;

/// The live state in Redis.
pub struct RedisState {
    link: Link,
    keys: Keys,
    scripts: Scripts,
}

impl std::fmt::Debug for RedisState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisState")
            .field("link", &self.link)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

impl RedisState {
    /// Prepares `connections` (at least 1) connections; each is made when it is first used, so that a
    /// Redis that is away for now is no reason not to start.
    pub fn new(config: &RedisConfig, connections: usize) -> Result<Self, StateError> {
        Ok(Self {
            link: Link::new(config, connections)?,
            keys: Keys::new(&config.namespace),
            scripts: Scripts::new(),
        })
    }

    /// A call of a script with its two fixed arguments: the key that tells a cluster the slot, and the
    /// prefix of all keys.
    fn call<'s>(&self, script: &'s Script) -> ScriptInvocation<'s> {
        let mut call = script.key(self.keys.servers());
        call.arg(&self.keys.prefix);
        call
    }

    async fn invoke(&self, call: &ScriptInvocation<'_>) -> Result<Value, StateError> {
        let reply = self.link.run(async |connection| call.invoke_async(connection).await).await;
        reply.map_err(StateError::Redis)
    }

    /// Whether a script that answers 0 or 1 answered 1.
    async fn done(&self, call: &ScriptInvocation<'_>) -> Result<bool, StateError> {
        Ok(self.invoke(call).await? == Value::Int(1))
    }
}

/// A list as an argument: its length, then its items.
fn list_arg<T: redis::ToRedisArgs>(
    call: &mut ScriptInvocation<'_>,
    items: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
) {
    let items = items.into_iter();
    call.arg(items.len());
    for item in items {
        call.arg(item);
    }
}

#[async_trait]
impl LiveState for RedisState {
    async fn check(&self) -> Result<(), StateError> {
        let key = self.keys.health_check();
        let mut set = redis::cmd("SET");
        set.arg(&key).arg("true").arg("EX").arg(10);
        self.link.run(async |connection| set.query_async::<()>(connection).await).await?;
        Ok(())
    }

    async fn now(&self) -> Result<Moment, StateError> {
        let time = redis::cmd("TIME");
        let (seconds, micros): (u64, u64) =
            self.link.run(async |connection| time.query_async(connection).await).await?;
        Ok(Moment(seconds * 1000 + micros / 1000))
    }

    async fn place_meeting(&self, request: &PlaceMeeting<'_>) -> Result<Placement, StateError> {
        self.place(request).await
    }

    async fn locate_meeting(&self, id: &str, tenant_id: Option<&str>) -> Result<Option<Located>, StateError> {
        self.locate(id, tenant_id, "locate").await
    }

    async fn locate_voice_bridge(
        &self,
        number: &str,
        tenant_id: Option<&str>,
    ) -> Result<Option<Located>, StateError> {
        self.locate_number(number, tenant_id).await
    }

    async fn join_meeting(&self, id: &str, tenant_id: Option<&str>) -> Result<Option<Located>, StateError> {
        self.locate(id, tenant_id, "join").await
    }

    async fn take_meeting(&self, id: &str, tenant_id: Option<&str>) -> Result<Option<Located>, StateError> {
        self.locate(id, tenant_id, "take").await
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
        self.server_records(&[]).await
    }

    async fn server(&self, id: &ServerId) -> Result<Option<Server>, StateError> {
        Ok(self.server_records(std::slice::from_ref(id)).await?.pop())
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
        self.take(period, limit).await
    }

    async fn histories(&self) -> Result<Histories, StateError> {
        self.all_histories().await
    }

    async fn record_poll(&self, result: &PollResult) -> Result<Recorded, StateError> {
        self.record(result).await
    }

    async fn record_version(&self, id: &ServerId, version: &str) -> Result<(), StateError> {
        let mut call = self.call(&self.scripts.record_version);
        call.arg(id.as_str()).arg(version);
        self.invoke(&call).await.map(drop)
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
