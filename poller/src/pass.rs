//! One pass over the servers: all at the same time within bounds, so that a slow one delays no other.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use scalelite_core::bbb::client::{BbbClient, CallError, Target};
use scalelite_core::config::Config;
use scalelite_core::monitoring;
use scalelite_core::pool::server::{Route, ServerId};
use scalelite_core::recordings::catalog::Catalog;
use scalelite_core::state::{LiveState, Meeting, Moment, PollTask, StateError};
use scalelite_core::usage::Ledger;
use tokio::task::JoinSet;

use crate::metrics;

/// How many servers are taken at once, so that several pollers come to share them.
const BATCH: usize = 64;

/// Polls the servers of the live state.
#[derive(Debug, Clone)]
pub struct Poller {
    pub(crate) config: Arc<Config>,
    pub(crate) state: Arc<dyn LiveState>,
    pub(crate) client: Arc<BbbClient>,
    /// Where it is noted who wants to be told of the end of a meeting.
    pub(crate) catalog: Option<Arc<dyn Catalog>>,
    /// What was used and is not written yet.
    pub(crate) ledger: Arc<Ledger>,
    /// Servers that a poll of this process still waits for.
    busy: Arc<Mutex<HashSet<ServerId>>>,
}

/// Which servers a pass polls.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Due {
    /// All, now.
    All,
    /// Those that no poller has taken for nearly an interval.
    ByInterval(Duration),
}

/// What a pass looks after.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Aims {
    pub(crate) servers: bool,
    pub(crate) meetings: bool,
    pub(crate) versions: bool,
}

/// What a pass knew when it began.
pub(crate) struct Beginning {
    pub(crate) at: Moment,
    pub(crate) meetings: HashMap<ServerId, Vec<Meeting>>,
}

impl Poller {
    /// A poller of these parts.
    #[must_use]
    pub fn new(config: Arc<Config>, state: Arc<dyn LiveState>, client: Arc<BbbClient>) -> Self {
        Self { config, state, client, catalog: None, ledger: Arc::default(), busy: Arc::default() }
    }

    /// One that also tells front ends which meetings are over, and sends all other callbacks that are due.
    #[must_use]
    pub fn with_catalog(self, catalog: Option<Arc<dyn Catalog>>) -> Self {
        Self { catalog, ..self }
    }

    /// Polls everything of all servers now.
    ///
    /// # Errors
    ///
    /// The live state cannot be used. What servers do wrong is logged and recorded.
    pub async fn poll_all(&self) -> Result<(), StateError> {
        self.pass(Due::All, Aims { servers: true, meetings: true, versions: true }).await
    }

    /// Polls the health and load of all servers now. Errors as [`poll_all`](Self::poll_all).
    pub async fn poll_servers(&self) -> Result<(), StateError> {
        self.pass(Due::All, Aims { servers: true, meetings: false, versions: false }).await
    }

    /// Looks for meetings that are over, on all servers now. Errors as [`poll_all`](Self::poll_all).
    pub async fn poll_meetings(&self) -> Result<(), StateError> {
        self.pass(Due::All, Aims { servers: false, meetings: true, versions: false }).await
    }

    /// Asks all servers for their version now. Errors as [`poll_all`](Self::poll_all).
    pub async fn poll_versions(&self) -> Result<(), StateError> {
        self.pass(Due::All, Aims { servers: false, meetings: false, versions: true }).await
    }

    pub(crate) async fn pass(&self, due: Due, aims: Aims) -> Result<(), StateError> {
        let began = Instant::now();
        let passed = self.pass_over_servers(due, aims).await;
        if aims.servers {
            metrics::passed(passed.is_ok(), began.elapsed());
            self.tell_servers().await;
        }
        if aims.servers {
            self.write_usage().await;
        }
        if aims.meetings {
            self.note_ends().await;
        }
        passed
    }

    /// Tells all of them, whoever polled them, where that is wanted.
    async fn tell_servers(&self) {
        if !monitoring::is_on() {
            return;
        }
        match self.state.servers().await {
            Ok(servers) => metrics::tell(&servers),
            Err(error) => tracing::debug!(%error, "the metrics of the servers are not told now"),
        }
    }

    async fn pass_over_servers(&self, due: Due, aims: Aims) -> Result<(), StateError> {
        let at = self.state.now().await?;
        let beginning = Beginning { at, meetings: self.meetings_by_server().await? };
        metrics::known(beginning.meetings.values().map(Vec::len).sum());
        if aims.meetings {
            self.forget_orphans(&beginning).await?;
        }
        let beginning = Arc::new(beginning);
        // Tasks of their own: a poll goes on while this one waits for the live state.
        let mut polls = JoinSet::new();
        let mut queue = VecDeque::new();
        let mut more = true;
        let mut outcome = Ok(());
        loop {
            let free = self.config.poller.concurrency.saturating_sub(polls.len());
            if more && queue.is_empty() && free > 0 {
                match self.take(due, aims, free).await {
                    Ok(tasks) => {
                        more = matches!(due, Due::ByInterval(_)) && !tasks.is_empty();
                        queue.extend(tasks);
                    }
                    Err(error) => {
                        more = false;
                        outcome = outcome.and(Err(error));
                    }
                }
            }
            for task in queue.drain(..free.min(queue.len())) {
                let (poller, beginning) = (self.clone(), Arc::clone(&beginning));
                polls.spawn(async move { poller.poll(task, aims, &beginning).await });
            }
            if more && queue.is_empty() && polls.len() < self.config.poller.concurrency {
                continue;
            }
            match polls.join_next().await {
                Some(Ok(polled)) => outcome = outcome.and(polled),
                Some(Err(error)) => tracing::error!(%error, "a poll failed unexpectedly"),
                None => return outcome,
            }
        }
    }

    /// The servers to poll next. Only who looks after their health takes them away from other pollers.
    async fn take(&self, due: Due, aims: Aims, free: usize) -> Result<Vec<PollTask>, StateError> {
        match due {
            Due::ByInterval(interval) => self.state.take_polls(interval.mul_f64(0.9), free.min(BATCH)).await,
            Due::All if aims.servers => self.state.take_all_polls().await,
            Due::All => {
                let servers = self.state.servers().await?;
                Ok(servers
                    .into_iter()
                    .map(|server| PollTask { server, load_added: 0.0, since_last: None })
                    .collect())
            }
        }
    }

    async fn poll(&self, task: PollTask, aims: Aims, beginning: &Beginning) -> Result<(), StateError> {
        let id = task.server.route.id.clone();
        let Some(_busy) = Busy::begin(&self.busy, &id) else {
            tracing::debug!(server = %id, "its last poll is still under way");
            return Ok(());
        };
        let own = beginning.meetings.get(&id).map_or(&[][..], Vec::as_slice);
        let listing = async {
            if !(aims.servers || (aims.meetings && !own.is_empty())) {
                return Ok(());
            }
            let listed =
                self.client.meetings(poll_target(&task.server.route)).await.map(|(_, listed)| listed);
            if let Err(CallError::Local(_)) = &listed {
                tracing::error!(server = %id, error = %listed.as_ref().err().map(ToString::to_string).unwrap_or_default(), "not polled");
                return Ok(());
            }
            let mut online = task.server.route.online;
            if aims.servers {
                online = self.update_server(&task, &listed, own).await?;
            }
            match listed {
                Ok(listed) if aims.meetings && online => {
                    self.check_meetings(&task.server.route, own, &listed, beginning.at).await
                }
                _ => Ok(()),
            }
        };
        listing.await?;
        // Afterwards, so that one connection serves for both.
        if aims.versions { self.update_version(&task.server).await } else { Ok(()) }
    }
}

/// Polls give every server the whole time: one that is offline is to be found again.
pub(crate) fn poll_target(server: &Route) -> Target<'_> {
    Target { online: true, ..server.into() }
}

/// Marks a server while it is polled.
struct Busy<'a> {
    servers: &'a Mutex<HashSet<ServerId>>,
    id: ServerId,
}

impl<'a> Busy<'a> {
    fn begin(servers: &'a Mutex<HashSet<ServerId>>, id: &ServerId) -> Option<Self> {
        let began = servers.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone());
        began.then(|| Self { servers, id: id.clone() })
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}
