//! Processes that are killed, told to stop, or badly configured (CONTRACT §1).

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bbb_sim::Fault;
use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use scalelite_system_tests::client::try_answer;
use scalelite_system_tests::process::{Service, env};
use scalelite_system_tests::site::{Site, id};
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::eventually;
use scalelite_system_tests::{binaries, in_both_modes, wire};
use tokio::io::AsyncWriteExt;

in_both_modes!(
    a_killed_front_end_forgets_nothing,
    sigterm_lets_requests_in_flight_finish,
    a_poller_stops_at_once,
);

const SERVICES: [&str; 3] = ["scalelite-api", "scalelite-poller", "scalelite-recording-importer"];
const SOON: Duration = Duration::from_secs(5);

async fn a_killed_front_end_forgets_nothing(mode: Mode) {
    let site = Site::start(mode, 3).await;
    let mut api = site.api().await;
    // It is killed while these are under way.
    let client = api.client.clone();
    let mut creates: FuturesUnordered<_> = (0..60)
        .map(|n| {
            let meeting = format!("room {n}");
            let path = client.path("create", &format!("meetingID=room+{n}&moderatorPW=mp&attendeePW=ap"));
            let request = client.request(reqwest::Method::GET, &path);
            async move { (meeting, try_answer(request).await) }
        })
        .collect();
    let mut created = Vec::new();
    while let Some((meeting, answer)) = creates.next().await {
        if let Ok(answer) = answer {
            answer.assert_success();
            created.push(meeting);
        }
        if created.len() == 20 {
            api.service.kill();
        }
    }
    assert!(created.len() >= 20);
    let api = site.api().await;
    for meeting in &created {
        let host = site.host(meeting);
        assert_eq!(site.meeting(meeting).await.unwrap().server_id, id(host));
        let info = api.call("getMeetingInfo", &[("meetingID", meeting)]).await;
        assert_eq!(info.assert_success().text("meetingID"), *meeting);
        let joined = api.call("join", &[("meetingID", meeting), ("fullName", "A"), ("password", "mp")]).await;
        assert!(joined.location().starts_with(site.sim(host).url()), "{joined:?}");
    }
    // Those that were not answered can be asked for again, and land where they were.
    for n in 0..60 {
        let meeting = format!("room {n}");
        let params = [("meetingID", meeting.as_str()), ("attendeePW", "ap"), ("moderatorPW", "mp")];
        api.call("create", &params).await.assert_success();
        site.host(&meeting);
    }
}

async fn sigterm_lets_requests_in_flight_finish(mode: Mode) {
    const IN_FLIGHT: usize = 8;
    let site = Site::start(mode, 1).await;
    let mut api = site.api().await;
    api.call("create", &[("meetingID", "room")]).await.assert_success();
    site.sim(0).set_fault_for("getMeetingInfo", Fault::Slow(Duration::from_secs(1)));
    let client = api.client.clone();
    let requests = join_all((0..IN_FLIGHT).map(|_| {
        let client = client.clone();
        async move { client.call("getMeetingInfo", &[("meetingID", "room")]).await }
    }));
    // Connections that were used and are idle now, one that never said anything, and one that broke off.
    let mut idle = Vec::new();
    for _ in 0..10 {
        let mut stream = wire::connect(api.base()).await;
        wire::ask(&mut stream, "GET /health_check HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        idle.push(stream);
    }
    idle.push(wire::connect(api.base()).await);
    let mut dribbling = wire::connect(api.base()).await;
    dribbling.write_all(b"GET /health_check HTTP/1.1\r\nHost: loc").await.unwrap();
    idle.push(dribbling);
    let stop = async {
        eventually("the requests are in flight", SOON, async || {
            (site.sim(0).count("getMeetingInfo") >= IN_FLIGHT as u64).then_some(())
        })
        .await;
        api.service.signal("TERM");
    };
    let (answers, ()) = futures_util::join!(requests, stop);
    let answered = Instant::now();
    for answer in answers {
        answer.assert_success();
    }
    let status = api.service.exit(Duration::from_secs(5)).await;
    assert_eq!(status.code(), Some(0), "{status}");
    assert!(answered.elapsed() < Duration::from_secs(3), "it ends promptly");
    drop(idle);
}

async fn a_poller_stops_at_once(mode: Mode) {
    let site = Site::start(mode, 2).await;
    site.sim(0).set_fault(Fault::Hang);
    for signal in ["TERM", "INT"] {
        let mut poller = site.poller().await;
        let before = site.sim(0).count("getMeetings");
        eventually("a poll hangs", SOON, async || (site.sim(0).count("getMeetings") > before).then_some(()))
            .await;
        let started = Instant::now();
        poller.service.signal(signal);
        let status = poller.service.exit(SOON).await;
        assert_eq!(status.code(), Some(0), "{status}");
        assert!(started.elapsed() < Duration::from_secs(2), "at once");
    }
}

#[tokio::test]
async fn an_idle_front_end_stops_at_once() {
    let site = Site::start(Mode::Embedded, 0).await;
    for signal in ["TERM", "INT"] {
        let mut api = site.api().await;
        api.send(reqwest::Method::GET, "/health_check").await;
        let started = Instant::now();
        api.service.signal(signal);
        let status = api.service.exit(SOON).await;
        assert_eq!(status.code(), Some(0), "{status}");
        assert!(started.elapsed() < Duration::from_secs(3), "at once");
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_holds_nobody_up() {
    let site = Site::start(Mode::Embedded, 0).await;
    let mut api = site.api().await;
    let mut stream = wire::connect(api.base()).await;
    let head = "POST /bigbluebutton/api/end HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n\r\nmee";
    tokio::io::AsyncWriteExt::write_all(&mut stream, head.as_bytes()).await.unwrap();
    // Answered after the request above was read: it came first.
    api.send(reqwest::Method::GET, "/health_check").await;
    let started = Instant::now();
    api.service.signal("TERM");
    let status = api.service.exit(SOON).await;
    assert_eq!(status.code(), Some(0), "{status}");
    assert!(started.elapsed() < Duration::from_secs(3), "at once");
    let too_long = site.api().await;
    let head = head.replace("1000", "99999999999");
    let mut stream = wire::connect(too_long.base()).await;
    assert_eq!(wire::status(&wire::ask(&mut stream, &head).await), Some(413), "without waiting for it");
}

#[tokio::test]
async fn a_bad_configuration_gets_one_line_per_mistake() {
    let dir = tempfile::tempdir().unwrap();
    let bad = env(&[
        ("LOADBALANCER_CHECKSUM_ALGORITHM", "MD5"),
        ("BIND", "nonsense"),
        ("POLL_INTERVAL", "often"),
        ("REDIS_URL", "http://localhost"),
        ("DEFAULT_CREATE_PARAMS", "no-value"),
        ("SERVER_UNHEALTHY_THRESHOLD", "-1"),
        ("LOADBALANCER_SECRET", "do-not-tell"),
        ("SECRET_KEY_BASE", "do-not-tell"),
    ]);
    for binary in SERVICES {
        let mut service = Service::start(binary, &[], dir.path(), &bad);
        let status = service.exit(SOON).await;
        let log = service.log();
        assert_eq!(status.code(), Some(78), "{log}");
        for (name, _) in &bad[..6] {
            let lines = log.lines().filter(|line| line.starts_with(name.as_str())).count();
            assert_eq!(lines, 1, "{name} in: {log}");
        }
        assert_eq!(log.lines().count(), 6, "{log}");
        assert!(!log.contains("do-not-tell"), "{log}");
    }
}

#[tokio::test]
async fn services_refuse_to_start_without_secrets() {
    let dir = tempfile::tempdir().unwrap();
    for (binary, given, missing) in [
        ("scalelite-api", env(&[]), vec!["LOADBALANCER_SECRET", "SECRET_KEY_BASE"]),
        ("scalelite-poller", env(&[]), vec!["LOADBALANCER_SECRET", "SECRET_KEY_BASE"]),
        (
            "scalelite-api",
            env(&[("SECRET_KEY_BASE", "x"), ("LOADBALANCER_SECRET", "")]),
            vec!["LOADBALANCER_SECRET"],
        ),
        (
            "scalelite-api",
            env(&[("SECRET_KEY_BASE", "x"), ("LOADBALANCER_SECRETS", "::")]),
            vec!["LOADBALANCER_SECRET"],
        ),
        ("scalelite-api", env(&[("LOADBALANCER_SECRETS", "a:b")]), vec!["SECRET_KEY_BASE"]),
    ] {
        let mut service = Service::start(binary, &[], dir.path(), &given);
        let status = service.exit(SOON).await;
        let log = service.log();
        assert_eq!(status.code(), Some(78), "{log}");
        let told: Vec<_> = log.lines().filter_map(|line| line.split(':').next()).collect();
        assert_eq!(told, missing, "{log}");
    }
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    let site = Site::start(Mode::Embedded, 0).await;
    let api = site.api().await;
    let taken = api.base().strip_prefix("http://").unwrap();
    let environment = site.env(&[("BIND", &format!("tcp://{taken}"))]);
    let mut second = Service::start("scalelite-api", &[], site.dir(), &environment);
    assert_eq!(second.exit(SOON).await.code(), Some(1));
    assert!(second.log().contains("in use"), "{}", second.log());
}

#[test]
fn version_and_help_work_without_any_configuration() {
    for binary in SERVICES.into_iter().chain(["scalelite"]) {
        for (argument, expected) in [("--version", env!("CARGO_PKG_VERSION")), ("--help", "Usage")] {
            let output = Command::new(binaries::path(binary))
                .arg(argument)
                .env_clear()
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let told = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success() && told.contains(expected), "{binary} {argument}: {told}");
            assert!(output.stderr.is_empty());
        }
    }
}
