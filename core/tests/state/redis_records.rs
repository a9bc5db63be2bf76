//! What stands in Redis is what the original writes and reads (CONTRACT §9).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use scalelite_core::pool::health::Health;
use scalelite_core::pool::server::{AdminState, Usage};
use scalelite_core::state::{ForgetIf, LiveState, NewServer, Placement, PollResult, Recorded};
use scalelite_core::tenant::{Lrs, Tenant, TenantChange, TenantSaved, TenantSetting};

use crate::given::{self, Create, available, is_known, load, new_server, server, set_state};
use crate::redis_server::RedisServer;
use crate::store::{redis_state, redis_state_in};

/// A Redis, raw.
struct Raw(MultiplexedConnection);

impl Raw {
    async fn of(server: &RedisServer) -> Self {
        Self(server.connection().await)
    }

    /// Runs a command, its words divided by spaces; `~` stands for an empty word.
    async fn run<T: redis::FromRedisValue>(&mut self, command: &str) -> T {
        let mut words = command.split(' ').map(|word| if word == "~" { "" } else { word });
        let mut raw = redis::cmd(words.next().unwrap());
        for word in words {
            raw.arg(word);
        }
        raw.query_async(&mut self.0).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    async fn all(&mut self, commands: &[&str]) {
        for command in commands {
            self.run::<redis::Value>(command).await;
        }
    }

    async fn hash(&mut self, key: &str) -> BTreeMap<String, String> {
        self.run(&format!("HGETALL {key}")).await
    }

    /// All keys and their types.
    async fn keys(&mut self) -> BTreeMap<String, String> {
        let mut keys = BTreeMap::new();
        for key in self.run::<Vec<String>>("KEYS *").await {
            let kind = self.run(&format!("TYPE {key}")).await;
            keys.insert(key, kind);
        }
        keys
    }
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn set(members: &[&str]) -> BTreeSet<String> {
    members.iter().map(|&member| member.to_owned()).collect()
}

/// A pool with a bit of everything.
async fn everything(state: &dyn LiveState) {
    let tagged = NewServer { tag: Some("t".to_owned()), load_multiplier: 2.0, ..new_server("s1") };
    available(state, tagged, 0.0).await;
    available(state, new_server("s2"), 5.0).await;
    set_state(state, "s2", AdminState::Cordoned).await;
    state.add_server(&new_server("s3")).await.unwrap();
    let poll = PollResult {
        server_id: "s1".into(),
        health: Health { online: true, healthy: 0, unhealthy: 1 },
        measured: Some((2.5, Usage { meetings: 1, users: 2, largest_meeting: 3, videos: 4 })),
        load_added_before: 0.0,
    };
    assert_eq!(state.record_poll(&poll).await.unwrap(), Recorded::Done);
    state.record_version(&"s1".into(), "3.0.1").await.unwrap();
    Create::of("m1")
        .tags("t")
        .voice_bridges(&["11"])
        .tenant("id-1")
        .moderator_pw("mp")
        .created_on(state)
        .await;
    Create::of("m2").tags("t").voice_bridges(&["22"]).created_on(state).await;
    let lrs = Lrs { endpoint: Some("https://lrs/".to_owned()), password: Some("p".into()), ..Lrs::default() };
    let secrets = vec!["one".into(), "two".into()];
    let tenant = Tenant { id: "id-1".to_owned(), lrs, ..Tenant::new("bank", secrets) };
    assert_eq!(state.add_tenant(&tenant).await.unwrap(), TenantSaved::Done);
    state.check().await.unwrap();
}

#[tokio::test]
async fn writes_the_records_of_the_contract_and_no_others() {
    let redis = RedisServer::start().await;
    let state = redis_state(&redis.url());
    let mut raw = Raw::of(&redis).await;
    everything(&state).await;
    let setting = TenantSetting::new("record", "no", true);
    assert_eq!(state.put_tenant_setting("id-1", &setting).await.unwrap(), TenantSaved::Done);
    let setting = setting.id;
    let setting_key = format!("scalelite:tenant_setting:{setting}");

    let expected = map(&[
        ("scalelite:servers", "set"),
        ("scalelite:server:s1", "hash"),
        ("scalelite:server:s2", "hash"),
        ("scalelite:server:s3", "hash"),
        ("scalelite:server_enabled", "set"),
        ("scalelite:server_load", "zset"),
        ("scalelite:cordoned_server_load", "zset"),
        ("scalelite:s1", "hash"),
        ("scalelite:s2", "hash"),
        ("scalelite:meetings", "set"),
        ("scalelite:meeting:m1", "hash"),
        ("scalelite:meeting:m2", "hash"),
        ("scalelite:voice_bridges", "hash"),
        ("scalelite:tenants", "set"),
        ("scalelite:tenant:id-1", "hash"),
        ("scalelite:tenant_name:bank", "hash"),
        ("scalelite:tenant_settings:id-1", "set"),
        (&setting_key, "hash"),
        // The original's health check writes it too.
        ("scalelite:__health_check_set__", "string"),
        // Ours.
        ("scalelite:ext:creating", "set"),
        ("scalelite:ext:placed_at", "zset"),
        ("scalelite:ext:load_added", "hash"),
        ("scalelite:ext:poll_taken", "zset"),
        ("scalelite:ext:history:s1", "string"),
        ("scalelite:ext:history:s2", "string"),
        ("scalelite:ext:tenant_of", "hash"),
        ("scalelite:ext:tenant_meetings:id-1", "set"),
    ]);
    assert_eq!(raw.keys().await, expected);

    assert_eq!(raw.run::<BTreeSet<String>>("SMEMBERS scalelite:servers").await, set(&["s1", "s2", "s3"]));
    let s1 = [
        ("url", "https://s1.example.com/bigbluebutton/api"),
        ("secret", "secret of s1"),
        ("tag", "t"),
        ("online", "true"),
        ("load_multiplier", "2.0"),
        ("state", "enabled"),
        ("meetings", "1"),
        ("users", "2"),
        ("largest_meeting", "3"),
        ("videos", "4"),
        ("bbb_version", "3.0.1"),
    ];
    assert_eq!(raw.hash("scalelite:server:s1").await, map(&s1));
    let s3 = [
        ("url", "https://s3.example.com/bigbluebutton/api"),
        ("secret", "secret of s3"),
        ("online", "false"),
        ("load_multiplier", "1.0"),
        ("state", "disabled"),
    ];
    assert_eq!(raw.hash("scalelite:server:s3").await, map(&s3));
    assert_eq!(raw.run::<BTreeSet<String>>("SMEMBERS scalelite:server_enabled").await, set(&["s1"]));
    let loads: Vec<String> = raw.run("ZRANGE scalelite:server_load 0 -1 WITHSCORES").await;
    assert_eq!(loads, ["s1", "6.5"]);
    let loads: Vec<String> = raw.run("ZRANGE scalelite:cordoned_server_load 0 -1 WITHSCORES").await;
    assert_eq!(loads, ["s2", "5"]);
    let counters = [("healthy_counter", "0"), ("unhealthy_counter", "1")];
    assert_eq!(raw.hash("scalelite:s1").await, map(&counters));

    assert_eq!(raw.run::<BTreeSet<String>>("SMEMBERS scalelite:meetings").await, set(&["m1", "m2"]));
    let m1 = [("server_id", "s1"), ("moderator_pw", "mp"), ("voice_bridge", "11"), ("tenant_id", "id-1")];
    assert_eq!(raw.hash("scalelite:meeting:m1").await, map(&m1));
    assert_eq!(raw.hash("scalelite:meeting:m2").await["tenant_id"], "");
    let ttl: i64 = raw.run("TTL scalelite:meeting:m1").await;
    assert!((590..=600).contains(&ttl), "{ttl}");
    assert_eq!(raw.hash("scalelite:voice_bridges").await, map(&[("11", "m1"), ("22", "m2")]));

    assert_eq!(raw.run::<BTreeSet<String>>("SMEMBERS scalelite:tenants").await, set(&["id-1"]));
    let tenant =
        [("name", "bank"), ("secrets", "one:two"), ("lrs_endpoint", "https://lrs/"), ("lrs_password", "p")];
    assert_eq!(raw.hash("scalelite:tenant:id-1").await, map(&tenant));
    assert_eq!(raw.hash("scalelite:tenant_name:bank").await, map(&[("id", "id-1")]));
    let settings: BTreeSet<String> = raw.run("SMEMBERS scalelite:tenant_settings:id-1").await;
    assert_eq!(settings, set(&[&setting]));
    let fields = [("param", "record"), ("value", "no"), ("override", "true"), ("tenant_id", "id-1")];
    assert_eq!(raw.hash(&setting_key).await, map(&fields));
}

#[tokio::test]
async fn leaves_nothing_of_what_is_gone() {
    let redis = RedisServer::start().await;
    let state = redis_state(&redis.url());
    let mut raw = Raw::of(&redis).await;
    everything(&state).await;
    assert!(state.take_meeting("m1", None).await.unwrap().is_some());
    assert!(state.forget_meeting("m2", ForgetIf::default()).await.unwrap());
    Create::of("m3").tags("t").created_on(&state).await;
    for id in ["s1", "s2", "s3"] {
        assert!(state.remove_server(&id.into()).await.unwrap());
    }
    let setting = TenantSetting::new("record", "no", true);
    assert_eq!(state.put_tenant_setting("id-1", &setting).await.unwrap(), TenantSaved::Done);
    let renamed = TenantChange { name: Some("credit".to_owned()), ..TenantChange::default() };
    assert_eq!(state.change_tenant("id-1", &renamed).await.unwrap(), TenantSaved::Done);
    assert!(state.remove_tenant("id-1").await.unwrap());
    assert_eq!(raw.keys().await, map(&[("scalelite:__health_check_set__", "string")]));
}

#[tokio::test]
async fn keeps_to_its_namespace() {
    let redis = RedisServer::start().await;
    let mut raw = Raw::of(&redis).await;
    let (one, other) = (redis_state_in(&redis.url(), "one"), redis_state_in(&redis.url(), ""));
    everything(&one).await;
    assert!(raw.keys().await.keys().all(|key| key.starts_with("one:")));
    assert!(other.servers().await.unwrap().is_empty());
    everything(&other).await;
    assert_eq!(other.meetings().await.unwrap().len(), 2);
    assert_eq!(raw.hash("meeting:m1").await["server_id"], "s1");
    assert_eq!(one.servers().await.unwrap().len(), 3);
}

#[tokio::test]
async fn reads_servers_as_the_original_writes_them() {
    let redis = RedisServer::start().await;
    let state = redis_state(&redis.url());
    let mut raw = Raw::of(&redis).await;
    raw.all(&[
        // Of an old version: without a state and most else.
        "SADD scalelite:servers old-on old-off new bare",
        "HSET scalelite:server:old-on url https://on/ secret s1 online true",
        "SADD scalelite:server_enabled old-on new",
        "ZADD scalelite:server_load 3 old-on",
        "HSET scalelite:server:old-off url https://off/ secret s2 online false load_multiplier ~ tag ~",
        "HSET scalelite:server:new url https://new/ secret s3 tag t online true load_multiplier 2.0 state enabled \
         meetings 1 users 2 largest_meeting 3 videos 4 bbb_version 2.7",
        "ZADD scalelite:server_load 7.25 new",
        "HSET scalelite:new healthy_counter 1 unhealthy_counter 2",
        // Only half removed.
        "ZADD scalelite:server_load 0 bare",
    ])
    .await;
    let ids: Vec<String> =
        state.servers().await.unwrap().into_iter().map(|server| server.route.id.to_string()).collect();
    assert_eq!(ids, ["new", "old-off", "old-on"]);
    let old = server(&state, "old-on").await;
    assert_eq!((old.route.state, old.route.online, old.load), (AdminState::Enabled, true, Some(3.0)));
    assert_eq!((old.load_multiplier, old.route.tag, old.usage), (1.0, None, Usage::default()));
    assert_eq!((old.healthy_counter, old.unhealthy_counter, old.bbb_version), (0, 0, None));
    let old = server(&state, "old-off").await;
    assert_eq!((old.route.state, old.route.online, old.load), (AdminState::Disabled, false, None));
    assert_eq!((old.load_multiplier, old.route.tag), (1.0, None));
    let new = server(&state, "new").await;
    assert_eq!((new.load, new.load_multiplier, new.route.tag.as_deref()), (Some(7.25), 2.0, Some("t")));
    assert_eq!(new.usage, Usage { meetings: 1, users: 2, largest_meeting: 3, videos: 4 });
    assert_eq!((new.healthy_counter, new.unhealthy_counter), (1, 2));
    assert_eq!(new.bbb_version.as_deref(), Some("2.7"));
    assert_eq!(given::created(&state, "m").await, "old-on", "`bare` is none, `new` is tagged");
    assert_eq!(load(&state, "old-on").await, Some(4.0));
    // What has no record is polled by nobody, and takes nobody's turn.
    let polled = state.take_polls(Duration::from_secs(60), 3).await.unwrap();
    assert_eq!(polled.len(), 3);
    set_state(&state, "old-on", AdminState::Disabled).await;
    assert!(!raw.run::<bool>("SISMEMBER scalelite:server_enabled old-on").await);
}

#[tokio::test]
async fn reads_meetings_as_the_original_writes_them() {
    let redis = RedisServer::start().await;
    let state = redis_state(&redis.url());
    let mut raw = Raw::of(&redis).await;
    given::servers(&state, &["s"]).await;
    raw.all(&[
        "SADD scalelite:meetings new old stale orphan",
        "HSET scalelite:meeting:new server_id s moderator_pw pw voice_bridge 123 tenant_id ~",
        "HSET scalelite:meeting:old server_id s",
        "HSET scalelite:meeting:orphan server_id gone moderator_pw old voice_bridge 5 tenant_id t1",
        "HSET scalelite:voice_bridges 123 new 77 stale 5 orphan",
    ])
    .await;
    let new = state.locate_meeting("new", None).await.unwrap().unwrap().meeting;
    assert_eq!((new.moderator_pw.as_str(), new.voice_bridge.as_str(), new.tenant_id), ("pw", "123", None));
    let old = Create::of("old").existing_on(&state).await.meeting;
    assert_eq!((old.moderator_pw.as_str(), old.voice_bridge.as_str(), old.tenant_id), ("", "", None));
    // A meeting whose server is gone is not found, and is created anew by its tenant.
    assert!(!is_known(&state, "orphan").await);
    assert!(state.join_meeting("orphan", None).await.unwrap().is_none());
    assert!(state.take_meeting("orphan", None).await.unwrap().is_none());
    let anew = Create::of("orphan").tenant("t1").moderator_pw("new").voice_bridges(&["123", "6"]);
    let anew = anew.created_on(&state).await.meeting;
    assert_eq!((anew.moderator_pw.as_str(), anew.voice_bridge.as_str()), ("new", "6"));
    assert_eq!(raw.run::<Option<String>>("HGET scalelite:voice_bridges 5").await, None);
    // A number of which the owner has expired is taken over; an expired ID is dropped.
    let heir = Create::of("heir").voice_bridges(&["123", "77"]).created_on(&state).await.meeting;
    assert_eq!(heir.voice_bridge, "77");
    assert_eq!(state.meetings().await.unwrap().len(), 4);
    let ids: BTreeSet<String> = raw.run("SMEMBERS scalelite:meetings").await;
    assert_eq!(ids, set(&["heir", "new", "old", "orphan"]));
}

/// The original writes an empty number where it had none to give.
#[tokio::test]
async fn a_meeting_without_a_number_gets_one_when_it_moves_on() {
    let redis = RedisServer::start().await;
    let state = redis_state(&redis.url());
    let mut raw = Raw::of(&redis).await;
    given::servers(&state, &["a", "b"]).await;
    raw.all(&[
        "SADD scalelite:meetings old",
        "HSET scalelite:meeting:old server_id a",
        "SADD scalelite:ext:creating old",
    ])
    .await;
    Create::of("other").voice_bridges(&["1"]).created_on(&state).await;
    let moving = Create::of("old").failed(&["a"]);
    let moved = moving.clone().voice_bridges(&["1", "2"]).created_on(&state).await;
    assert_eq!((moved.server.id.as_str(), moved.meeting.voice_bridge.as_str()), ("b", "2"));
    raw.all(&["HSET scalelite:meeting:old server_id a voice_bridge ~", "HDEL scalelite:voice_bridges 2"])
        .await;
    let refused = moving.voice_bridges(&["1"]).on(&state).await;
    assert!(matches!(refused, Placement::NoVoiceBridge), "{refused:?}");
    assert!(!is_known(&state, "old").await, "its load was taken back, so it is not there any more");
}

#[tokio::test]
async fn reads_tenants_as_the_original_writes_them() {
    let redis = RedisServer::start().await;
    let state = redis_state(&redis.url());
    let mut raw = Raw::of(&redis).await;
    raw.all(&[
        "SADD scalelite:tenants id-1",
        "HSET scalelite:tenant:id-1 name bank secrets one:two lrs_endpoint https://lrs/ kc_client_id c",
        "HSET scalelite:tenant_name:bank id id-1",
        "SADD scalelite:tenant_settings:id-1 x gone",
        "HSET scalelite:tenant_setting:x param record value true override false tenant_id id-1",
        // Only half there.
        "HSET scalelite:tenant_name:ghost id id-2",
    ])
    .await;
    let tenant = state.tenant_by_name("bank").await.unwrap().unwrap();
    assert_eq!((tenant.id.as_str(), tenant.secrets.len()), ("id-1", 2));
    let setting = TenantSetting { id: "x".to_owned(), ..TenantSetting::new("record", "true", false) };
    assert_eq!(tenant.settings, [setting]);
    let lrs = [Some("https://lrs/"), None, None, None, Some("c"), None, None, None];
    assert_eq!(tenant.lrs.values(), lrs);
    assert!(state.tenant_by_name("ghost").await.unwrap().is_none());
    assert_eq!(state.tenants().await.unwrap().len(), 1);

    // It lets a second tenant take a name, and removing either takes the name away from both.
    raw.all(&[
        "SADD scalelite:tenants id-3",
        "HSET scalelite:tenant:id-3 name bank secrets three",
        "HSET scalelite:tenant_name:bank id id-3",
    ])
    .await;
    assert_eq!(state.tenant_by_name("bank").await.unwrap().unwrap().id, "id-3");
    assert!(state.remove_tenant("id-1").await.unwrap());
    assert_eq!(state.tenant_by_name("bank").await.unwrap().unwrap().id, "id-3", "the name stays the other's");
    raw.all(&["DEL scalelite:tenant_name:bank"]).await;
    let other = Tenant::new("bank", vec!["four".into()]);
    assert_eq!(state.add_tenant(&other).await.unwrap(), TenantSaved::Done);
    assert_eq!(state.tenant_by_name("bank").await.unwrap().unwrap().id, other.id);
}

/// What an original creates and ends counts from the next poll on.
#[tokio::test]
async fn meetings_of_the_original_count_for_their_tenant() {
    let redis = RedisServer::start().await;
    let state = redis_state(&redis.url());
    let mut raw = Raw::of(&redis).await;
    given::servers(&state, &["s"]).await;
    raw.all(&[
        "SADD scalelite:meetings m1 m2",
        "HSET scalelite:meeting:m1 server_id s moderator_pw pw voice_bridge 1 tenant_id t",
        "HSET scalelite:meeting:m2 server_id s moderator_pw pw voice_bridge 2 tenant_id ~",
    ])
    .await;
    let two = |id: &str| Create::of(id).tenant("t").max_meetings(2);
    assert_eq!(state.meetings().await.unwrap().len(), 2);
    two("m3").created_on(&state).await;
    assert!(matches!(two("m4").on(&state).await, Placement::TooManyMeetings));
    raw.all(&["DEL scalelite:meeting:m1", "SREM scalelite:meetings m1"]).await;
    two("m4").created_on(&state).await;
    // The moment is long past when a poll looks for leftovers, here of m4.
    raw.all(&["DEL scalelite:meeting:m4", "SREM scalelite:meetings m4"]).await;
    raw.all(&["ZADD scalelite:ext:placed_at 1 m4 1 m3 1 m1"]).await;
    state.take_all_polls().await.unwrap();
    let counted: BTreeSet<String> = raw.run("SMEMBERS scalelite:ext:tenant_meetings:t").await;
    assert_eq!(counted, set(&["m3"]), "that one runs for longer than a day");
    assert_eq!(raw.hash("scalelite:ext:tenant_of").await, map(&[("m3", "t")]));
    assert_eq!(raw.run::<Vec<String>>("ZRANGE scalelite:ext:placed_at 0 -1").await, ["m3"]);
}

#[tokio::test]
async fn tokens_of_playback_are_the_originals() {
    let redis = RedisServer::start().await;
    let state = redis_state(&redis.url());
    let mut raw = Raw::of(&redis).await;
    let ours = state.issue_playback_token("r-1", "video", Duration::from_secs(3600)).await.unwrap();
    let key = format!("scalelite:protector_token_{ours}");
    assert_eq!(raw.run::<String>(&format!("GET {key}")).await, r#"{"record_id":"r-1","format":"video"}"#);
    let lives: i64 = raw.run(&format!("TTL {key}")).await;
    assert!((3590..=3600).contains(&lives), "{lives}");

    // As Rails writes JSON: characters of HTML are escaped.
    let theirs = "0123456789abcdef".repeat(4);
    let json = r#"{"record_id":"r\u0026\u003e1","format":"notes","more":[1]}"#;
    let key = format!("scalelite:protector_token_{theirs}");
    raw.run::<redis::Value>(&format!("SET {key} {json}")).await;
    assert!(state.use_playback_token(&theirs, "r&>1", "notes").await.unwrap());
    assert!(!raw.run::<bool>(&format!("EXISTS {key}")).await);
    for odd in ["[]", "{}", "nonsense", r#"{"record_id":1,"format":"notes"}"#] {
        raw.run::<redis::Value>(&format!("SET {key} {odd}")).await;
        assert!(!state.use_playback_token(&theirs, "1", "notes").await.unwrap(), "{odd}");
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_stops_no_polls() {
    let redis = RedisServer::start().await;
    let state = redis_state(&redis.url());
    let mut raw = Raw::of(&redis).await;
    given::servers(&state, &["s"]).await;
    assert_eq!(state.take_polls(Duration::ZERO, 9).await.unwrap().len(), 1);
    raw.all(&["ZINCRBY scalelite:ext:poll_taken 3600000 s"]).await;
    let taken = state.take_polls(Duration::from_secs(60), 9).await.unwrap();
    assert_eq!(taken.iter().map(|task| task.since_last).collect::<Vec<_>>(), [Some(Duration::ZERO)]);
    assert!(state.take_polls(Duration::from_secs(60), 9).await.unwrap().is_empty(), "taken just now");
}
