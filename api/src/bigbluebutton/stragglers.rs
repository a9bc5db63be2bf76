//! Servers that lately kept a `getMeetings` waiting: they are not waited for again until they answer.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use scalelite_core::pool::server::ServerId;

/// After this time a slow server gets another chance.
const MEMORY: Duration = Duration::from_secs(30);

/// The IDs of slow servers, as this process met them, and when.
#[derive(Debug, Default)]
pub(crate) struct Stragglers(Mutex<HashMap<ServerId, Instant>>);

impl Stragglers {
    pub(crate) fn contains(&self, id: &ServerId) -> bool {
        let slow = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slow.get(id).is_some_and(|since| since.elapsed() < MEMORY)
    }

    /// Remembers that a server was too slow; what is remembered already keeps its time.
    pub(crate) fn add(&self, id: &ServerId) {
        let mut slow = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slow.retain(|_, since| since.elapsed() < MEMORY);
        slow.entry(id.clone()).or_insert_with(Instant::now);
    }

    /// Forgets it: the server answered in time.
    pub(crate) fn remove(&self, id: &ServerId) {
        let mut slow = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !slow.is_empty() {
            slow.remove(id);
        }
    }
}

/// How much longer to wait for the rest, when half of the servers that are not known to be slow needed
/// `half` to answer: a server may be several times slower than its peers, and at least `least` overall.
pub(crate) fn patience(half: Duration, least: Duration, most: Duration) -> Duration {
    (half * 4).clamp(least.min(most), most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_grows_with_the_others_time() {
        let [least, most] = [1, 10].map(Duration::from_secs);
        assert_eq!(patience(Duration::from_millis(10), least, most), least);
        assert_eq!(patience(Duration::from_millis(500), least, most), Duration::from_secs(2));
        assert_eq!(patience(Duration::from_secs(9), least, most), most);
    }
}
