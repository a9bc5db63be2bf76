//! The file system's notice that something in the spool has changed. Network file systems give none of what other
//! hosts do, so it is a wake-up and nothing more: what is there, a look tells.

use std::path::Path;
use std::sync::Arc;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

/// Wakes up when something in the spool changes, for as long as it is kept.
#[derive(Debug)]
pub(crate) struct Wake {
    changed: Arc<Notify>,
    _watcher: Option<RecommendedWatcher>,
}

impl Wake {
    /// One for this directory. If it cannot be watched, it never wakes up.
    pub(crate) fn on(dir: &Path) -> Self {
        let changed = Arc::new(Notify::new());
        let wake = Arc::clone(&changed);
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.map_or(true, |event| is_news(&event.kind)) {
                wake.notify_one();
            }
        });
        let watcher = watcher.and_then(|mut watcher| {
            watcher.watch(dir, RecursiveMode::NonRecursive)?;
            Ok(watcher)
        });
        if let Err(error) = &watcher {
            tracing::warn!(spool = %dir.display(), %error, "no notice of changes here: the spool is looked at on schedule");
        }
        Self { changed, _watcher: watcher.ok() }
    }

    /// Waits until something has changed since the last call.
    pub(crate) async fn woken(&self) {
        self.changed.notified().await;
    }
}

/// Looking at the spool is an event, too.
fn is_news(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(access) => *access == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}
