//! The ways to reach a Redis: TCP, TLS, Sentinel, a cluster.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use scalelite_core::pool::server::Usage;
use scalelite_core::state::{ForgetIf, LiveState, Recorded};
use scalelite_core::tenant::{Tenant, TenantSetting};

use crate::given::{self, Create, ONLINE, is_known, load};
use crate::redis_server::{RedisServer, eventually};
use crate::store::{redis_state, redis_state_in};
use crate::{child, given::begin_poll};

/// A bit of everything, so that each kind of command is seen to work.
async fn story(state: &dyn LiveState) {
    state.check().await.unwrap();
    assert!(state.now().await.unwrap().0 > 0);
    given::servers(state, &["a", "b"]).await;
    let new = Create::of("m").tenant("id").created_on(state).await;
    assert_eq!(new.server.id.as_str(), "a");
    Create::of("m").tenant("id").existing_on(state).await;
    assert_eq!(given::created(state, "n").await, "b");
    state.join_meeting("m", Some("id")).await.unwrap().unwrap();
    assert_eq!(load(state, "a").await, Some(2.0));
    let task = begin_poll(state, "a").await;
    let result = given::result(&task, ONLINE, Some((7.0, Usage::default())));
    assert_eq!(state.record_poll(&result).await.unwrap(), Recorded::Done);
    state.record_version(&"a".into(), "3.0").await.unwrap();
    state.renew_meetings(&["m".to_owned(), "n".to_owned()], Duration::from_secs(60)).await.unwrap();
    assert_eq!(state.meetings().await.unwrap().len(), 2);
    assert_eq!(state.servers().await.unwrap().len(), 2);
    let setting = TenantSetting::new("p", "v", true);
    let tenant =
        Tenant { id: "id".to_owned(), settings: vec![setting.clone()], ..Tenant::new("t", vec!["s".into()]) };
    state.add_tenant(&tenant).await.unwrap();
    assert_eq!(state.tenant_by_name("t").await.unwrap().unwrap().settings, [setting]);
    assert!(state.take_meeting("m", Some("id")).await.unwrap().is_some());
    assert!(state.forget_meeting("n", ForgetIf::default()).await.unwrap());
    assert!(state.remove_server(&"a".into()).await.unwrap());
    assert_eq!(given::created(state, "last").await, "b");
}

fn on_port(port: u16) -> Vec<String> {
    vec!["--port".to_owned(), port.to_string()]
}

#[tokio::test]
async fn over_tcp_with_a_password_and_a_database() {
    let (redis, port) = RedisServer::start_on_port(|_, port, _| on_port(port)).await;
    let mut raw = redis.connection().await;
    redis::cmd("ACL")
        .arg(&["SETUSER", "app", "on", ">p@ss/word", "~scalelite:*", "+@all"])
        .exec_async(&mut raw)
        .await
        .unwrap();
    let wrong = redis_state(&format!("redis://app:wrong@127.0.0.1:{port}/3"));
    let error = wrong.check().await.unwrap_err();
    assert!(!format!("{error} {error:?} {wrong:?}").contains("wrong@"), "no secrets: {error:?} {wrong:?}");
    story(&redis_state(&format!("redis://app:p%40ss%2Fword@127.0.0.1:{port}/3"))).await;
    redis::cmd("SELECT").arg(3).exec_async(&mut raw).await.unwrap();
    let keys: usize = redis::cmd("DBSIZE").query_async(&mut raw).await.unwrap();
    assert!(keys > 0, "it uses the database that was named");
}

/// A CA and a certificate of `localhost` signed by it, in files of this directory.
fn make_certificates(dir: &Path) {
    let openssl = |args: &str| {
        let made = Command::new("openssl").args(args.split(' ')).current_dir(dir).output();
        let made = made.unwrap_or_else(|error| panic!("this test needs openssl: {error}"));
        assert!(made.status.success(), "openssl {args}: {}", String::from_utf8_lossy(&made.stderr));
    };
    let names = "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\n";
    std::fs::write(dir.join("names"), names).unwrap();
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(&format!("req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=test -days 2"));
    openssl(&format!("req {key} -keyout key.pem -out request.pem -subj /CN=localhost"));
    openssl(
        "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 2 -extfile names",
    );
}

#[tokio::test]
async fn over_tls_with_a_ca_of_ones_own() {
    let (redis, port) = RedisServer::start_on_port(|dir, port, _| {
        make_certificates(dir);
        let port = port.to_string();
        let args =
            ["--port", "0", "--tls-port", &port, "--tls-auth-clients", "no", "--tls-cert-file", "cert.pem"];
        let files = ["--tls-key-file", "key.pem", "--tls-ca-cert-file", "ca.pem"];
        let in_dir = |arg: &str| dir.join(arg).display().to_string();
        let args = args.iter().chain(&files);
        args.map(|arg| if arg.ends_with(".pem") { in_dir(arg) } else { (*arg).to_owned() }).collect()
    })
    .await;
    let url = format!("rediss://localhost:{port}");
    let error = redis_state(&url).check().await.unwrap_err();
    assert!(format!("{error:?}").contains("UnknownIssuer"), "nobody vouches for it: {error:?}");
    // A running process cannot safely change its own environment, so another one takes over.
    let trusting = |url: &str| {
        let mut process = child::process("redis_topologies::in_a_process_that_trusts_the_ca", url);
        process.env("SSL_CERT_FILE", redis.dir().join("ca.pem"));
        let output = process.output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (told, output) = trusting(&url);
    assert!(told, "{output}");
    assert!(output.contains(TOLD), "the other process ran the test: {output}");
    let (told, output) = trusting(&format!("rediss://localhost.localdomain:{port}"));
    assert!(!told, "the name counts: {output}");
}

const TOLD: &str = "the story was told over TLS";

#[tokio::test]
#[ignore = "run by over_tls_with_a_ca_of_ones_own in a process of its own"]
async fn in_a_process_that_trusts_the_ca() {
    if let Some(url) = child::subject() {
        story(&redis_state(&url)).await;
        println!("{TOLD}");
    }
}

async fn watch(sentinel: &RedisServer, commands: &[&str]) {
    let mut raw = sentinel.connection().await;
    for command in commands {
        redis::cmd("SENTINEL")
            .arg(command.split(' ').collect::<Vec<_>>())
            .exec_async(&mut raw)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn the_master_that_sentinel_names() {
    let (mut master, port) = RedisServer::start_on_port(|_, port, _| on_port(port)).await;
    let (sentinel, sentinel_port) = RedisServer::start_sentinel().await;
    watch(&sentinel, &[&format!("MONITOR pool 127.0.0.1 {port} 1")]).await;
    // The first of the Sentinels is away.
    let state = redis_state(&format!("redis+sentinel://127.0.0.1:1,127.0.0.1:{sentinel_port}/pool/2"));
    eventually("the master is known", async || state.check().await.is_ok()).await;
    story(&state).await;
    // Another master takes over.
    let (other, other_port) = RedisServer::start_on_port(|_, port, _| on_port(port)).await;
    master.stop();
    assert!(state.check().await.is_err());
    watch(&sentinel, &["REMOVE pool", &format!("MONITOR pool 127.0.0.1 {other_port} 1")]).await;
    eventually("the new master is found", async || state.check().await.is_ok()).await;
    story(&state).await;
    // A master that was made a replica takes no writes: whoever finds out asks Sentinel anew.
    let (third, third_port) = RedisServer::start_on_port(|_, port, _| on_port(port)).await;
    let mut raw = other.connection().await;
    redis::cmd("REPLICAOF").arg("127.0.0.1").arg(third_port).exec_async(&mut raw).await.unwrap();
    watch(&sentinel, &["REMOVE pool", &format!("MONITOR pool 127.0.0.1 {third_port} 1")]).await;
    eventually("the newest master is found", async || state.check().await.is_ok()).await;
    story(&state).await;
    drop(third);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster() {
    let (mut node, port) = RedisServer::start_on_port(|_, port, bus_port| {
        let (port, bus_port) = (port.to_string(), bus_port.to_string());
        let args = ["--port", &port, "--cluster-enabled", "yes", "--cluster-port", &bus_port];
        args.map(str::to_owned).into()
    })
    .await;
    let mut raw = node.connection().await;
    redis::cmd("CLUSTER").arg(&["ADDSLOTSRANGE", "0", "16383"]).exec_async(&mut raw).await.unwrap();
    let ready = async || {
        let mut raw = node.connection().await;
        let info: String = redis::cmd("CLUSTER").arg("INFO").query_async(&mut raw).await.unwrap();
        info.contains("cluster_state:ok")
    };
    eventually("the cluster is up", ready).await;
    let url = format!("redis+cluster://127.0.0.1:{port},127.0.0.1:1");
    let state = redis_state_in(&url, "{scalelite}");
    story(&state).await;
    redis::cmd("SCRIPT").arg("FLUSH").exec_async(&mut raw).await.unwrap();
    assert!(is_known(&state, "last").await, "lost scripts are loaded again");
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut raw).await.unwrap();
    assert!(!keys.is_empty() && keys.iter().all(|key| key.starts_with("{scalelite}:")), "{keys:?}");
    node.stop();
    assert!(state.servers().await.is_err());
    node.start_again().await;
    eventually("the node is back", async || state.servers().await.is_ok()).await;
}
