//! How many callbacks to one receiver are under way: one that hangs must not use up all places.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

/// Counts what is under way to each receiver.
#[derive(Debug, Clone)]
pub(super) struct Turns {
    most: usize,
    under_way: Arc<Mutex<HashMap<String, usize>>>,
}

/// A place at a receiver, free again when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Turns,
    receiver: String,
}

impl Turns {
    /// At most `most` at the same time to each.
    pub(super) fn new(most: usize) -> Self {
        Self { most, under_way: Arc::default() }
    }

    /// A place at that receiver; none if it has its share.
    pub(super) fn take(&self, receiver: &str) -> Option<Turn> {
        let mut under_way = self.under_way.lock();
        let count = under_way.entry(receiver.to_owned()).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Turn { turns: self.clone(), receiver: receiver.to_owned() })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut under_way = self.turns.under_way.lock();
        if let Some(count) = under_way.get_mut(&self.receiver) {
            *count -= 1;
            if *count == 0 {
                under_way.remove(&self.receiver);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_receiver_has_its_share() {
        let turns = Turns::new(2);
        let (first, second) = (turns.take("a").unwrap(), turns.take("a").unwrap());
        assert!(turns.take("a").is_none());
        let other = turns.take("b").unwrap();
        drop(first);
        let third = turns.take("a").unwrap();
        assert!(turns.take("a").is_none());
        drop((second, third, other));
        assert!(turns.under_way.lock().is_empty());
    }
}
