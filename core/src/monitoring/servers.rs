//! Servers as labels: the only ones that come and go.
//!
//! * What is true of each server now is told by gauges, and a gauge that nobody has set for a while is not told any
//!   more: so those of a removed server go away, see [`exporter`](super::start).
//! * What happened with a server is counted until the process ends, for counters that vanish and come back are of no
//!   use. At most [`MOST`] servers have counters of their own; all further ones share those of [`OTHERS`].

use std::collections::HashSet;

use parking_lot::RwLock;

use crate::pool::server::ServerId;

/// So many servers have counters of their own.
pub const MOST: usize = 2000;
/// The label of all others.
pub const OTHERS: &str = "other";

/// The value of the label `server` of a counter.
#[must_use]
pub fn label(id: &ServerId) -> String {
    static KNOWN: RwLock<Option<HashSet<String>>> = RwLock::new(None);
    let id = id.as_str();
    if KNOWN.read().as_ref().is_some_and(|known| known.contains(id)) {
        return id.to_owned();
    }
    admit(KNOWN.write().get_or_insert_default(), id)
}

fn admit(known: &mut HashSet<String>, id: &str) -> String {
    if known.len() < MOST || known.contains(id) {
        known.insert(id.to_owned());
        return id.to_owned();
    }
    OTHERS.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_servers_come_the_labels_are_bounded() {
        let mut known = HashSet::new();
        let labels: HashSet<String> = (0..3 * MOST).map(|n| admit(&mut known, &format!("bbb{n}"))).collect();
        assert_eq!(labels.len(), MOST + 1);
        assert!(labels.contains(OTHERS));
        assert_eq!(admit(&mut known, "bbb1"), "bbb1");
    }
}
