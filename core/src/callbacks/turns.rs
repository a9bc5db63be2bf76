//! How many callbacks to one receiver are under way: one that hangs must not use up all places.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The places at each receiver.
#[derive(Debug)]
pub(super) struct Turns {
    most: usize,
    places: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Turns {
    /// At most `most` at the same time to each.
    pub(super) fn new(most: usize) -> Self {
        Self { most, places: Mutex::default() }
    }

    /// A place at that receiver, free again when dropped; none if it has its share for that long.
    pub(super) async fn take(&self, receiver: &str, patience: Duration) -> Option<OwnedSemaphorePermit> {
        let places = {
            let mut places = self.places.lock();
            // Those that are taken or waited for are not ours alone.
            places.retain(|_, places| Arc::strong_count(places) > 1);
            let places = places.entry(receiver.to_owned());
            Arc::clone(places.or_insert_with(|| Arc::new(Semaphore::new(self.most))))
        };
        timeout(patience, places.acquire_owned()).await.ok()?.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_receiver_has_its_share() {
        const AT_ONCE: Duration = Duration::ZERO;
        let turns = Turns::new(2);
        let first = turns.take("a", AT_ONCE).await.unwrap();
        let second = turns.take("a", AT_ONCE).await.unwrap();
        assert!(turns.take("a", AT_ONCE).await.is_none());
        let other = turns.take("b", AT_ONCE).await.unwrap();
        let patience = Duration::from_secs(60);
        let (third, ()) = tokio::join!(turns.take("a", patience), async { drop(first) });
        assert!(turns.take("a", AT_ONCE).await.is_none());
        drop((second, third.unwrap(), other));
        drop(turns.take("c", AT_ONCE).await.unwrap());
        assert_eq!(turns.places.lock().len(), 1);
    }
}
