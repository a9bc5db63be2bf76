//! What is in the images, together: with real stores, through nginx, over HTTPS. `docker/test` builds the images and
//! runs this.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::time::Duration;

use scalelite_system_tests::binaries;
use scalelite_system_tests::container::{Container, Settings};
use scalelite_system_tests::curl::{Certificate, Curl};
use scalelite_system_tests::process::env;
use scalelite_system_tests::redis_server::RedisServer;
use scalelite_system_tests::signature::SECRET;
use scalelite_system_tests::wait::eventually;
use scalelite_testbed::ports;
use scalelite_testbed::postgres::PostgresServer;
use serde_json::Value;
use url::Url;

use crate::recordings::tars::pack_below;

const SOON: Duration = Duration::from_secs(60);
const HOST: &str = "bbb.test";
/// Of the user and the group that the volume of recordings is laid out for.
const OWNER: (u32, u32) = (1000, 2000);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs images: docker/test builds them and runs this"]
async fn the_images_are_a_load_balancer() {
    let dir = tempfile::Builder::new().prefix("scalelite-images-").tempdir().unwrap();
    let dir = dir.path();
    let (database, redis) = (PostgresServer::start(), RedisServer::start(dir).await);
    let volume = dir.join("bigbluebutton");
    for place in ["spool", "recording/scalelite", "published", "unpublished"] {
        fs::create_dir_all(volume.join(place)).unwrap();
        chown(volume.join(place), Some(OWNER.0), Some(OWNER.1)).unwrap();
    }
    let certificate = Certificate::make(&dir.join("letsencrypt"), HOST);
    let [api_port, http, https] = ports::free();
    let settings = Settings {
        env: env(&[
            ("URL_HOST", HOST),
            ("SECRET_KEY_BASE", "a-key-base-that-nobody-needs-to-guess-in-a-test"),
            ("LOADBALANCER_SECRET", SECRET),
            ("DATABASE_URL", &database.url()),
            ("REDIS_URL", &redis.url()),
            ("PORT", &api_port.to_string()),
            ("POLL_INTERVAL", "1"),
            ("RECORDING_IMPORT_SETTLE", "0.1"),
            ("NGINX_SSL", "true"),
            ("SCALELITE_API_HOSTS", "127.0.0.1"),
            ("SCALELITE_API_PORT", &api_port.to_string()),
            ("HTTP_LISTEN", &format!("127.0.0.1:{http}")),
            ("HTTPS_LISTEN", &format!("127.0.0.1:{https}")),
        ]),
        mounts: vec![reachable(dir), reachable(database.directory()), at(&volume, "/var/bigbluebutton")],
    };
    fs::set_permissions(redis.socket(), fs::Permissions::from_mode(0o777)).unwrap();
    let nginx_settings = Settings {
        mounts: vec![
            at(&volume.join("published"), "/var/bigbluebutton/published"),
            at(&dir.join("letsencrypt"), "/etc/nginx/ssl"),
        ],
        ..settings.clone()
    };

    // nginx comes first, and waits for nobody.
    let mut nginx = nginx_settings.start("nginx", &[], dir);
    let mut sims = Settings::default().start("bbb-sim", &["--servers", "2", "--port-base", "0"], dir);
    let mut api = settings.start("api", &[], dir);
    api.logged("listening").await;
    let sim_ports = ports_of::<2>(&mut sims).await;
    nginx.logged("serving ssl").await;
    let mut poller = settings.start("poller", &[], dir);
    let mut importer = settings.start("recording-importer", &[], dir);
    importer.logged("importing recordings").await;

    // As the operator sets it up.
    let who = settings.run("api", &["id"]);
    assert!(who.contains("uid=1000(scalelite)") && who.contains("2000(scalelite-spool)"), "{who}");
    settings.run("api", &["bin/rake", "db:setup"]);
    for port in sim_ports {
        let task = format!("servers:add[http://127.0.0.1:{port}/bigbluebutton/api,sim-secret]");
        let added = settings.run("general", &["./bin/rake", &task]);
        let id = added.lines().find_map(|line| line.strip_prefix("id: ")).expect("it says the ID");
        settings.run("api", &["bin/rake", &format!("servers:enable[{id}]")]);
    }
    let web = Curl::https(&certificate, &format!("127.0.0.1:{https}"));
    let created = eventually("a meeting is created", SOON, async || {
        let created =
            web.call("create", &[("meetingID", "room"), ("moderatorPW", "mp"), ("attendeePW", "ap")]);
        created.is_success().then_some(created)
    });
    created.await.assert_text("meetingID", "room");
    let both = eventually("both servers are online", SOON, async || {
        let status = settings.run("api", &["bin/rake", "status"]);
        (status.matches("online").count() == 2).then_some(())
    });
    both.await;
    let joined = web.call("join", &[("meetingID", "room"), ("fullName", "A"), ("password", "mp")]);
    assert_eq!(joined.status, 302, "{joined:?}");
    assert!(joined.location().starts_with("http://127.0.0.1:"), "{joined:?}");
    web.call("getMeetingInfo", &[("meetingID", "room")]).assert_text("meetingID", "room");
    web.call("end", &[("meetingID", "room"), ("password", "mp")]).assert_success();
    web.call("isMeetingRunning", &[("meetingID", "room")]).assert_text("running", "false");

    // A recording.
    let record = "rec-0123456789abcdef-1504122319984";
    let tar = pack_below(dir, record, &[]);
    chown(&tar, Some(OWNER.0), Some(OWNER.1)).unwrap();
    fs::rename(tar, volume.join("spool").join(format!("{record}.tar"))).unwrap();
    let told = eventually("the recording is listed", SOON, async || {
        let told = web.call("getRecordings", &[("recordID", record)]);
        told.field("recordID").map(|_| told)
    });
    let links = told.await.fields("url");
    assert!(links.iter().all(|url| url.starts_with(web.base())), "the links lead through nginx: {links:?}");
    let page = web.get(&format!("/video/{record}/"));
    assert_eq!((page.status, page.body.as_str()), (200, "page of video"));
    let player = web.get(&format!("/playback/presentation/2.3/{record}"));
    assert_eq!((player.status, player.body.as_str()), (200, "the player\n"));
    let imported = fs::metadata(volume.join("published/video").join(record)).unwrap();
    assert_eq!(imported.uid(), OWNER.0);

    // As the engine asks whether they are well.
    settings.run("api", &["bin/healthy", "api"]);
    nginx_settings.run("nginx", &["bin/healthy", "nginx"]);
    settings.run("poller", &["bin/rake", "liveness"]);

    for container in [&mut nginx, &mut api, &mut poller, &mut importer, &mut sims] {
        ends_well(container);
    }
    one_that_is_killed_leaves_nothing(dir).await;
}

/// The runner itself is killed: its container ends as well, and the next run clears up.
async fn one_that_is_killed_leaves_nothing(dir: &Path) {
    let logs = dir.join("killed");
    fs::create_dir(&logs).unwrap();
    let mut killed = Settings::default().start("bbb-sim", &["--port-base", "0"], &logs);
    let [port] = ports_of(&mut killed).await;
    let is_free = || TcpListener::bind(("0.0.0.0", port)).is_ok();
    assert!(!is_free(), "it listens at the port that it prints");
    killed.kill();
    eventually("the port is free again", SOON, async || is_free().then_some(())).await;
    assert_eq!(Settings::default().run("bbb-sim", &["--version"]).lines().count(), 1);
    let storage = binaries::directory().parent().unwrap().join("docker/storage-");
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    assert!(!mounts.contains(storage.to_str().unwrap()), "{mounts}");
}

/// `docker stop` ends it at once, and it does not mind.
fn ends_well(container: &mut Container) {
    let ended = container.stop();
    assert!(ended.success(), "{ended:?}: {}", container.log());
}

fn at(source: &Path, target: &str) -> (std::path::PathBuf, String) {
    (source.to_owned(), target.to_owned())
}

/// A directory with a socket, which is in the container where it is outside.
fn reachable(dir: &Path) -> (std::path::PathBuf, String) {
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
    at(dir, dir.to_str().expect("its name is UTF-8"))
}

/// The ports of simulated servers, which they print.
async fn ports_of<const N: usize>(sims: &mut Container) -> [u16; N] {
    sims.logged("secret").await;
    let ports = eventually("all of them are printed", SOON, async || {
        let lines = sims.log();
        let told = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let port = |told: Value| Url::parse(told["url"].as_str()?).ok()?.port();
        told.filter_map(port).collect::<Vec<_>>().try_into().ok()
    });
    ports.await
}
