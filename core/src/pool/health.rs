//! When a server goes offline and comes back (CONTRACT §11).

/// How many polls in a row change a server's mind-set.
#[derive(Debug, Clone, Copy)]
pub struct Thresholds {
    /// Answers in a row after which an offline server is online (`SERVER_HEALTHY_THRESHOLD`).
    pub healthy: u32,
    /// Failures in a row after which an online server is offline (`SERVER_UNHEALTHY_THRESHOLD`).
    pub unhealthy: u32,
}

/// A server's health between two polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Health {
    /// Whether it is online.
    pub online: bool,
    /// Answers in a row while offline.
    pub healthy: u32,
    /// Failures in a row while online.
    pub unhealthy: u32,
}

/// What a poll changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Same,
    /// It came online.
    CameOnline,
    /// It went offline: its meetings are lost.
    WentOffline,
}

/// The health after a poll that was `answered` or not.
#[must_use]
pub fn after_poll(before: Health, answered: bool, thresholds: Thresholds) -> (Health, Change) {
    match (answered, before.online) {
        (true, true) => (Health { unhealthy: 0, ..before }, Change::Same),
        (true, false) => {
            let healthy = before.healthy.saturating_add(1);
            if healthy >= thresholds.healthy {
                (Health { online: true, healthy: 0, unhealthy: 0 }, Change::CameOnline)
            } else {
                (Health { healthy, unhealthy: 0, ..before }, Change::Same)
            }
        }
        (false, true) => {
            let unhealthy = before.unhealthy.saturating_add(1);
            if unhealthy >= thresholds.unhealthy {
                (Health { online: false, healthy: 0, unhealthy: 0 }, Change::WentOffline)
            } else {
                (Health { unhealthy, healthy: 0, ..before }, Change::Same)
            }
        }
        (false, false) => (Health { healthy: 0, ..before }, Change::Same),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const THRESHOLDS: Thresholds = Thresholds { healthy: 2, unhealthy: 3 };

    fn polls(outcomes: &[bool]) -> Vec<Change> {
        let mut health = Health::default();
        outcomes
            .iter()
            .map(|&answered| {
                let (after, change) = after_poll(health, answered, THRESHOLDS);
                health = after;
                change
            })
            .collect()
    }

    #[test]
    fn only_outcomes_in_a_row_count() {
        use Change::{CameOnline, Same, WentOffline};
        assert_eq!(polls(&[true, false, true, true]), [Same, Same, Same, CameOnline]);
        assert_eq!(
            polls(&[true, true, false, false, true, false, false, false]),
            [Same, CameOnline, Same, Same, Same, Same, Same, WentOffline]
        );
    }

    proptest! {
        #[test]
        fn a_change_needs_its_whole_threshold(outcomes in proptest::collection::vec(any::<bool>(), 1..60)) {
            let changes = polls(&outcomes);
            for (index, change) in changes.iter().enumerate() {
                let needed = match change {
                    Change::Same => continue,
                    Change::CameOnline => THRESHOLDS.healthy,
                    Change::WentOffline => THRESHOLDS.unhealthy,
                } as usize;
                prop_assert!(index + 1 >= needed);
                let run = &outcomes[index + 1 - needed..=index];
                prop_assert!(run.iter().all(|&o| o == (*change == Change::CameOnline)));
            }
        }
    }
}
