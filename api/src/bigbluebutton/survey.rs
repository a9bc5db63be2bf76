//! Asking all servers for their meetings, within bounds of time and memory.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use scalelite_core::bbb::meetings::ListedMeeting;
use scalelite_core::monitoring::servers;
use scalelite_core::pool::server::{AdminState, Server, ServerId};
use scalelite_core::state::StateError;
use tokio::sync::{OnceCell, Semaphore};

use super::stragglers::patience;
use crate::app::App;
use crate::metrics::SERVERS_LEFT_OUT;

/// How many answers of servers all surveys under way may hold together.
const ANSWERS_AT_ONCE: usize = 1024;
/// A survey counts for at least so many: it bounds how many run at once in a small pool.
const LEAST_COST: usize = 64;
/// The least time that servers have to answer, unless `RESPONSE_TIMEOUT` is less.
const LEAST_PATIENCE: Duration = Duration::from_secs(1);
/// What a server gets that was too slow the last time, or failed its last poll.
const SLOW_SERVER_PATIENCE: Duration = Duration::from_millis(100);

/// What a server answered, and where its meetings stand in that.
pub(crate) type Listing = (Bytes, Vec<ListedMeeting>);

/// What all servers answered.
#[derive(Debug)]
pub(crate) struct Survey {
    /// How many servers were asked.
    pub(crate) asked: usize,
    /// The usable answers that came in time, in the order of the servers.
    pub(crate) listings: Vec<Listing>,
}

/// A survey that some wait for; the first of them does it.
type Pending = OnceCell<Arc<Survey>>;

/// The surveys of this process.
///
/// A caller gets a survey that begins after it came, so it sees all that was done before. When as many
/// run as may, those who come meanwhile share the next one.
#[derive(Debug)]
pub(crate) struct Surveys {
    next: Mutex<Arc<Pending>>,
    budget: Semaphore,
    last_cost: AtomicUsize,
}

impl Default for Surveys {
    fn default() -> Self {
        Self {
            next: Mutex::default(),
            budget: Semaphore::new(ANSWERS_AT_ONCE),
            last_cost: AtomicUsize::new(LEAST_COST),
        }
    }
}

impl Surveys {
    /// The survey for a caller that comes now.
    pub(crate) async fn next(&self, app: &App) -> Result<Arc<Survey>, StateError> {
        let shared = Arc::clone(&self.next.lock().unwrap_or_else(PoisonError::into_inner));
        shared.get_or_try_init(|| self.begin(app, &shared)).await.cloned()
    }

    async fn begin(&self, app: &App, own: &Arc<Pending>) -> Result<Arc<Survey>, StateError> {
        let cost = self.last_cost.load(Ordering::Relaxed).clamp(LEAST_COST, ANSWERS_AT_ONCE);
        // The semaphore is never closed.
        let _budget = self.budget.acquire_many(u32::try_from(cost).unwrap_or(u32::MAX)).await.ok();
        {
            // Who comes from now on waits for another survey: this one may miss what was done just before.
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            if Arc::ptr_eq(&next, own) {
                *next = Arc::default();
            }
        }
        let mut servers = app.state.servers().await?;
        servers.retain(|server| server.route.online && server.route.state != AdminState::Disabled);
        self.last_cost.store(servers.len(), Ordering::Relaxed);
        if servers.is_empty() {
            tracing::warn!("no servers are available");
        }
        Ok(Arc::new(Survey { asked: servers.len(), listings: ask(app, &servers).await }))
    }
}

fn left_out(server: &ServerId) {
    metrics::counter!(SERVERS_LEFT_OUT, "server" => servers::label(server)).increment(1);
}

/// The answers of those servers that gave a usable one in time.
async fn ask(app: &App, servers: &[Server]) -> Vec<Listing> {
    let started = Instant::now();
    let slow: Vec<bool> = servers
        .iter()
        .map(|server| server.unhealthy_counter > 0 || app.stragglers.contains(&server.route.id))
        .collect();
    let prompt = slow.iter().filter(|slow| !**slow).count();
    let mut pending: FuturesUnordered<_> = servers
        .iter()
        .enumerate()
        .map(async |(n, server)| (n, app.client.meetings((&server.route).into()).await))
        .collect();
    let most = app.config.backend.connect_timeout + app.config.backend.response_timeout;
    let mut listings: Vec<(usize, Listing)> = Vec::with_capacity(servers.len());
    let mut outstanding: Vec<bool> = vec![true; servers.len()];
    let mut prompt_done = 0;
    let mut deadline = started + if prompt == 0 { LEAST_PATIENCE.min(most) } else { most };
    while let Ok(Some((n, listed))) = tokio::time::timeout_at(deadline.into(), pending.next()).await {
        let server = &servers[n].route;
        outstanding[n] = false;
        prompt_done += usize::from(!slow[n]);
        app.stragglers.remove(&server.id);
        match listed {
            Ok(listing) => listings.push((n, listing)),
            Err(error) => {
                left_out(&server.id);
                tracing::warn!(server = %server.id, %error, "left out of getMeetings");
            }
        }
        if prompt > 0 && prompt_done >= prompt {
            deadline = deadline.min(Instant::now() + SLOW_SERVER_PATIENCE);
        } else if prompt_done * 2 >= prompt {
            deadline = deadline.min(started + patience(started.elapsed(), LEAST_PATIENCE, most));
        }
    }
    for (server, _) in servers.iter().zip(&outstanding).filter(|(_, outstanding)| **outstanding) {
        left_out(&server.route.id);
        tracing::warn!(server = %server.route.id, "too slow: left out of getMeetings");
        app.stragglers.add(&server.route.id);
    }
    // So that the answer does not depend on who was faster.
    listings.sort_by_key(|(n, _)| *n);
    listings.into_iter().map(|(_, listing)| listing).collect()
}
