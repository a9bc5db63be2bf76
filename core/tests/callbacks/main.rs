//! The worker that empties the outbox, against receivers that answer as a test says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on has failed.

mod outbox;

use std::sync::Arc;
use std::time::{Duration, Instant};

use outbox::Outbox;
use scalelite_core::callbacks::Pace;
use scalelite_core::callbacks::deliver::Delivery;
use scalelite_core::config::{Config, source};
use scalelite_core::state::sqlite::SqliteState;
use scalelite_testbed::receiver::{Answer, Receiver};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Longer than anything takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

/// A thousand times as fast as in earnest.
const FAST: Pace = Pace {
    idle: Duration::from_millis(5),
    first_wait: Duration::from_millis(1),
    longest_wait: Duration::from_millis(20),
    give_up_after: Duration::from_secs(3600),
    patience: Duration::from_millis(5),
    postponed: Duration::from_millis(20),
    hold: Duration::from_secs(60),
    grace: Duration::from_secs(1),
};

struct Worker {
    task: JoinHandle<()>,
    shutdown: CancellationToken,
}

impl Worker {
    async fn end(self) {
        self.shutdown.cancel();
        self.task.await.unwrap();
    }
}

struct Here {
    outbox: Arc<Outbox>,
    state: Arc<SqliteState>,
    _dir: TempDir,
}

impl Here {
    async fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let state = SqliteState::open(&dir.path().join("live.sqlite3")).await.unwrap();
        Self { outbox: Arc::default(), state: Arc::new(state), _dir: dir }
    }

    fn start(&self, pace: Pace) -> Worker {
        let pairs = [
            ("LOADBALANCER_SECRET", "one"),
            ("CALLBACK_ALLOW_PRIVATE", "true"),
            ("MULTITENANCY_ENABLED", "true"),
            ("CONNECT_TIMEOUT", "10"),
            ("RESPONSE_TIMEOUT", "60"),
        ];
        let config = Config::from_source(&source::from_pairs(&pairs)).unwrap().config;
        let delivery = Delivery::new(&config, self.outbox.clone(), self.state.clone(), pace).unwrap();
        let shutdown = CancellationToken::new();
        Worker { task: tokio::spawn(delivery.run(shutdown.clone())), shutdown }
    }

    async fn emptied(&self) {
        until("the outbox is empty", || self.outbox.len() == 0).await;
    }
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < LIMIT, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nine_failures_and_one_success() {
    let here = Here::new().await;
    let server = Receiver::start(|before, _| Answer::Status(if before < 9 { 500 } else { 200 }));
    here.outbox.queue(&server.url("/ready"));
    let worker = here.start(FAST);
    here.emptied().await;
    worker.end().await;
    assert_eq!(server.asked().len(), 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gone_and_unknown_end_it() {
    for status in [404, 410] {
        let here = Here::new().await;
        let server = Receiver::always(status);
        here.outbox.queue(&server.url("/ready"));
        let worker = here.start(FAST);
        here.emptied().await;
        worker.end().await;
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_never_be_delivered_is_given_up() {
    let here = Here::new().await;
    let server = Receiver::always(200);
    here.outbox.queue("ftp://front.example/");
    here.outbox.queue("nonsense");
    here.outbox.queue_for(&server.url("/"), Some("a-tenant-that-is-gone"));
    let worker = here.start(FAST);
    here.emptied().await;
    worker.end().await;
    assert!(server.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_up_when_too_old() {
    let here = Here::new().await;
    let server = Receiver::always(503);
    here.outbox.queue(&server.url("/ready"));
    let worker = here.start(Pace { give_up_after: Duration::from_millis(200), ..FAST });
    here.emptied().await;
    worker.end().await;
    assert!(server.asked().len() > 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_hangs_delays_no_other() {
    let here = Here::new().await;
    let (hanging, good) = (Receiver::start(|_, _| Answer::Hang), Receiver::always(200));
    for _ in 0..200 {
        here.outbox.queue(&hanging.url("/ready"));
    }
    let worker = here.start(FAST);
    until("it hangs", || hanging.asked().len() >= 16).await;
    for _ in 0..20 {
        here.outbox.queue(&good.url("/ready"));
    }
    let started = Instant::now();
    until("the others are delivered", || here.outbox.len() == 200).await;
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_eq!(good.asked().len(), 20);
    assert_eq!(hanging.asked().len(), 16, "it has its share");
    assert_eq!(here.outbox.failures_of(100), Some(0), "what waits has not failed");
    drop(hanging);
    worker.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn analytics_are_fetched_when_they_are_sent() {
    let here = Here::new().await;
    let server = Receiver::start(|before, _| Answer::Status(if before < 2 { 500 } else { 200 }));
    let bodies = ["{\"a\":1}".to_owned(), format!("{{\"b\":\"{}\"}}", "x".repeat(300_000))];
    for body in &bodies {
        here.outbox.queue_analytics_of(&server.url("/analytics"), body);
    }
    let worker = here.start(FAST);
    here.emptied().await;
    worker.end().await;
    let asked = server.asked();
    assert_eq!(asked.len(), 4);
    for body in &bodies {
        assert!(asked.iter().any(|asked| asked.body == *body), "each as it is");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_deliver_each_callback_once() {
    let here = Here::new().await;
    let server = Receiver::start(|before, _| Answer::Status(if before % 5 == 0 { 502 } else { 200 }));
    for _ in 0..100 {
        here.outbox.queue(&server.url("/ready"));
    }
    let workers = [here.start(FAST), here.start(FAST)];
    here.emptied().await;
    for worker in workers {
        worker.end().await;
    }
    assert_eq!(server.asked().len(), 125, "100 successes, and a failure before each fourth of them");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn not_sent_again_because_the_database_was_away() {
    let here = Here::new().await;
    let outbox = Arc::clone(&here.outbox);
    let server = Receiver::start(move |_, _| {
        outbox.be_away(true);
        Answer::Status(200)
    });
    here.outbox.queue(&server.url("/ready"));
    let worker = here.start(FAST);
    until("it was sent", || server.asked().len() == 1).await;
    assert_eq!(here.outbox.len(), 1);
    here.outbox.be_away(false);
    here.emptied().await;
    worker.end().await;
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dead_process_held_is_delivered_by_another() {
    let here = Here::new().await;
    let server = Receiver::start(|before, _| if before == 0 { Answer::Hang } else { Answer::Status(200) });
    here.outbox.queue(&server.url("/ready"));
    let pace = Pace { hold: Duration::from_millis(500), ..FAST };
    let first = here.start(pace);
    until("the first one is at it", || server.asked().len() == 1).await;
    first.task.abort();
    let second = here.start(pace);
    here.emptied().await;
    second.end().await;
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ends_soon_although_a_receiver_hangs() {
    let here = Here::new().await;
    let server = Receiver::start(|_, _| Answer::Hang);
    here.outbox.queue(&server.url("/ready"));
    let worker = here.start(FAST);
    until("it hangs", || server.asked().len() == 1).await;
    let started = Instant::now();
    worker.end().await;
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    assert_eq!(here.outbox.len(), 1, "it will be tried again");
}
