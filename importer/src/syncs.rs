//! Syncs of the store. One takes long and is for all that was placed before it, so imports that end at about the
//! same time share one.

use scalelite_core::recordings::store::Store;
use tokio::sync::{mpsc, oneshot};

/// Imports that can wait for the next sync. More than that wait for their place.
const MOST: usize = 64;

type Waiting = oneshot::Sender<Result<(), String>>;

/// Asks for syncs. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Syncs {
    requests: mpsc::Sender<Waiting>,
}

impl Syncs {
    /// Syncs of this store, from a task that ends with the last clone.
    pub(crate) fn new(store: Store) -> Self {
        let (requests, mut waiting) = mpsc::channel::<Waiting>(MOST);
        tokio::spawn(async move {
            let mut group = Vec::new();
            while waiting.recv_many(&mut group, MOST).await > 0 {
                let result = store.sync().await.map_err(|error| error.to_string());
                for asked in group.drain(..) {
                    // Who does not wait any more does not mind.
                    let _ = asked.send(result.clone());
                }
            }
        });
        Self { requests }
    }

    /// Waits for a sync that began after this was called. The error tells why it failed.
    pub(crate) async fn sync(&self) -> Result<(), String> {
        let (ask, answer) = oneshot::channel();
        let ended = || "the task that syncs the store has ended".to_owned();
        self.requests.send(ask).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}
