//! The original on the same Redis: the commands that its models send, and what these make of the answers. A field that
//! a model does not know makes the original fail, so it fails a test here.

use std::collections::{BTreeMap, BTreeSet};

use scalelite_system_tests::redis_server::RedisServer;

const SERVER: &[&str] = &[
    "url",
    "secret",
    "tag",
    "online",
    "load_multiplier",
    "state",
    "meetings",
    "users",
    "largest_meeting",
    "videos",
    "bbb_version",
];
const MEETING: &[&str] = &["server_id", "moderator_pw", "voice_bridge", "tenant_id"];
const TENANT: &[&str] = &[
    "name",
    "secrets",
    "lrs_endpoint",
    "lrs_username",
    "lrs_password",
    "kc_token_url",
    "kc_client_id",
    "kc_client_secret",
    "kc_username",
    "kc_password",
];
const SETTING: &[&str] = &["param", "value", "override", "tenant_id"];

pub(super) type Fields = BTreeMap<String, String>;

/// An original Scalelite with the usual namespace.
#[derive(Clone, Copy)]
pub(super) struct Original<'a>(pub(super) &'a RedisServer);

/// A server as its model has it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Server {
    pub(super) fields: Fields,
    /// Also of records from before there was a `state`.
    pub(super) state: &'static str,
    pub(super) load: Option<f64>,
}

impl Original<'_> {
    async fn ask<T: redis::FromRedisValue>(&self, command: &str, key: &str, rest: &[&str]) -> T {
        let key = format!("scalelite:{key}");
        let words: Vec<&str> = [command, &key].iter().chain(rest).copied().collect();
        self.0.run(&words).await
    }

    /// A record of a model; none if there is none.
    async fn record(&self, key: &str, known: &[&str]) -> Option<Fields> {
        let fields: Fields = self.ask("HGETALL", key, &[]).await;
        for name in fields.keys() {
            assert!(known.contains(&name.as_str()), "the original's model of {key} has no {name}");
        }
        (!fields.is_empty()).then_some(fields)
    }

    async fn members(&self, set: &str) -> BTreeSet<String> {
        self.ask("SMEMBERS", set, &[]).await
    }

    pub(super) async fn server(&self, id: &str) -> Option<Server> {
        let fields = self.record(&format!("server:{id}"), SERVER).await?;
        let enabled: bool = self.ask("SISMEMBER", "server_enabled", &[id]).await;
        let state = match fields.get("state").map(String::as_str) {
            Some("enabled") => "enabled",
            Some("cordoned") => "cordoned",
            Some("disabled") => "disabled",
            Some(other) => panic!("the original knows no state {other}"),
            None if enabled => "enabled",
            None => "disabled",
        };
        let load = match state {
            "enabled" => self.ask("ZSCORE", "server_load", &[id]).await,
            "cordoned" => self.ask("ZSCORE", "cordoned_server_load", &[id]).await,
            _ => None,
        };
        assert!(["true", "false"].contains(&fields["online"].as_str()), "{fields:?}");
        if let Some(multiplier) = fields.get("load_multiplier") {
            multiplier.parse::<f64>().unwrap();
        }
        Some(Server { fields, state, load })
    }

    /// All servers, each of which must be there.
    pub(super) async fn servers(&self) -> BTreeMap<String, Server> {
        let mut servers = BTreeMap::new();
        for id in self.members("servers").await {
            let server = self.server(&id).await.unwrap_or_else(|| panic!("{id} has no record"));
            servers.insert(id, server);
        }
        servers
    }

    /// The ID of the server that a new meeting goes to.
    pub(super) async fn find_available(&self) -> String {
        let ids: Vec<String> = self.ask("ZRANGE", "server_load", &["0", "-1"]).await;
        for id in ids {
            let tag: Option<String> = self.ask("HGET", &format!("server:{id}"), &["tag"]).await;
            if tag.is_none() {
                return id;
            }
        }
        panic!("the original finds no available server");
    }

    /// What `create` leaves: a meeting on the least-loaded server. Its first number must be free.
    pub(super) async fn create(&self, meeting: &str, voice_bridge: &str, tenant: &str) -> String {
        assert_eq!(self.meeting(meeting).await, None);
        let server = self.find_available().await;
        let key = format!("meeting:{meeting}");
        assert!(self.ask::<bool>("HSETNX", "voice_bridges", &[voice_bridge, meeting]).await);
        for (field, value) in [
            ("server_id", server.as_str()),
            ("moderator_pw", "theirs"),
            ("voice_bridge", voice_bridge),
            ("tenant_id", tenant),
        ] {
            assert!(self.ask::<bool>("HSETNX", &key, &[field, value]).await);
        }
        self.ask::<bool>("EXPIRE", &key, &["86400"]).await;
        self.ask::<bool>("SADD", "meetings", &[meeting]).await;
        self.ask::<Option<f64>>("ZADD", "server_load", &["XX", "INCR", "1.0", &server]).await;
        server
    }

    pub(super) async fn meeting(&self, meeting: &str) -> Option<Fields> {
        let fields = self.record(&format!("meeting:{meeting}"), MEETING).await?;
        let server = &fields["server_id"];
        assert!(
            self.server(server).await.is_some(),
            "{meeting} is on {server}, which the original does not find"
        );
        Some(fields)
    }

    pub(super) async fn meetings(&self) -> BTreeMap<String, Fields> {
        let mut meetings = BTreeMap::new();
        for id in self.members("meetings").await {
            // It passes over those that have expired.
            if let Some(fields) = self.meeting(&id).await {
                meetings.insert(id, fields);
            }
        }
        meetings
    }

    /// What `end` leaves.
    pub(super) async fn end(&self, meeting: &str) {
        let fields = self.meeting(meeting).await.expect("the original finds the meeting");
        assert_eq!(self.ask::<u64>("DEL", &format!("meeting:{meeting}"), &[]).await, 1);
        assert_eq!(self.ask::<u64>("SREM", "meetings", &[meeting]).await, 1);
        if let Some(number) = fields.get("voice_bridge") {
            assert_eq!(self.ask::<u64>("HDEL", "voice_bridges", &[number]).await, 1);
        }
    }

    /// The meeting that a caller with this number gets into.
    pub(super) async fn meeting_of(&self, voice_bridge: &str) -> Option<String> {
        self.ask("HGET", "voice_bridges", &[voice_bridge]).await
    }

    /// What its poller leaves of a server that is online.
    pub(super) async fn poll(&self, id: &str, meetings: u32, users: u32) {
        let server = self.server(id).await.expect("the original finds the server");
        let (key, load) = (format!("server:{id}"), f64::from(users).to_string());
        self.ask::<u64>("HSET", id, &["unhealthy_counter", "0"]).await;
        for (field, number) in
            [("meetings", meetings), ("users", users), ("largest_meeting", users), ("videos", 0)]
        {
            self.ask::<u64>("HSET", &key, &[field, &number.to_string()]).await;
        }
        if server.state == "enabled" {
            self.ask::<u64>("ZADD", "server_load", &[&load, id]).await;
        }
    }

    /// Adds a tenant with a setting.
    pub(super) async fn add_tenant(&self, id: &str, name: &str, secrets: &str, setting: [&str; 4]) {
        self.ask::<u64>("HSET", &format!("tenant_name:{name}"), &["id", id]).await;
        for (field, value) in [("name", name), ("secrets", secrets)] {
            self.ask::<u64>("HSET", &format!("tenant:{id}"), &[field, value]).await;
        }
        self.ask::<u64>("SADD", "tenants", &[id]).await;
        let [setting, param, value, overrides] = setting;
        let key = format!("tenant_setting:{setting}");
        for (field, value) in [("param", param), ("value", value), ("override", overrides), ("tenant_id", id)]
        {
            self.ask::<u64>("HSET", &key, &[field, value]).await;
        }
        self.ask::<u64>("SADD", &format!("tenant_settings:{id}"), &[setting]).await;
    }

    /// The ID and the record of the tenant of that name.
    pub(super) async fn tenant(&self, name: &str) -> Option<(String, Fields)> {
        let id = self.record(&format!("tenant_name:{name}"), &["id"]).await?.remove("id")?;
        let fields = self.record(&format!("tenant:{id}"), TENANT).await?;
        assert_eq!(fields["name"], name);
        assert!(self.members("tenants").await.contains(&id));
        Some((id, fields))
    }

    /// A tenant's settings: value and whether it overrides, by parameter.
    pub(super) async fn settings(&self, tenant: &str) -> BTreeMap<String, (String, bool)> {
        let mut settings = BTreeMap::new();
        for id in self.members(&format!("tenant_settings:{tenant}")).await {
            let mut fields = self.record(&format!("tenant_setting:{id}"), SETTING).await.expect("its record");
            assert_eq!(fields["tenant_id"], tenant);
            let overrides = fields["override"] == "true";
            settings.insert(fields.remove("param").unwrap(), (fields.remove("value").unwrap(), overrides));
        }
        settings
    }

    /// Every key is the original's, with its type, or one of ours, which it never asks for.
    pub(super) async fn assert_keys(&self) {
        for key in self.0.run::<Vec<String>>(&["KEYS", "*"]).await {
            let kind: String = self.0.run(&["TYPE", &key]).await;
            let name =
                key.strip_prefix("scalelite:").unwrap_or_else(|| panic!("outside the namespace: {key}"));
            let expected = match name.split_once(':') {
                Some(("ext", _)) => continue,
                Some(("tenant_settings", _)) => "set",
                Some(("server" | "meeting" | "tenant" | "tenant_name" | "tenant_setting", _)) => "hash",
                None if ["servers", "server_enabled", "meetings", "tenants"].contains(&name) => "set",
                None if ["server_load", "cordoned_server_load"].contains(&name) => "zset",
                None if name == "voice_bridges" => "hash",
                None if name.starts_with("protector_token_") || name == "__health_check_set__" => "string",
                // A server's counters.
                None if self.members("servers").await.contains(name) => "hash",
                _ => panic!("the original knows no key {key}"),
            };
            assert_eq!(kind, expected, "{key}");
        }
    }
}
