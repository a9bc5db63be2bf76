//! `scalelite up`: a whole load balancer in one process.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

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
    let site = Site::with(&[("URL_HOST", "bbb.example.com"), ("MULTITENANCY_ENABLED", "true")]);
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
    let dir = row(&summary, "Data").to_owned();
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
