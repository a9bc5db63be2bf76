//! The file of the embedded state: shared by processes, killed at any time, secret.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use scalelite_core::state::sqlite::SqliteState;
use scalelite_core::state::{LiveState, StateError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection};
use tempfile::TempDir;

use crate::child;
use crate::given::{self, Create, created, is_known, load};
use crate::redis_server::eventually;

const SIX: [&str; 6] = ["s1", "s2", "s3", "s4", "s5", "s6"];

async fn open(path: &Path) -> SqliteState {
    SqliteState::open(path).await.unwrap()
}

/// The file without our code.
async fn raw(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).busy_timeout(Duration::from_secs(5)).connect().await.unwrap()
}

async fn count(path: &Path, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(&mut raw(path).await).await.unwrap()
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o7777
}

#[tokio::test]
async fn only_its_owner_may_read_it() {
    let dir = TempDir::new().unwrap();
    let parent = dir.path().join("new/data");
    let path = parent.join("live.sqlite");
    let state = open(&path).await;
    given::servers(&state, &["s"]).await;
    assert_eq!((mode(&parent), mode(&dir.path().join("new"))), (0o700, 0o700));
    for suffix in ["", "-wal", "-shm"] {
        assert_eq!(mode(&parent.join(format!("live.sqlite{suffix}"))), 0o600, "{suffix}");
    }
    // What is there stays as it is.
    let mut permissions = parent.metadata().unwrap().permissions();
    permissions.set_mode(0o750);
    std::fs::set_permissions(&parent, permissions).unwrap();
    open(&path).await;
    open(&parent.join("other")).await;
    assert_eq!(mode(&parent), 0o750);
}

#[tokio::test]
async fn what_cannot_be_used_is_told() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "this is no database, but it is long enough to be taken for one".repeat(20))
        .unwrap();
    let within = SqliteState::open(&file.join("live.sqlite")).await.unwrap_err();
    assert!(matches!(&within, StateError::File { path, .. } if *path == file), "{within:?}");
    let other = SqliteState::open(&file).await.unwrap_err();
    assert!(matches!(other, StateError::Sqlite(_)), "{other:?}");
    let directory = SqliteState::open(dir.path()).await.unwrap_err();
    assert!(matches!(directory, StateError::Sqlite(_)), "{directory:?}");
    let path = dir.path().join("newer");
    open(&path).await;
    for odd in [99, 5, -1] {
        sqlx::raw_sql(AssertSqlSafe(format!("PRAGMA user_version = {odd}")))
            .execute(&mut raw(&path).await)
            .await
            .unwrap();
        let newer = SqliteState::open(&path).await.unwrap_err();
        assert!(matches!(newer, StateError::Content(_)), "{newer:?}");
    }
}

#[tokio::test]
async fn all_is_there_after_a_restart() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("live");
    let state = open(&path).await;
    given::servers(&state, &SIX).await;
    let meeting = Create::of("m").created_on(&state).await.meeting;
    drop(state);
    let state = open(&path).await;
    assert_eq!(Create::of("m").existing_on(&state).await.meeting, meeting);
    assert_eq!(load(&state, "s1").await, Some(1.0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_do_not_wait_for_a_writer() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("live");
    let state = Arc::new(open(&path).await);
    given::servers(&*state, &["s"]).await;
    created(&*state, "m").await;
    let mut other = raw(&path).await;
    sqlx::raw_sql("BEGIN IMMEDIATE; UPDATE servers SET load = 100").execute(&mut other).await.unwrap();
    let began = Instant::now();
    let join = tokio::spawn({
        let state = Arc::clone(&state);
        async move { state.join_meeting("m", None).await }
    });
    assert!(is_known(&*state, "m").await);
    assert_eq!(load(&*state, "s").await, Some(1.0));
    assert_eq!(state.meetings().await.unwrap().len(), 1);
    assert!(state.tenant_by_name("t").await.unwrap().is_none());
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert!(!join.is_finished(), "a write waits for its turn");
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    join.await.unwrap().unwrap().unwrap();
    assert_eq!(load(&*state, "s").await, Some(101.0));
}

#[tokio::test]
async fn what_has_expired_goes_from_the_file_with_the_next_poll() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("live");
    let state = open(&path).await;
    given::servers(&state, &["s"]).await;
    Create::of("short").ttl(Duration::from_secs(1)).created_on(&state).await;
    created(&state, "long").await;
    eventually("it expires", async || !is_known(&state, "short").await).await;
    assert_eq!(count(&path, "SELECT count(*) FROM meetings").await, 2);
    state.take_all_polls().await.unwrap();
    assert_eq!(count(&path, "SELECT count(*) FROM meetings").await, 1);
    assert!(is_known(&state, "long").await);
}

#[tokio::test]
async fn tokens_that_have_expired_go_with_the_next_poll() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("live");
    let state = open(&path).await;
    state.issue_playback_token("short", "video", Duration::from_secs(1)).await.unwrap();
    state.issue_playback_token("long", "video", Duration::from_secs(600)).await.unwrap();
    eventually("one is gone", async || {
        state.take_all_polls().await.unwrap();
        count(&path, "SELECT count(*) FROM playback_tokens").await == 1
    })
    .await;
    assert_eq!(count(&path, "SELECT count(*) FROM playback_tokens WHERE record_id = 'long'").await, 1);
}

/// A file as version 1 made it, with what it held.
#[tokio::test]
async fn a_file_of_the_first_schema_is_taken_over() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("live");
    let mut first =
        SqliteConnectOptions::new().filename(&path).create_if_missing(true).connect().await.unwrap();
    sqlx::raw_sql(include_str!("../../src/state/sqlite/schema.sql")).execute(&mut first).await.unwrap();
    sqlx::raw_sql("INSERT INTO tenants (id, name, secrets) VALUES ('id-1', 'bank', 'one')")
        .execute(&mut first)
        .await
        .unwrap();
    assert_eq!(count(&path, "PRAGMA user_version").await, 1);
    let states = [open(&path).await, open(&path).await];
    assert_eq!(count(&path, "PRAGMA user_version").await, 4);
    assert_eq!(states[0].tenant_by_name("bank").await.unwrap().unwrap().id, "id-1");
    let token = states[0].issue_playback_token("r", "video", Duration::from_secs(60)).await.unwrap();
    assert!(states[1].use_playback_token(&token, "r", "video").await.unwrap());
}

#[tokio::test]
async fn a_meeting_without_its_server_is_created_anew() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("live");
    let state = open(&path).await;
    given::servers(&state, &["a", "b"]).await;
    Create::of("m").moderator_pw("old").voice_bridges(&["1"]).created_on(&state).await;
    sqlx::query("DELETE FROM servers WHERE id = 'a'").execute(&mut raw(&path).await).await.unwrap();
    assert!(!is_known(&state, "m").await);
    assert!(state.join_meeting("m", None).await.unwrap().is_none());
    assert!(state.take_meeting("m", None).await.unwrap().is_none());
    let anew = Create::of("m").moderator_pw("new").voice_bridges(&["2"]).created_on(&state).await;
    assert_eq!((anew.server.id.as_str(), anew.meeting.moderator_pw.as_str()), ("b", "new"));
    assert_eq!(anew.meeting.voice_bridge, "2");
    assert_eq!(load(&state, "b").await, Some(1.0));
}

/// A caller that goes away in the middle leaves nothing half done and nothing locked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_that_is_dropped_is_done_or_not() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("live");
    let state = Arc::new(open(&path).await);
    given::servers(&*state, &SIX).await;
    for n in 0..300_u64 {
        let place = tokio::spawn({
            let state = Arc::clone(&state);
            async move { created(&*state, &format!("m{n}")).await }
        });
        tokio::time::sleep(Duration::from_micros(n * 3)).await;
        place.abort();
        let _ = place.await;
    }
    let other = open(&path).await;
    created(&other, "last").await;
    let mut total = 0.0;
    for id in SIX {
        total += load(&*state, id).await.unwrap();
    }
    let meetings = state.meetings().await.unwrap().len();
    assert_eq!(total.to_string(), meetings.to_string(), "each meeting that is there is counted");
    assert!((2..301).contains(&meetings), "some were dropped and some were not: {meetings}");
}

/// Starts the same test in other processes, each with its own argument, and waits for all.
fn processes(test: &str, path: &Path, arguments: &[&str]) {
    let started: Vec<_> = arguments
        .iter()
        .map(|argument| {
            let mut process = child::process(test, &format!("{}|{argument}", path.display()));
            process.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for process in started {
        let output = process.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{told} {}", String::from_utf8_lossy(&output.stderr));
        assert!(told.contains("done"), "the other process ran the test: {told}");
    }
}

/// What this process was started for.
fn order() -> Option<(std::path::PathBuf, String)> {
    let subject = child::subject()?;
    let (path, argument) = subject.split_once('|').unwrap();
    Some((path.into(), argument.to_owned()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_processes_start_on_no_file_at_once() {
    for _ in 0..5 {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("data/live");
        processes("sqlite_file::a_process_that_adds_a_server", &path, &["s1", "s2", "s3", "s4"]);
        assert_eq!(open(&path).await.servers().await.unwrap().len(), 4);
    }
}

#[tokio::test]
#[ignore = "run by four_processes_start_on_no_file_at_once in processes of their own"]
async fn a_process_that_adds_a_server() {
    if let Some((path, id)) = order() {
        given::servers(&open(&path).await, &[&id]).await;
        println!("done");
    }
}

#[tokio::test]
async fn four_processes_at_once_spread_evenly() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("live");
    let state = open(&path).await;
    given::servers(&state, &SIX).await;
    processes("sqlite_file::a_process_that_places_fifteen", &path, &["a", "b", "c", "d"]);
    for id in SIX {
        assert_eq!(load(&state, id).await, Some(10.0), "{id}");
    }
    assert_eq!(state.meetings().await.unwrap().len(), 60);
}

#[tokio::test]
#[ignore = "run by four_processes_at_once_spread_evenly in processes of their own"]
async fn a_process_that_places_fifteen() {
    if let Some((path, name)) = order() {
        let state = open(&path).await;
        let meetings = (0..15).map(|n| format!("{name}{n}"));
        futures_util::future::join_all(meetings.map(async |id| created(&state, &id).await)).await;
        println!("done");
    }
}

#[tokio::test]
async fn a_process_may_be_killed_at_any_time() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("live");
    // Nothing else has the file open, so each start finds it as the killed one left it.
    given::servers(&open(&path).await, &SIX).await;
    let mut placed = Vec::new();
    for round in 0..8 {
        let subject = format!("{}|{round}", path.display());
        let mut process = child::process("sqlite_file::a_process_that_places_until_it_is_killed", &subject);
        let mut process = process.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let told = lines.by_ref().map(Result::unwrap).filter(|line| line.starts_with("placed "));
        placed.extend(told.take(40 + round * 7));
        process.kill().unwrap();
        process.wait().unwrap();
        // What it had told before it died, though not yet read here.
        placed.extend(lines.map(Result::unwrap).filter(|line| line.starts_with("placed ")));
        let state = open(&path).await;
        for line in &placed {
            let (id, server) = line.strip_prefix("placed ").unwrap().split_once(" on ").unwrap();
            let located = state.locate_meeting(id, None).await.unwrap();
            assert_eq!(located.expect("still routed").server.id.as_str(), server, "{id}");
        }
        let whole: String =
            sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut raw(&path).await).await.unwrap();
        assert_eq!(whole, "ok");
        let counted = count(&path, "SELECT CAST(total(load) AS INTEGER) FROM servers").await;
        assert_eq!(counted, count(&path, "SELECT count(*) FROM meetings").await);
    }
    assert!(placed.len() > 300);
}

#[tokio::test]
#[ignore = "run by a_process_may_be_killed_at_any_time in a process of its own"]
async fn a_process_that_places_until_it_is_killed() {
    if let Some((path, round)) = order() {
        let state = open(&path).await;
        for n in 0..100_000 {
            let id = format!("{round}-{n}");
            let server = created(&state, &id).await;
            println!("placed {id} on {server}");
        }
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_stops_no_polls() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("live.sqlite");
    let state = open(&path).await;
    given::servers(&state, &["s"]).await;
    assert_eq!(state.take_polls(Duration::ZERO, 9).await.unwrap().len(), 1);
    let later = "UPDATE servers SET poll_taken = poll_taken + 3600000";
    sqlx::query(later).execute(&mut raw(&path).await).await.unwrap();
    let taken = state.take_polls(Duration::from_secs(60), 9).await.unwrap();
    assert_eq!(taken.iter().map(|task| task.since_last).collect::<Vec<_>>(), [Some(Duration::ZERO)]);
    assert!(state.take_polls(Duration::from_secs(60), 9).await.unwrap().is_empty(), "taken just now");
}

#[tokio::test]
async fn a_day_later_and_after_a_clock_step_a_sample_is_begun_anew() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("live.sqlite");
    let state = open(&path).await;
    given::servers(&state, &["s"]).await;
    for step in ["slot = slot - 288", "slot = slot + 288"] {
        sqlx::query("DELETE FROM history").execute(&mut raw(&path).await).await.unwrap();
        given::polled(&state, "s", 9.0).await;
        let update = AssertSqlSafe(format!("UPDATE history SET {step}, load = 1e6"));
        sqlx::query(update).execute(&mut raw(&path).await).await.unwrap();
        let before = state.histories().await.unwrap();
        assert!(before.is_empty(), "{step}: {before:?}");
        given::polled(&state, "s", 2.0).await;
        let after = state.histories().await.unwrap();
        let loads: Vec<f64> = after[&"s".into()].iter().map(|sample| sample.load).collect();
        assert!(loads.len() == 1 && loads[0] < 1e5, "{step}: {loads:?}");
    }
}
