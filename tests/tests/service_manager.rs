//! What systemd hears of our processes: a socket of the test's own takes the part of the service manager.

use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use scalelite_system_tests::process::{Env, START_LIMIT, Service, env};
use scalelite_system_tests::site::Site;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::eventually;

const SOON: Duration = Duration::from_secs(10);
/// What the watchdog allows; a process is to tell twice as often that all is well.
const WATCHDOG: Duration = Duration::from_millis(800);

/// A service manager that only listens.
struct Manager {
    socket: UnixDatagram,
    path: PathBuf,
    heard: Vec<(Instant, String)>,
}

impl Manager {
    fn new(site: &Site) -> Self {
        let path = site.dir().join("notify.sock");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_nonblocking(true).unwrap();
        Self { socket, path, heard: Vec::new() }
    }

    fn variables(&self) -> Env {
        let watchdog = WATCHDOG.as_micros().to_string();
        env(&[("NOTIFY_SOCKET", self.path.to_str().unwrap()), ("WATCHDOG_USEC", &watchdog)])
    }

    fn start(&self, site: &Site, binary: &str, arguments: &[&str], changes: &[(&str, &str)]) -> Service {
        let mut environment = site.env(changes);
        environment.extend(self.variables());
        Service::start(binary, arguments, site.dir(), &environment)
    }

    fn listen(&mut self) {
        let mut message = [0; 4096];
        while let Ok(length) = self.socket.recv(&mut message) {
            let message = String::from_utf8(message[..length].to_vec()).unwrap();
            self.heard.push((Instant::now(), message));
        }
    }

    /// When the line was heard first.
    fn when(&mut self, line: &str) -> Option<Instant> {
        self.listen();
        let heard = self.heard.iter().find(|(_, message)| message.lines().any(|heard| heard == line));
        heard.map(|(when, _)| *when)
    }

    async fn hears(&mut self, line: &str) -> Instant {
        eventually(&format!("the service manager hears {line}"), START_LIMIT, async || self.when(line)).await
    }

    /// The status that was told last.
    fn status(&self) -> &str {
        let lines = self.heard.iter().flat_map(|(_, message)| message.lines());
        lines.filter_map(|line| line.strip_prefix("STATUS=")).next_back().unwrap_or_default()
    }

    /// Times between the signs of life so far.
    fn pauses(&mut self) -> Vec<Duration> {
        self.listen();
        let signs = self.heard.iter().filter(|(_, message)| message.lines().any(|line| line == "WATCHDOG=1"));
        let signs: Vec<_> = signs.map(|(when, _)| *when).collect();
        signs.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    /// It stops by SIGTERM, and says so.
    async fn stops(&mut self, mut service: Service) {
        assert_eq!(self.when("STOPPING=1"), None);
        service.signal("TERM");
        self.hears("STOPPING=1").await;
        assert_eq!(service.exit(SOON).await.code(), Some(0));
    }
}

#[tokio::test]
async fn a_front_end_is_ready_when_it_answers() {
    let site = Site::start(Mode::Embedded, 0).await;
    let mut manager = Manager::new(&site);
    let service = manager.start(&site, "scalelite-api", &[], &[]);
    manager.hears("READY=1").await;
    let address = manager.status().strip_prefix("listens on ").unwrap().to_owned();
    // One try: it does answer.
    let answer = reqwest::get(format!("{address}/bigbluebutton/api")).await.unwrap();
    assert_eq!(answer.status(), 200);
    manager.stops(service).await;
}

#[tokio::test]
async fn a_front_end_on_a_unix_socket_is_ready_too() {
    let site = Site::start(Mode::Embedded, 0).await;
    let mut manager = Manager::new(&site);
    let socket = format!("unix://{}", site.dir().join("api.sock").display());
    // An answer that this host name is not served is an answer.
    let changes = [("BIND", socket.as_str()), ("URL_HOST", "bbb.example.org")];
    let service = manager.start(&site, "scalelite-api", &[], &changes);
    manager.hears("READY=1").await;
    assert_eq!(manager.status(), format!("listens on {socket}"));
    manager.stops(service).await;
}

#[tokio::test]
async fn a_poller_is_ready_when_it_polls() {
    let site = Site::start(Mode::Embedded, 1).await;
    let mut manager = Manager::new(&site);
    let service = manager.start(&site, "scalelite-poller", &[], &[]);
    manager.hears("READY=1").await;
    assert_eq!(manager.status(), "polls the servers every 1 s");
    eventually("a poll", SOON, async || (site.sim(0).count("getMeetings") > 0).then_some(())).await;
    manager.stops(service).await;
}

#[tokio::test]
async fn an_importer_is_ready_when_it_watches() {
    let site = Site::start(Mode::Embedded, 0).await;
    let database = format!("sqlite:{}", site.dir().join("recordings.sqlite3").display());
    let dir = |name: &str| site.dir().join(name).display().to_string();
    let (spool, work) = (dir("spool"), dir("work"));
    let (published, unpublished) = (dir("published"), dir("unpublished"));
    let changes = [
        ("DB_DISABLED", ""),
        ("DATABASE_URL", database.as_str()),
        ("RECORDING_SPOOL_DIR", &spool),
        ("RECORDING_WORK_DIR", &work),
        ("RECORDING_PUBLISH_DIR", &published),
        ("RECORDING_UNPUBLISH_DIR", &unpublished),
    ];
    let mut manager = Manager::new(&site);
    let service = manager.start(&site, "scalelite-recording-importer", &[], &changes);
    // Nobody has made the schema yet: it waits, and that is not an outage that holds up anything else.
    manager.hears("READY=1").await;
    assert!(manager.status().starts_with("imports nothing yet: "), "{}", manager.status());
    let migrated = site.task_with(&["db:migrate"], &changes, "");
    assert_eq!(migrated.code, Some(0), "{migrated:?}");
    manager.hears(&format!("STATUS=watches {spool}")).await;
    manager.stops(service).await;
}

#[tokio::test]
async fn everything_in_one_process_is_ready_when_all_of_it_is() {
    let site = Site::start(Mode::Embedded, 0).await;
    let mut manager = Manager::new(&site);
    let data = site.dir().join("up").display().to_string();
    let changes = [("DB_DISABLED", ""), ("SCALELITE_DATA_DIR", data.as_str())];
    let service = manager.start(&site, "scalelite", &["up"], &changes);
    manager.hears("READY=1").await;
    for part in ["listens on http://", "polls the servers", "watches "] {
        assert!(manager.status().contains(part), "{part} in {}", manager.status());
    }
    manager.stops(service).await;
}

#[tokio::test]
async fn signs_of_life_come_twice_as_often_as_they_must_and_end_with_life() {
    let site = Site::start(Mode::Embedded, 0).await;
    let mut manager = Manager::new(&site);
    let service = manager.start(&site, "scalelite-api", &[], &[]);
    manager.hears("READY=1").await;
    eventually("some signs of life", SOON, async || (manager.pauses().len() >= 4).then_some(())).await;
    let mut pauses = manager.pauses();
    pauses.sort();
    let median = pauses[pauses.len() / 2];
    assert!(median > WATCHDOG / 4 && median < WATCHDOG, "{pauses:?}");
    // A process that is stopped is as stuck as can be.
    service.signal("STOP");
    manager.listen();
    let quiet = manager.heard.len();
    let watched = Instant::now();
    eventually("the watchdog's time is over", SOON, async || {
        (watched.elapsed() > WATCHDOG * 2).then_some(())
    })
    .await;
    manager.listen();
    // One may have been on its way.
    assert!(manager.heard.len() <= quiet + 1, "{:?}", manager.heard);
    service.signal("CONT");
    let before = manager.pauses().len();
    eventually("signs of life again", SOON, async || (manager.pauses().len() > before).then_some(())).await;
}
