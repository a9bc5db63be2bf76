//! The Lua scripts: each runs as one atomic step and costs one round trip (`EVALSHA`).

use redis::Script;

macro_rules! script {
    ($($part:literal),+) => {
        Script::new(concat!(include_str!("lua/prelude.lua"), $(include_str!(concat!("lua/", $part))),+))
    };
}

/// All scripts, hashed once.
pub(super) struct Scripts {
    pub(super) place: Script,
    pub(super) locate: Script,
    pub(super) locate_voice_bridge: Script,
    pub(super) confirm: Script,
    pub(super) take_made: Script,
    pub(super) release: Script,
    pub(super) forget: Script,
    pub(super) meetings: Script,
    pub(super) renew: Script,
    pub(super) servers: Script,
    pub(super) add_server: Script,
    pub(super) change_server: Script,
    pub(super) remove_server: Script,
    pub(super) take_polls: Script,
    pub(super) record_poll: Script,
    pub(super) histories: Script,
    pub(super) record_version: Script,
    pub(super) tenant: Script,
    pub(super) tenants: Script,
    pub(super) add_tenant: Script,
    pub(super) change_tenant: Script,
    pub(super) remove_tenant: Script,
    pub(super) remove_tenant_setting: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            place: script!("place.lua"),
            locate: script!("locate.lua"),
            locate_voice_bridge: script!("locate_voice_bridge.lua"),
            confirm: script!("confirm.lua"),
            take_made: script!("take_made.lua"),
            release: script!("release.lua"),
            forget: script!("forget.lua"),
            meetings: script!("meetings.lua"),
            renew: script!("renew.lua"),
            servers: script!("server_record.lua", "servers.lua"),
            add_server: script!("add_server.lua"),
            change_server: script!("change_server.lua"),
            remove_server: script!("remove_server.lua"),
            take_polls: script!("server_record.lua", "take_polls.lua"),
            record_poll: script!("history.lua", "record_poll.lua"),
            histories: script!("histories.lua"),
            record_version: script!("record_version.lua"),
            tenant: script!("tenant_record.lua", "tenant.lua"),
            tenants: script!("tenant_record.lua", "tenants.lua"),
            add_tenant: script!("tenant_write.lua", "add_tenant.lua"),
            change_tenant: script!("tenant_write.lua", "change_tenant.lua"),
            remove_tenant: script!("remove_tenant.lua"),
            remove_tenant_setting: script!("remove_tenant_setting.lua"),
        }
    }
}
