//! The worker that delivers what is in the outbox. Any number of processes may run one: each callback is taken
//! by one of them at a time.
//!
//! A callback is forgotten as soon as its receiver has taken it. So it comes twice only if the process dies, or
//! the database goes away for longer than [`Pace::hold`], between the receiver's answer and that.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::courier::{Courier, CourierError, Outcome};
use super::pace::Pace;
use super::receiver::{PostError, Receiver};
use super::turns::Turns;
use super::{Backlog, DueCallback, Message};
use crate::backoff::Backoff;
use crate::config::Config;
use crate::monitoring::{self, CALLBACKS, OUTBOX, OUTBOX_AGE};
use crate::recordings::catalog::{Catalog, CatalogError};
use crate::state::LiveState;

/// Between two looks at what waits.
const BACKLOG_EVERY: Duration = Duration::from_secs(15);
/// Callbacks under way at the same time, …
const MOST: usize = 64;
/// … and those of them to one receiver.
const MOST_TO_ONE: usize = 16;
/// Learning analytics held in memory at the same time, in KiB; one text may be longer.
const ROOM: u32 = 64 * 1024;

/// Delivers callbacks.
#[derive(Debug, Clone)]
pub struct Delivery {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    catalog: Arc<dyn Catalog>,
    courier: Courier,
    turns: Turns,
    /// In KiB.
    room: Semaphore,
    pace: Pace,
}

impl Delivery {
    /// A worker on this outbox.
    ///
    /// # Errors
    ///
    /// The HTTP client cannot be made.
    pub fn new(
        config: &Config,
        catalog: Arc<dyn Catalog>,
        state: Arc<dyn LiveState>,
        pace: Pace,
    ) -> Result<Self, CourierError> {
        let courier = Courier::new(config, state)?;
        let room = Semaphore::new(ROOM as usize);
        let parts = Parts { catalog, courier, turns: Turns::new(MOST_TO_ONE), room, pace };
        Ok(Self { parts: Arc::new(parts) })
    }

    /// Delivers what becomes due, until the token is cancelled and what was under way then has ended.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut under_way = JoinSet::new();
        let mut outage = Backoff::new(self.parts.pace.idle);
        let mut looked = None;
        loop {
            self.parts.tell_backlog(&mut looked).await;
            while under_way.try_join_next().is_some() {}
            let free = MOST - under_way.len();
            let taken = tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                taken = self.parts.take(free) => taken,
            };
            let (wait, more) = match taken {
                Ok(due) => {
                    outage.over();
                    let more = due.len() == free;
                    for callback in due {
                        let parts = Arc::clone(&self.parts);
                        under_way.spawn(async move { parts.deliver(callback).await });
                    }
                    (self.parts.pace.idle, more)
                }
                Err(error) => {
                    let wait = outage.wait();
                    tracing::warn!(%error, again_in = ?wait, "callbacks wait for the database");
                    (wait, false)
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => break,
                // There may be more that are due: as soon as there is room for one.
                _ = under_way.join_next(), if more => {}
                () = sleep(wait) => {}
            }
        }
        // What does not end by then is due again when its hold is over.
        let _ =
            timeout(self.parts.pace.grace, async { while under_way.join_next().await.is_some() {} }).await;
    }
}

impl Parts {
    /// Tells how much waits, now and then, where that is wanted.
    async fn tell_backlog(&self, looked: &mut Option<Instant>) {
        if !monitoring::is_on() || looked.is_some_and(|at| at.elapsed() < BACKLOG_EVERY) {
            return;
        }
        *looked = Some(Instant::now());
        // While the database is away, that is told elsewhere.
        if let Ok(Backlog { pending, oldest }) = self.catalog.backlog().await {
            metrics::gauge!(OUTBOX).set(pending as f64);
            metrics::gauge!(OUTBOX_AGE).set(oldest.as_secs_f64());
        }
    }

    async fn take(&self, limit: usize) -> Result<Vec<DueCallback>, CatalogError> {
        match u32::try_from(limit) {
            Ok(limit) if limit > 0 => self.catalog.take_callbacks(limit, self.pace.hold).await,
            _ => Ok(Vec::new()),
        }
    }

    async fn deliver(&self, callback: DueCallback) {
        let receiver = match Receiver::new(&callback.url) {
            Ok(receiver) => receiver,
            Err(error) => return self.conclude(&callback, "", Outcome::Hopeless(error.into())).await,
        };
        let origin = receiver.origin();
        let Some(_turn) = self.turns.take(&origin, self.pace.patience).await else {
            tracing::debug!(receiver = origin, "many callbacks to this receiver are under way");
            return self.postpone(&callback).await;
        };
        let Some((body, _room)) = self.body(&callback).await else { return self.postpone(&callback).await };
        let most = self.pace.hold / 2;
        let outcome = timeout(most, self.courier.carry(&callback, &receiver, &body)).await;
        let outcome = outcome.unwrap_or(Outcome::Failed(PostError::TooSlow(most)));
        self.conclude(&callback, &origin, outcome).await;
    }

    /// What the callback has left in the database, and the room that it takes here; none for now if there is no
    /// room, or it cannot be read.
    async fn body(&self, callback: &DueCallback) -> Option<(Bytes, Option<SemaphorePermit<'_>>)> {
        let Message::Analytics { bytes } = callback.message else { return Some((Bytes::new(), None)) };
        let kib = u32::try_from(bytes / 1024 + 1).unwrap_or(ROOM).min(ROOM);
        let room = timeout(self.pace.patience, self.room.acquire_many(kib)).await.ok()?.ok()?;
        match self.catalog.callback_body(callback.id).await {
            Ok(body) => Some((body?.into(), Some(room))),
            Err(error) => {
                tracing::warn!(meeting = callback.meeting_id, %error, "learning analytics cannot be read now");
                None
            }
        }
    }

    /// Notes in the outbox, in the log and in the metrics what came of a callback.
    async fn conclude(&self, callback: &DueCallback, receiver: &str, outcome: Outcome) {
        let (meeting, recording) = (&callback.meeting_id, recording(callback));
        match outcome {
            Outcome::Delivered => {
                count("delivered");
                self.forget(callback.id).await;
                tracing::info!(meeting, recording, receiver, "callback delivered");
            }
            Outcome::Unwanted => {
                count("unwanted");
                tracing::info!(meeting, recording, receiver, "the receiver does not want this callback");
                self.forget(callback.id).await;
            }
            Outcome::Hopeless(error) => {
                count("given_up");
                tracing::error!(meeting, recording, receiver, %error, "callback given up");
                self.forget(callback.id).await;
            }
            Outcome::Failed(error) => self.failed(callback, receiver, &error).await,
            Outcome::Untried(error) => {
                tracing::warn!(meeting, recording, %error, "callback postponed: no secrets of its tenant");
                self.postpone(callback).await;
            }
        }
    }

    async fn postpone(&self, callback: &DueCallback) {
        count("postponed");
        // Those that wait for the same do not come back all at once, nor again and again.
        let after = self.pace.postponed.mul_f64(0.5 + rand::random::<f64>());
        self.note(self.catalog.callback_postponed(callback.id, after).await);
    }

    async fn failed(&self, callback: &DueCallback, receiver: &str, error: &PostError) {
        let (meeting, recording) = (&callback.meeting_id, recording(callback));
        let failures = callback.failures.saturating_add(1);
        match self.pace.after_failure(failures, callback.age, rand::random()) {
            Some(after) => {
                count("failed");
                tracing::warn!(meeting, recording, receiver, failures, again_in = ?after, %error, "callback failed");
                self.note(self.catalog.callback_failed(callback.id, after).await);
            }
            None => {
                count("given_up");
                tracing::error!(meeting, recording, receiver, failures, %error, "callback given up");
                self.forget(callback.id).await;
            }
        }
    }

    /// Takes a callback out of the outbox, however long the database is away: else it would be sent again.
    async fn forget(&self, id: i64) {
        let mut outage = Backoff::new(self.pace.idle);
        while let Err(error) = self.catalog.callback_done(id).await {
            let wait = outage.wait();
            tracing::warn!(%error, again_in = ?wait, "a callback that is done cannot be taken out of the outbox");
            sleep(wait).await;
        }
    }

    /// When this fails, the callback is due again once its hold is over.
    fn note(&self, noted: Result<(), CatalogError>) {
        if let Err(error) = noted {
            tracing::warn!(%error, again_in = ?self.pace.hold, "a callback that was not delivered stays as it was");
        }
    }
}

/// The recording that a callback is about.
fn recording(callback: &DueCallback) -> Option<&str> {
    match &callback.message {
        Message::RecordingReady { record_id } => Some(record_id),
        Message::Analytics { .. } | Message::MeetingEnded { .. } => None,
    }
}

fn count(outcome: &'static str) {
    metrics::counter!(CALLBACKS, "outcome" => outcome).increment(1);
}
