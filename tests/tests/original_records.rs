//! The same Redis as the original's: what it wrote is served, what we write it can read (CONTRACT §9).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use reqwest::Method;
use scalelite_core::pool::server::AdminState;
use scalelite_core::tenant::{Tenant, TenantSetting};
use scalelite_system_tests::site::Site;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::{becomes, eventually};

const LIMIT: Duration = Duration::from_secs(10);
/// As the original makes them.
pub(crate) const IDS: [&str; 3] = [
    "0a7bbd0e-5ff2-4d0f-8f0a-2f1f1e1c5c10",
    "b5a9d1f2-9c40-4a9d-8d62-0c6b7d4d7a11",
    "c8f3f7a4-07d7-46b1-a2a5-1d8e5c0a9b12",
];

pub(crate) async fn hash(site: &Site, key: &str, pairs: &[(&str, &str)]) {
    let words = ["HSET", key].into_iter().chain(pairs.iter().flat_map(|(name, value)| [*name, *value]));
    site.redis().run::<u64>(&words.collect::<Vec<_>>()).await;
}

async fn site_of_the_original() -> Site {
    let mut site = Site::start(Mode::Redis, 0).await;
    fill(&mut site).await;
    site
}

/// Three servers as the original writes them: enabled, enabled before there was a `state`, and disabled
/// before there was one; each with a meeting.
pub(crate) async fn fill(site: &mut Site) {
    site.sims = bbb_sim::Fleet::start(3, bbb_sim::SimOptions::default()).await.unwrap();
    let redis = site.redis();
    for (n, id) in IDS.into_iter().enumerate() {
        let sim = site.sim(n);
        // The original's URLs may end with a slash.
        let url = format!("{}/", sim.url());
        let key = format!("scalelite:server:{id}");
        redis.run::<u64>(&["SADD", "scalelite:servers", id]).await;
        hash(site, &key, &[("url", &url), ("secret", sim.secret()), ("online", "true")]).await;
        if n < 2 {
            hash(site, &key, &[("load_multiplier", "2.0"), ("meetings", "0"), ("users", "0")]).await;
            redis.run::<u64>(&["SADD", "scalelite:server_enabled", id]).await;
            redis.run::<u64>(&["ZADD", "scalelite:server_load", &(n * 10).to_string(), id]).await;
        }
        if n == 0 {
            hash(site, &key, &[("state", "enabled"), ("bbb_version", "2.7.3")]).await;
        }
        hash(site, &format!("scalelite:{id}"), &[("healthy_counter", "3"), ("unhealthy_counter", "0")]).await;
        let meeting = format!("room-{n}");
        sim.add_meeting(meeting.as_str()).unwrap();
        redis.run::<u64>(&["SADD", "scalelite:meetings", &meeting]).await;
        let key = format!("scalelite:meeting:{meeting}");
        hash(site, &key, &[("server_id", id), ("moderator_pw", "mp")]).await;
        if n != 1 {
            let number = format!("7000{n}");
            hash(site, &key, &[("voice_bridge", &number), ("tenant_id", "")]).await;
            hash(site, "scalelite:voice_bridges", &[(&number, &meeting)]).await;
        }
        redis.run::<u64>(&["EXPIRE", &key, "86400"]).await;
    }
}

#[tokio::test]
async fn records_of_the_original_are_served() {
    let site = site_of_the_original().await;
    let api = site.api().await;
    for n in 0..3 {
        let meeting = format!("room-{n}");
        let info = api.call("getMeetingInfo", &[("meetingID", &meeting)]).await;
        assert_eq!(info.assert_success().text("meetingID"), meeting);
        api.call("isMeetingRunning", &[("meetingID", &meeting)]).await.assert_success();
        let joined =
            api.call("join", &[("meetingID", &meeting), ("fullName", "A"), ("role", "VIEWER")]).await;
        if n == 2 {
            // No state, and not among the enabled ones.
            joined.assert_failed("serverUnavailable", "The server for this meeting is disabled/offline.");
        } else {
            assert!(joined.location().starts_with(&format!("{}/join?", site.sim(n).url())), "{joined:?}");
            let again = api.call("create", &[("meetingID", &meeting)]).await;
            assert_eq!(again.assert_success().text("messageKey"), "duplicateWarning");
        }
    }
    let score = async |n: usize| site.redis().run::<f64>(&["ZSCORE", "scalelite:server_load", IDS[n]]).await;
    assert_eq!((score(0).await, score(1).await), (2.0, 12.0), "a user counts as the multiplier says");
    let mut listed = api.get("getMeetings", "").await.fields("meetingID");
    listed.sort();
    assert_eq!(listed, ["room-0", "room-1"]);
    api.call("create", &[("meetingID", "new")]).await.assert_success();
    assert_eq!((site.host("new"), score(0).await), (0, 4.0));
    let ended = api.call("end", &[("meetingID", "room-1"), ("password", "mp")]).await;
    ended.assert_success();
    assert!(!site.sim(1).has_meeting("room-1"));
    assert_eq!(site.redis().run::<u64>(&["EXISTS", "scalelite:meeting:room-1"]).await, 0);
}

#[tokio::test]
async fn records_of_the_original_are_polled() {
    let site = site_of_the_original().await;
    // What the original leaves behind when a server is removed.
    hash(&site, "scalelite:meeting:orphan", &[("server_id", "gone"), ("moderator_pw", "x")]).await;
    site.redis().run::<u64>(&["SADD", "scalelite:meetings", "orphan", "expired"]).await;
    site.sim(0).add_users("room-0", 30, 1, 2).unwrap();
    site.sim(1).end_meeting("room-1");
    let _poller = site.poller().await;
    let load = async || site.redis().run::<Option<f64>>(&["ZSCORE", "scalelite:server_load", IDS[0]]).await;
    becomes("the load is 32 users of weight 2", LIMIT, Some(64.0), load).await;
    let known = async || site.redis().run::<BTreeSet<String>>(&["SMEMBERS", "scalelite:meetings"]).await;
    becomes("only living meetings are known", LIMIT, ["room-0", "room-2"].map(String::from).into(), known)
        .await;
    let version = async || {
        let key = format!("scalelite:server:{}", IDS[0]);
        site.redis().run::<String>(&["HGET", &key, "bbb_version"]).await
    };
    becomes("the version is that of now", LIMIT, "3.0.4".to_owned(), version).await;
    let scored: Option<f64> = site.redis().run(&["ZSCORE", "scalelite:server_load", IDS[2]]).await;
    assert_eq!(scored, None, "a disabled one takes no meetings");
}

/// Every key with its type, and the fields of hashes.
async fn dump(site: &Site) -> BTreeMap<String, (String, BTreeMap<String, String>)> {
    let redis = site.redis();
    let mut found = BTreeMap::new();
    for key in redis.run::<Vec<String>>(&["KEYS", "*"]).await {
        let kind: String = redis.run(&["TYPE", &key]).await;
        let fields = if kind == "hash" { redis.run(&["HGETALL", &key]).await } else { BTreeMap::new() };
        found.insert(key, (kind, fields));
    }
    found
}

#[tokio::test]
async fn what_we_write_is_what_the_original_knows() {
    let site = Site::start_unpolled(Mode::Redis, 3).await;
    site.enable(0).await;
    site.enable(1).await;
    site.set_tag(1, "tagged").await;
    site.sim(1).add_meeting("elsewhere").unwrap();
    let setting = TenantSetting::new("record", "true", true);
    let setting_id = setting.id.clone();
    let secrets = vec!["s1".to_owned().into(), "s2".to_owned().into()];
    let tenant = Tenant { id: "t-1".to_owned(), settings: vec![setting], ..Tenant::new("acme", secrets) };
    site.state().add_tenant(&tenant).await.unwrap();
    let poller = site.poller().await;
    site.all_online().await;
    eventually("versions are known", LIMIT, async || site.server(2).await.bbb_version.map(drop)).await;
    let api = site.api().await;
    let created = api.call("create", &[("meetingID", "room"), ("moderatorPW", "mp"), ("meta_a", "b")]).await;
    api.call("create", &[("meetingID", "ended")]).await.assert_success();
    api.call("end", &[("meetingID", "ended")]).await.assert_success();
    assert_eq!(api.send(Method::GET, "/health_check").await.status, 200);
    assert!(poller.stop().await.success());
    site.set_state(1, AdminState::Cordoned).await;

    let mut keys = dump(&site).await;
    let own: Vec<String> = keys.keys().filter(|key| key.starts_with("scalelite:ext:")).cloned().collect();
    assert!(!own.is_empty());
    for key in own {
        keys.remove(&key);
    }
    let mut take = |key: &str, kind: &str| {
        let (found, fields) = keys.remove(key).unwrap_or_else(|| panic!("there is no {key}"));
        assert_eq!(found, kind, "{key}");
        fields
    };
    for set in ["servers", "server_enabled", "meetings", "tenants", "tenant_settings:t-1"] {
        take(&format!("scalelite:{set}"), "set");
    }
    take("scalelite:server_load", "zset");
    take("scalelite:cordoned_server_load", "zset");
    for n in 0..3 {
        let counters = take(&format!("scalelite:server-{n}"), "hash");
        assert_eq!(counters.keys().collect::<Vec<_>>(), ["healthy_counter", "unhealthy_counter"]);
        let mut server = take(&format!("scalelite:server:server-{n}"), "hash");
        assert_eq!(server.remove("url").as_deref(), Some(site.sim(n).url()));
        assert_eq!(server.remove("secret").as_deref(), Some(site.sim(n).secret()));
        assert_eq!(server.remove("tag").as_deref(), (n == 1).then_some("tagged"));
        assert_eq!(server.remove("state").as_deref(), Some(["enabled", "cordoned", "disabled"][n]));
        assert_eq!(server.remove("online").as_deref(), Some("true"));
        assert_eq!(server.remove("bbb_version").as_deref(), Some("3.0.4"));
        let multiplier: f64 = server.remove("load_multiplier").unwrap().parse().unwrap();
        assert!((multiplier - 1.0).abs() < f64::EPSILON);
        for number in ["meetings", "users", "largest_meeting", "videos"] {
            server.remove(number).unwrap().parse::<u64>().unwrap();
        }
        assert!(server.is_empty(), "{server:?}");
    }
    let mut meeting = take("scalelite:meeting:room", "hash");
    assert_eq!(meeting.remove("server_id").as_deref(), Some("server-0"));
    assert_eq!(meeting.remove("moderator_pw").as_deref(), Some("mp"));
    let bridge = meeting.remove("voice_bridge").unwrap();
    assert_eq!(bridge, created.text("voiceBridge"));
    assert!(meeting.remove("tenant_id").is_none_or(|tenant| tenant.is_empty()));
    assert!(meeting.is_empty(), "{meeting:?}");
    let bridges = take("scalelite:voice_bridges", "hash");
    assert_eq!(bridges, BTreeMap::from([(bridge, "room".to_owned())]), "that of the ended one is free");
    let mut tenant = take("scalelite:tenant:t-1", "hash");
    assert_eq!(tenant.remove("name").as_deref(), Some("acme"));
    assert_eq!(tenant.remove("secrets").as_deref(), Some("s1:s2"));
    let known = ["lrs_endpoint", "lrs_username", "lrs_password", "kc_token_url", "kc_client_id"];
    tenant.retain(|name, _| !known.contains(&name.as_str()) && !name.starts_with("kc_"));
    assert!(tenant.is_empty(), "{tenant:?}");
    assert_eq!(take("scalelite:tenant_name:acme", "hash"), BTreeMap::from([("id", "t-1")].map(owned)));
    let setting = take(&format!("scalelite:tenant_setting:{setting_id}"), "hash");
    let expected = [("param", "record"), ("value", "true"), ("override", "true"), ("tenant_id", "t-1")];
    assert_eq!(setting, BTreeMap::from(expected.map(owned)));
    // What a health check writes, the original's too.
    keys.remove("scalelite:__health_check_set__");
    assert!(keys.is_empty(), "keys that the original does not know: {keys:?}");

    let redis = site.redis();
    let ttl: u64 = redis.run(&["TTL", "scalelite:meeting:room"]).await;
    assert!((86_000..=86_400).contains(&ttl), "{ttl}");
    assert_eq!(redis.run::<Vec<String>>(&["SMEMBERS", "scalelite:meetings"]).await, ["room"]);
    assert_eq!(redis.run::<Vec<String>>(&["ZRANGE", "scalelite:server_load", "0", "-1"]).await, ["server-0"]);
    assert_eq!(
        redis.run::<Vec<String>>(&["ZRANGE", "scalelite:cordoned_server_load", "0", "-1"]).await,
        ["server-1"]
    );
    assert_eq!(redis.run::<Vec<String>>(&["SMEMBERS", "scalelite:server_enabled"]).await, ["server-0"]);
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[tokio::test]
async fn another_namespace_is_respected() {
    let site = Site::start(Mode::Redis, 0).await;
    let api = site.api_with(&[("REDIS_NAMESPACE", "{other}")]).await;
    let sim = bbb_sim::Sim::start(bbb_sim::SimOptions::default()).await.unwrap();
    hash(&site, "{other}:server:a", &[("url", sim.url()), ("secret", sim.secret()), ("online", "true")])
        .await;
    for (command, key) in [("SADD", "{other}:servers"), ("SADD", "{other}:server_enabled")] {
        site.redis().run::<u64>(&[command, key, "a"]).await;
    }
    site.redis().run::<u64>(&["ZADD", "{other}:server_load", "0", "a"]).await;
    api.call("create", &[("meetingID", "room")]).await.assert_success();
    assert!(sim.has_meeting("room"));
    let outside =
        dump(&site).await.into_keys().filter(|key| !key.starts_with("{other}:")).collect::<Vec<_>>();
    assert!(outside.is_empty(), "{outside:?}");
}
