//! Looks at the spool, and starts imports.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use scalelite_core::backoff::Backoff;
use scalelite_core::service_manager;
use tokio::sync::Semaphore;
use tokio::task::{Id, JoinError, JoinSet, spawn_blocking};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::import;
use crate::metrics::{QUEUE, RUNNING};
use crate::parts::Parts;
use crate::spool::queue::{Queue, Verdict};
use crate::spool::wake::Wake;

/// Imports that only wait for the store to be synced, beside those that are unpacked.
const MOST_WAITING: usize = 32;
/// How long imports may still take when the process is to end.
const GRACE: Duration = Duration::from_secs(5);
/// However often something changes, the spool is looked at so often at most; …
const SHORTEST_GAP: Duration = Duration::from_millis(50);
const LONGEST_GAP: Duration = Duration::from_millis(500);
/// … and not for more than a fifth of the time.
const SHARE: u32 = 4;
/// The spool is looked at this often even if only the file system's notice is to count: it may get lost.
const LONGEST_INTERVAL: Duration = Duration::from_secs(600);
/// The longest wait while the database is away, …
const LONGEST_REST: Duration = Duration::from_secs(3);
/// … and while the spool cannot be read.
const LONGEST_OUTAGE: Duration = Duration::from_secs(30);

/// Imports what comes to the spool, until the token is cancelled.
pub(crate) async fn watch(parts: Arc<Parts>, shutdown: CancellationToken) {
    let Ok(wake) = spawn_blocking({
        let dir = parts.spool.dir().to_owned();
        move || Wake::on(&dir)
    })
    .await
    else {
        return;
    };
    service_manager::ready("importer", &format!("watches {}", parts.spool.dir().display()));
    let mut watch = Watch::new(parts, shutdown.clone());
    let slots = Arc::clone(&watch.slots);
    loop {
        watch.look().await;
        watch.start();
        let (is_running, is_held_up) = (!watch.running.is_empty(), watch.is_held_up());
        let next_step = watch.next_step();
        tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            Some(ended) = watch.running.join_next_with_id(), if is_running => watch.conclude(ended),
            () = sleep_until(next_step) => {}
            () = wake.woken() => watch.look_soon(),
            // As soon as there is a free place for the next one.
            _ = slots.acquire(), if is_held_up => {}
        }
    }
    // What does not end by then is found by the next importer.
    let _ = timeout(GRACE, async { while watch.running.join_next().await.is_some() {} }).await;
}

struct Watch {
    parts: Arc<Parts>,
    shutdown: CancellationToken,
    queue: Queue,
    slots: Arc<Semaphore>,
    running: JoinSet<Verdict>,
    names: HashMap<Id, String>,
    interval: Duration,
    /// Between two looks, at least, …
    gap: Duration,
    last_look: Instant,
    /// … the last of which took so long.
    cost: Duration,
    next_look: Instant,
    outage: Backoff,
    /// Nothing is started before that: the database is away.
    rest: Instant,
    away: Backoff,
}

impl Watch {
    fn new(parts: Arc<Parts>, shutdown: CancellationToken) -> Self {
        let (import, now) = (&parts.import, Instant::now());
        Self {
            queue: Queue::new(import.settle),
            slots: Arc::new(Semaphore::new(import.concurrency)),
            running: JoinSet::new(),
            names: HashMap::new(),
            interval: if import.poll { import.poll_interval } else { LONGEST_INTERVAL },
            gap: (import.settle / 4).clamp(SHORTEST_GAP, LONGEST_GAP),
            last_look: now,
            cost: Duration::ZERO,
            next_look: now,
            outage: Backoff::new(LONGEST_OUTAGE),
            rest: now,
            away: Backoff::new(LONGEST_REST),
            parts,
            shutdown,
        }
    }

    /// Looks at the spool if it is time to.
    async fn look(&mut self) {
        if Instant::now() < self.next_look {
            return self.schedule();
        }
        let (parts, began) = (Arc::clone(&self.parts), Instant::now());
        let looked = spawn_blocking(move || parts.spool.look()).await;
        let now = Instant::now();
        (self.last_look, self.cost) = (now, now - began);
        match looked.unwrap_or_else(|error| Err(io::Error::other(error))) {
            Ok(listing) => {
                self.outage.over();
                self.queue.see(listing.tars, began.into_std());
                self.next_look = now + self.interval;
                self.schedule();
            }
            Err(error) => {
                let wait = self.outage.wait();
                let spool = self.parts.spool.dir().display();
                tracing::error!(%spool, %error, again_in = ?wait, "the spool cannot be read");
                self.next_look = now + wait;
            }
        }
    }

    /// Brings the next look forward for the sake of tars that wait for it.
    fn schedule(&mut self) {
        if let Some(due) = self.queue.next_look() {
            let due = Instant::from_std(due).max(self.last_look + SHORTEST_GAP);
            self.next_look = self.next_look.min(due);
        }
    }

    /// Something has changed.
    fn look_soon(&mut self) {
        self.next_look = self.next_look.min(self.last_look + self.gap.max(self.cost * SHARE));
    }

    /// When there is something to do again, if nothing happens before.
    fn next_step(&self) -> Instant {
        if self.rest > Instant::now() { self.next_look.min(self.rest) } else { self.next_look }
    }

    fn has_room(&self) -> bool {
        let most = self.parts.import.concurrency + MOST_WAITING;
        self.running.len() < most && Instant::now() >= self.rest
    }

    /// Whether all that is missing for the next import is a free slot.
    fn is_held_up(&self) -> bool {
        self.has_room() && self.queue.is_ready(std::time::Instant::now())
    }

    /// Starts as many imports as there are places for.
    fn start(&mut self) {
        while self.has_room()
            && let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned()
            && let Some(job) = self.queue.take(std::time::Instant::now())
        {
            let (parts, shutdown, name) = (Arc::clone(&self.parts), self.shutdown.clone(), job.name.clone());
            let running =
                self.running.spawn(async move { import::import(&parts, &job, slot, &shutdown).await });
            self.names.insert(running.id(), name);
        }
        metrics::gauge!(RUNNING).set(self.running.len() as f64);
        metrics::gauge!(QUEUE).set(self.queue.len() as f64);
    }

    /// An import has ended.
    fn conclude(&mut self, ended: Result<(Id, Verdict), JoinError>) {
        let (id, verdict) = ended.unwrap_or_else(|error| {
            tracing::error!(%error, "an import failed unexpectedly");
            (error.id(), Verdict::Later)
        });
        if verdict == Verdict::Unclaimed {
            self.rest = Instant::now() + self.away.wait();
        } else {
            self.away.over();
        }
        if let Some(name) = self.names.remove(&id) {
            self.queue.conclude(&name, verdict, std::time::Instant::now());
        }
        // There may be another file of that name now.
        self.look_soon();
    }
}
