//! `scalelite up`: a whole load balancer in one process.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::site::Site;

/// A process that runs until it is told to end.
struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Running {
    fn start(site: &Site, words: &[&str]) -> Self {
        let mut command = site.command();
        let mut child = command.args(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out }
    }

    /// What it says until it is ready.
    fn summary(&mut self) -> String {
        let mut text = String::new();
        while !text.contains("Ctrl-C stops it.") {
            assert_ne!(self.out.read_line(&mut text).unwrap(), 0, "it ended: {text}{}", self.complaints());
        }
        text
    }

    fn complaints(&mut self) -> String {
        let mut text = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        text
    }

    /// Sends a signal; gives the exit status and the log.
    fn end(mut self, signal: &str) -> (Option<i32>, String) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        let log = self.complaints();
        (self.child.wait().unwrap().code(), log)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, unless a test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What stands after a name in the summary.
fn row<'a>(summary: &'a str, name: &str) -> &'a str {
    let line = summary
        .lines()
        .find_map(|line| line.trim().strip_prefix(name))
        .unwrap_or_else(|| panic!("{summary}"));
    line.trim()
}

async fn get(url: &str) -> (u16, String) {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = client.get(url).send().await.unwrap();
    let status = answer.status().as_u16();
    let location = answer.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
    (status, location.unwrap_or(answer.text().await.unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn makes_its_secrets_once() {
    let site = Site::new();
    let mut first = Running::start(&site, &["up", "--bind", "127.0.0.1:0"]);
    let summary = first.summary();
    let secret = row(&summary, "Secret").to_owned();
    assert_eq!(secret.len(), 64, "{summary}");
    let file = site.dir.path().join("secrets.env");
    assert_eq!(row(&summary, "kept in"), file.to_str().unwrap());
    let api = row(&summary, "API URL");
    assert!(api.starts_with("http://127.0.0.1:") && api.ends_with("/bigbluebutton/api"), "{summary}");
    assert!(get(api).await.1.contains("<version>2.0</version>"));
    let (code, log) = first.end("TERM");
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains(&secret), "{log}");

    let mut second = Running::start(&site, &["up", "--bind", "127.0.0.1:0"]);
    assert_eq!(row(&second.summary(), "Secret"), secret);
    assert_eq!(second.end("INT").0, Some(0));
}

/// As BigBlueButton does it: made elsewhere, then moved to the spool.
fn drop_tar(dir: &Path, id: &str) {
    let tree = dir.join("made/video").join(id);
    fs::create_dir_all(&tree).unwrap();
    fs::write(tree.join("index.html"), "the page").unwrap();
    let metadata = format!(
        "<recording><id>{id}</id><state>published</state><published>true</published>\
         <start_time>1504122319984</start_time><end_time>1504122655395</end_time>\
         <meta><meetingId>room</meetingId><meetingName>Room</meetingName></meta>\
         <playback><format>video</format><link>https://bbb/video/{id}/</link>\
         <duration>105862</duration></playback></recording>"
    );
    fs::write(tree.join("metadata.xml"), metadata).unwrap();
    let (tar, made) = (dir.join("made.tar"), dir.join("made"));
    assert!(
        Command::new("tar").arg("-C").arg(made).arg("-cf").arg(&tar).arg("video").status().unwrap().success()
    );
    fs::rename(tar, dir.join("recordings/spool").join(format!("{id}.tar"))).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_are_imported_and_played() {
    let site = Site::with(&[("RECORDING_IMPORT_SETTLE", "0.1")]);
    let mut up = Running::start(&site, &["up", "--bind", "127.0.0.1:0"]);
    let summary = up.summary();
    let spool = site.dir.path().join("recordings/spool");
    assert!(row(&summary, "Spool").starts_with(spool.to_str().unwrap()), "{summary}");
    let deadline = Instant::now() + Duration::from_secs(20);
    while !spool.is_dir() {
        assert!(Instant::now() < deadline, "there is no spool");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop_tar(site.dir.path(), "r-1");
    let base = row(&summary, "API URL").strip_suffix("/bigbluebutton/api").unwrap().to_owned();
    let page = loop {
        let (status, page) = get(&format!("{base}/video/r-1/index.html")).await;
        if status == 200 {
            break page;
        }
        assert!(Instant::now() < deadline, "not imported: {status} {page}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    assert_eq!(page, "the page");
    let listed = site.run(&["recordings:list", "--json"]).clean();
    assert!(listed.contains("\"record_id\":\"r-1\""), "{listed}");
    assert_eq!(site.run(&["recordings:delete[r-1]", "--yes"]).clean(), "OK\n");
    assert!(!site.dir.path().join("recordings/published/video/r-1").exists());
    let (code, log) = up.end("TERM");
    assert_eq!(code, Some(0), "{log}");
}

#[test]
fn without_a_database_there_are_no_recordings() {
    let site = Site::with(&[("DB_DISABLED", "true")]);
    let mut up = Running::start(&site, &["up", "--bind", "127.0.0.1:0"]);
    let summary = up.summary();
    assert!(summary.contains("is ready") && !summary.contains("Spool"), "{summary}");
    let (code, log) = up.end("TERM");
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("nothing is imported: DB_DISABLED is set"), "{log}");
}

#[test]
fn shows_no_secret_that_was_set() {
    let site = Site::with(&[("LOADBALANCER_SECRETS", "5ecret:other"), ("BIND", "127.0.0.1:0")]);
    let mut up = Running::start(&site, &["up"]);
    let summary = up.summary();
    assert!(!summary.contains("5ecret"), "{summary}");
    assert_eq!(up.end("TERM").0, Some(0));
    assert!(site.dir.path().join("secrets.env").exists(), "SECRET_KEY_BASE is made");
}

#[test]
fn an_address_in_use_is_told() {
    let site = Site::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for words in [&["up", "--bind", &address][..], &["up", "--demo", "--bind", &address]] {
        let err = site.run(words).failed();
        assert!(err.contains(&format!("ERROR: cannot listen on tcp://{address}: ")), "{err}");
        assert!(err.contains("choose another with --bind"), "{err}");
    }
}

#[test]
fn mistakes() {
    let site = Site::with(&[("REDIS_URL", "redis://127.0.0.1:9")]);
    let ran = site.run(&["up", "--demo"]);
    assert_eq!(ran.code, 78);
    assert!(ran.err.starts_with("ERROR: REDIS_URL is set: "), "{}", ran.err);
    let ran = site.run(&["up"]);
    assert_eq!(ran.code, 78, "on Redis the secrets must be the same on all hosts");
    assert!(ran.err.contains("LOADBALANCER_SECRET: is not set"), "{}", ran.err);
    let ran = Site::new().run(&["up", "--bind", "nonsense"]);
    assert_eq!(ran.code, 78);
    assert!(ran.err.starts_with("BIND=nonsense: "), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_can_be_clicked_through() {
    // What would stand in the way of its links is not used.
    let site = Site::with(&[
        ("URL_HOST", "bbb.example.com"),
        ("MULTITENANCY_ENABLED", "true"),
        ("RECORDING_DISABLED", "true"),
        ("PROTECTED_RECORDINGS_ENABLED", "true"),
        ("RECORDING_SPOOL_DIR", "/nowhere/spool"),
    ]);
    site.add("mine", "http://127.0.0.1:9/bigbluebutton/api", "s").await;
    let mut demo = Running::start(&site, &["up", "--demo", "--bind", "127.0.0.1:0"]);
    let summary = demo.summary();

    let (status, created) = get(row(&summary, "1. create")).await;
    assert_eq!(status, 200);
    assert!(created.contains("<returncode>SUCCESS</returncode>"), "{created}");
    for join in ["2. join as moderator", "3. join as attendee"] {
        let (status, location) = get(row(&summary, join)).await;
        assert_eq!(status, 302, "{location}");
        // The server's own join sends the browser on to its client.
        let (status, client) = get(&location).await;
        assert_eq!(status, 302, "{client}");
        assert!(get(&client).await.1.contains("You are in meeting “Demo Meeting”"));
    }
    let listed = get(row(&summary, "4. list the meetings")).await.1;
    assert!(listed.contains("<participantCount>2</participantCount>"), "{listed}");
    let listed = get(row(&summary, "5. list its recordings")).await.1;
    assert!(listed.contains("<meetingID>demo-meeting</meetingID>"), "{listed}");
    assert_eq!(listed.matches("<recordID>").count(), 1, "{listed}");
    let (status, page) = get(row(&summary, "6. play a recording")).await;
    assert_eq!(status, 307, "{page}");
    let base = row(&summary, "API URL").strip_suffix("/bigbluebutton/api").unwrap();
    let (status, shown) = get(&format!("{base}{page}")).await;
    assert_eq!(status, 200, "{shown}");
    assert!(shown.contains("Recording of “Demo Meeting”"), "{shown}");
    let image = page.replace("index.html", "thumbnails/thumb-1.png");
    assert_eq!(get(&format!("{base}{image}")).await.0, 200);
    assert!(listed.contains(&image), "{listed}");

    let dir = row(&summary, "Data").to_owned();
    let id = page.split('/').nth(2).unwrap();
    let told =
        site.command().env("SCALELITE_DATA_DIR", &dir).args(["recordings:unpublish", id]).output().unwrap();
    assert!(told.status.success(), "{told:?}");
    assert_eq!(get(&format!("{base}{page}")).await.0, 404, "tasks find the files where `up` keeps them");
    assert!(summary.contains(&format!("SCALELITE_DATA_DIR={dir} scalelite servers:add")), "{summary}");
    let told = site.command().env("SCALELITE_DATA_DIR", &dir).arg("servers").output().unwrap();
    let out = String::from_utf8(told.stdout).unwrap();
    assert_eq!(out.matches("\tonline").count(), 3, "{out}");

    let (code, log) = demo.end("TERM");
    assert_eq!(code, Some(0), "{log}");
    assert_eq!(log.matches("live state embedded").count(), 1, "{log}");
    assert!(!std::path::Path::new(&dir).exists(), "it is removed");
    let servers = site.state().await.servers().await.unwrap();
    let ids: Vec<&str> = servers.iter().map(|server| server.route.id.as_str()).collect();
    assert_eq!(ids, ["mine"], "the demo leaves the real servers alone");
    assert!(!site.dir.path().join("secrets.env").exists());
}

#[test]
fn a_live_state_that_is_away_is_told() {
    let set = [("REDIS_URL", "redis://127.0.0.1:9"), ("LOADBALANCER_SECRET", "s"), ("SECRET_KEY_BASE", "k")];
    let mut up = Running::start(&Site::with(&set), &["up", "--bind", "127.0.0.1:0"]);
    let summary = up.summary();
    assert!(summary.contains("its live state does not answer (yet): "), "{summary}");
    assert!(!summary.contains("is ready"), "{summary}");
    assert_eq!(up.end("TERM").0, Some(0));
}

#[test]
fn poll_runs_until_it_is_told_to_end() {
    let site = Site::new();
    let mut poll = Running::start(&site, &["poll[0.5]"]);
    let mut log = BufReader::new(poll.child.stderr.take().unwrap());
    let mut seen = String::new();
    while !seen.contains("polling") {
        assert_ne!(log.read_line(&mut seen).unwrap(), 0, "it ended: {seen}");
    }
    let pid = poll.child.id().to_string();
    assert!(Command::new("kill").arg(&pid).status().unwrap().success());
    assert_eq!(poll.child.wait().unwrap().code(), Some(0));
    assert!(site.run(&["poll[x]"]).failed().contains("positive number of seconds, not x"));
}
