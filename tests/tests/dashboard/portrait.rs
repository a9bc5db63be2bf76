//! The pictures of the README: the dashboard and `status --watch`. They are kept where `README_PICTURES` says.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use scalelite_core::pool::health::Health;
use scalelite_core::pool::server::{AdminState, Usage};
use scalelite_core::state::{PollResult, ServerChange};
use scalelite_system_tests::binaries;
use scalelite_system_tests::site::{Site, id};
use scalelite_system_tests::store::Mode;
use tokio::task::spawn_blocking;

use super::browser::{browser_thread, run};
use super::site;

/// Users, cameras and meetings of each server, and what the operator wants of it; without users it is offline.
const POOL: [(u64, u64, u64, AdminState); 9] = [
    (212, 61, 14, AdminState::Enabled),
    (198, 40, 17, AdminState::Enabled),
    (175, 52, 11, AdminState::Enabled),
    (204, 33, 19, AdminState::Enabled),
    (64, 12, 5, AdminState::Cordoned),
    (0, 0, 0, AdminState::Enabled),
    (187, 58, 13, AdminState::Enabled),
    (91, 20, 6, AdminState::Enabled),
    (3, 1, 1, AdminState::Disabled),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_in_the_pool() {
    let (library, api) = site(Mode::Redis, POOL.len(), &[]).await;
    let site = &library.site;
    for (n, (users, videos, meetings, state)) in POOL.into_iter().enumerate() {
        let url = format!("https://bbb-{:02}.example.org/bigbluebutton/api", n + 1);
        let tag = (n == 7).then(|| "hd".to_owned());
        let change =
            ServerChange { url: Some(url), state: Some(state), tag: Some(tag), ..ServerChange::default() };
        site.change(n, &change).await;
        site.state().record_version(&id(n), if n < 7 { "3.0.10" } else { "3.0.4" }).await.unwrap();
        #[allow(clippy::cast_precision_loss, reason = "there are not so many users")]
        let load = users as f64;
        let usage = Usage { meetings, users, largest_meeting: users / 3, videos };
        record(site, n, users > 0, (load, usage)).await;
        remember(site, n, users).await;
    }
    let pictures = std::env::var_os("README_PICTURES").map_or_else(|| site.dir().to_owned(), PathBuf::from);
    let (dashboard, status) = (pictures.join("dashboard.png"), pictures.join("status.png"));
    let (text, dir) = (site.dir().join("status.txt"), site.dir().to_owned());
    std::fs::write(&text, watched(site).await).unwrap();
    let made = [dashboard.clone(), status.clone()];
    let ran = browser_thread(move || {
        let pictures: [(&str, &OsStr); 3] =
            [("DASHBOARD", dashboard.as_ref()), ("STATUS", status.as_ref()), ("STATUS_TEXT", text.as_ref())];
        run("portrait.mjs", &api, &dir, &pictures)
    });
    let ran = ran.await;
    assert!(!ran || made.iter().all(|picture| picture.metadata().unwrap().len() > 10_000));
}

/// What `status --watch` shows at first.
async fn watched(site: &Site) -> String {
    let mut command = Command::new(binaries::path("scalelite"));
    command.args(["status", "--watch", "60"]).env_clear().envs(site.env(&[]));
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let shown = spawn_blocking(move || lines.take(3 + POOL.len()).collect::<Result<Vec<_>, _>>());
    let shown = shown.await.unwrap().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    shown.join("\n")
}

async fn record(site: &Site, n: usize, online: bool, measured: (f64, Usage)) {
    let health = Health { online, healthy: 0, unhealthy: 0 };
    let tasks = site.state().take_all_polls().await.unwrap();
    let task = tasks.iter().find(|task| task.server.route.id == id(n)).unwrap();
    let result =
        PollResult { server_id: id(n), health, measured: Some(measured), load_added_before: task.load_added };
    site.state().record_poll(&result).await.unwrap();
}

/// A day of lessons and a quiet night that ends with so many users, as polls would have left it.
async fn remember(site: &Site, n: usize, users: u64) {
    const SLOTS: u64 = 288;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 300;
    let mut ring = vec![0; 28 * 288];
    for back in 0..SLOTS {
        let slot = now - back;
        let lessons =
            [100, 97, 90, 95, 86, 70, 40, 12, 4, 2, 1, 1, 1, 1, 2, 3, 6, 14, 28, 40, 34, 30, 42, 60];
        let hour = usize::try_from(back / 12).unwrap();
        let swing = (slot * 7 + u64::try_from(n).unwrap() * 13) % 9;
        let at =
            if hour == 0 { users } else { users.max(60) * lessons[(hour * 5 + n) / 5 % 24] / 100 + swing };
        let at = if n == 5 && hour < 2 { 0 } else { at };
        let sample = [
            &u32::try_from(slot).unwrap().to_le_bytes()[..],
            &f64::from(u32::try_from(at).unwrap()).to_le_bytes(),
            &0_u32.to_le_bytes(),
            &u32::try_from(at).unwrap().to_le_bytes(),
            &[0; 8],
        ];
        let place = usize::try_from(slot % SLOTS).unwrap() * 28;
        ring[place..place + 28].copy_from_slice(&sample.concat());
    }
    let client = redis::Client::open(site.redis().url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let key = format!("scalelite:ext:history:{}", id(n));
    redis::cmd("SET").arg(key).arg(ring).query_async::<()>(&mut connection).await.unwrap();
}
