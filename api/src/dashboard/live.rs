//! What open pages follow: one task for all of them looks at the live state every few seconds, and only while somebody
//! follows. It tells what has changed since; a page that has missed something is told to ask anew.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::web::{Data, block};
use serde::Serialize;
use tokio::sync::broadcast::{Receiver, Sender, channel};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::imports::{self, Spool};
use super::meetings;
use super::pool::{self, Remembered, Rows};
use super::refused::Refused;
use crate::app::App;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(2);
/// A look takes no longer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Messages that a page may be behind.
const BEHIND: usize = 8;
/// Pages that follow one front end at the same time.
const MOST: usize = 200;

/// The updates, and who follows them.
#[derive(Debug)]
pub(super) struct Live {
    sender: Sender<Arc<str>>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Whether the task runs.
    running: bool,
    /// What is told to whoever begins to follow.
    hello: Option<Arc<str>>,
}

/// What a page that follows gets.
pub(super) struct Followed {
    /// What is known by now.
    pub(super) hello: Option<Arc<str>>,
    /// What comes.
    pub(super) receiver: Receiver<Arc<str>>,
}

/// What one look has found.
#[derive(Debug, Default)]
struct Look {
    rows: Rows,
    summary: String,
    meetings: String,
    imports: String,
}

/// What pages are told.
#[derive(Debug, Serialize)]
struct Message<'a> {
    /// Digests of what each page shows: where another one is told, the page asks anew.
    pool: &'a str,
    meetings: &'a str,
    imports: &'a str,
    summary: &'a str,
    /// Rows of servers that have changed; none: the servers are others.
    rows: Option<BTreeMap<&'a str, &'a str>>,
}

/// What is told when the live state does not answer.
const AWAY: &str = r#"{"away":true}"#;

impl Default for Live {
    fn default() -> Self {
        Self { sender: channel(BEHIND).0, known: Mutex::default() }
    }
}

impl Live {
    /// Begins to follow.
    pub(super) fn follow(app: &Data<App>) -> Result<Followed, Refused> {
        let live = &app.dashboard.as_ref().ok_or(Refused::NotFound)?.live;
        let mut known = live.lock();
        if live.sender.receiver_count() >= MOST {
            return Err(Refused::TooManyPages);
        }
        let receiver = live.sender.subscribe();
        if !known.running {
            known.running = true;
            actix_web::rt::spawn(run(Running { app: app.clone(), over: false }));
        }
        Ok(Followed { hello: known.hello.clone(), receiver })
    }

    /// Whether nobody follows any more; then the task is over.
    fn is_over(&self) -> bool {
        let mut known = self.lock();
        if self.sender.receiver_count() > 0 {
            return false;
        }
        *known = Known::default();
        true
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // What is in it is whole at any time.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, message: Arc<str>, hello: Option<Arc<str>>) {
        self.lock().hello = hello;
        // That nobody listens any more is found in a moment.
        let _ = self.sender.send(message);
    }
}

/// Should the task end before it is [over](Live::is_over), whoever follows next starts another.
struct Running {
    app: Data<App>,
    over: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(dashboard) = self.app.dashboard.as_ref().filter(|_| !self.over) {
            *dashboard.live.lock() = Known::default();
        }
    }
}

async fn run(mut running: Running) {
    let app = running.app.clone();
    let Some(dashboard) = &app.dashboard else { return };
    let mut before: Option<Look> = None;
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while app.shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
        if dashboard.live.is_over() {
            running.over = true;
            return;
        }
        match timeout(PATIENCE, Look::take(&app)).await {
            Ok(Ok(look)) => {
                if let Some(message) = look.message(before.as_ref()) {
                    dashboard.live.tell(message, look.message(None));
                }
                before = Some(look);
            }
            failed => {
                let told = match failed {
                    Ok(Err(error)) => error.to_string(),
                    _ => "no answer in time".to_owned(),
                };
                tracing::warn!(error = told, "the dashboard's live updates are interrupted");
                before = None;
                dashboard.live.tell(AWAY.into(), Some(AWAY.into()));
            }
        }
    }
}

impl Look {
    async fn take(app: &Data<App>) -> Result<Self, Refused> {
        let servers = app.state.servers().await?;
        let meetings = meetings::digest(&app.state.meetings().await?);
        let imports = match imports::dir(app) {
            Some(dir) => {
                block(move || Spool::look(&dir).map_or_else(|_| String::new(), |spool| spool.digest()))
                    .await
                    .map_err(|_| Refused::Broken)?
            }
            None => String::new(),
        };
        let sparks = Remembered::get(app).await;
        Ok(Self { rows: Rows::of(&servers, &sparks)?, summary: pool::summary(&servers)?, meetings, imports })
    }

    /// What has changed since; nothing if nothing has. Without a look before, all digests.
    fn message(&self, before: Option<&Self>) -> Option<Arc<str>> {
        let rows = match before {
            Some(before) => self.rows.changed(&before.rows),
            None => Some(BTreeMap::new()),
        };
        let same = |before: &Self| {
            (&self.meetings, &self.imports, &self.summary)
                == (&before.meetings, &before.imports, &before.summary)
        };
        if before.is_some_and(same) && rows.as_ref().is_some_and(BTreeMap::is_empty) {
            return None;
        }
        let message = Message {
            pool: &self.rows.digest(),
            meetings: &self.meetings,
            imports: &self.imports,
            summary: &self.summary,
            rows,
        };
        serde_json::to_string(&message).ok().map(Arc::from)
    }
}
