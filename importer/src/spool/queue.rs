//! Which tar is next: those that are still, the oldest first, and none too soon after it failed. It knows no
//! files and no clock.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use scalelite_core::backoff::Backoff;

use super::fingerprint::Fingerprint;

/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How long to leave a tar alone that another importer has.
const TAKEN_ELSEWHERE: Duration = Duration::from_secs(1);
/// A truncated tar has this many times as long as another one to become still: the rest may be on its way.
const PATIENCE: u32 = 15;

/// A tar as a look at the spool found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) fingerprint: Fingerprint,
}

/// A tar to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) name: String,
    pub(crate) fingerprint: Fingerprint,
    /// It has not been still for long: if it is truncated, the rest may come yet.
    pub(crate) is_fresh: bool,
}

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is out of the spool, or another file stands there now.
    Done,
    /// Another importer has it.
    TakenElsewhere,
    /// Who has it is not known: the database is away.
    Unclaimed,
    /// It is truncated, and has time to become whole.
    Unfinished,
    /// Something else is in the way; it is to be tried again.
    Later,
}

/// The tars in the spool.
#[derive(Debug)]
pub(crate) struct Queue {
    settle: Duration,
    waiting: HashMap<String, Waiting>,
}

#[derive(Debug)]
struct Waiting {
    fingerprint: Fingerprint,
    /// It has looked like that since then, …
    since: Instant,
    /// … and did when it was last looked at.
    seen: Instant,
    not_before: Option<Instant>,
    backoff: Backoff,
    taken: bool,
}

impl Queue {
    /// A queue of tars that are taken when they have not changed for `settle`.
    pub(crate) fn new(settle: Duration) -> Self {
        Self { settle, waiting: HashMap::new() }
    }

    /// How many tars are known.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Takes note of all tars that are in the spool now.
    pub(crate) fn see(&mut self, tars: Vec<Seen>, now: Instant) {
        let there: HashSet<&str> = tars.iter().map(|tar| tar.name.as_str()).collect();
        self.waiting.retain(|name, waiting| waiting.taken || there.contains(name.as_str()));
        for Seen { name, fingerprint } in tars {
            match self.waiting.get_mut(&name) {
                Some(known) if known.fingerprint == fingerprint => known.seen = now,
                // Whoever imports it will find out.
                Some(known) if known.taken => {}
                _ => drop(self.waiting.insert(name, Waiting::new(fingerprint, now))),
            }
        }
    }

    /// The next tar to import.
    pub(crate) fn take(&mut self, now: Instant) -> Option<Job> {
        let ready = self.waiting.iter_mut().filter(|(_, waiting)| waiting.is_ready(self.settle, now));
        let (name, next) =
            ready.min_by(|(a, one), (b, other)| (one.fingerprint, a).cmp(&(other.fingerprint, b)))?;
        next.taken = true;
        let is_fresh = next.seen - next.since < self.settle * PATIENCE;
        Some(Job { name: name.clone(), fingerprint: next.fingerprint, is_fresh })
    }

    /// Whether [`take`](Self::take) would give one.
    pub(crate) fn is_ready(&self, now: Instant) -> bool {
        self.waiting.values().any(|waiting| waiting.is_ready(self.settle, now))
    }

    /// Takes note of what came of a tar that was taken.
    pub(crate) fn conclude(&mut self, name: &str, verdict: Verdict, now: Instant) {
        let patience = self.settle * PATIENCE;
        let Some(waiting) = self.waiting.get_mut(name) else { return };
        waiting.taken = false;
        waiting.not_before = match verdict {
            Verdict::Done => {
                self.waiting.remove(name);
                return;
            }
            Verdict::TakenElsewhere => Some(now + TAKEN_ELSEWHERE),
            // It is not this tar that is to wait.
            Verdict::Unclaimed => None,
            Verdict::Unfinished => Some(waiting.since + patience),
            Verdict::Later => Some(now + waiting.backoff.wait()),
        };
    }

    /// When the spool has to be looked at again for the sake of a tar that is waiting for that.
    pub(crate) fn next_look(&self) -> Option<Instant> {
        self.waiting.values().filter_map(|waiting| waiting.next_look(self.settle)).min()
    }
}

impl Waiting {
    fn new(fingerprint: Fingerprint, now: Instant) -> Self {
        let backoff = Backoff::new(LONGEST_WAIT);
        Self { fingerprint, since: now, seen: now, not_before: None, backoff, taken: false }
    }

    /// It must have been seen unchanged after the last time to wait for: what it looks like now is not known.
    fn is_ready(&self, settle: Duration, now: Instant) -> bool {
        let due = self.due(settle);
        !self.taken && self.seen >= due && now >= due
    }

    fn due(&self, settle: Duration) -> Instant {
        let settled = self.since + settle;
        self.not_before.map_or(settled, |not_before| not_before.max(settled))
    }

    fn next_look(&self, settle: Duration) -> Option<Instant> {
        let due = self.due(settle);
        (!self.taken && self.seen < due).then_some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLE: Duration = Duration::from_secs(2);

    fn seen(name: &str, changed: i64, size: u64) -> Seen {
        Seen { name: name.to_owned(), fingerprint: Fingerprint { changed: (changed, 0), size, inode: 1 } }
    }

    fn taken(queue: &mut Queue, now: Instant) -> Vec<String> {
        std::iter::from_fn(|| queue.take(now)).map(|job| job.name).collect()
    }

    #[test]
    fn a_tar_must_have_been_seen_still() {
        let (mut queue, start) = (Queue::new(SETTLE), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(queue.next_look(), None);
        queue.see(vec![seen("a", 1, 10)], start);
        assert_eq!(queue.next_look(), Some(after(2)));
        // Time alone does not tell.
        assert!(taken(&mut queue, after(5)).is_empty());
        queue.see(vec![seen("a", 2, 20)], after(5));
        queue.see(vec![seen("a", 2, 20)], after(6));
        assert!(taken(&mut queue, after(6)).is_empty());
        assert_eq!(queue.next_look(), Some(after(7)));
        queue.see(vec![seen("a", 2, 20)], after(7));
        assert!(queue.is_ready(after(7)));
        assert_eq!(queue.next_look(), None);
        assert_eq!(taken(&mut queue, after(7)), ["a"]);
        // Not twice at the same time.
        queue.see(vec![seen("a", 2, 20)], after(60));
        assert!(taken(&mut queue, after(60)).is_empty());
    }

    #[test]
    fn the_oldest_first_and_the_missing_are_forgotten() {
        let (mut queue, start) = (Queue::new(SETTLE), Instant::now());
        let tars = || vec![seen("new", 30, 1), seen("old", 10, 1), seen("gone", 5, 1), seen("b", 20, 1)];
        queue.see(tars(), start);
        let now = start + SETTLE;
        queue.see(tars().into_iter().filter(|tar| tar.name != "gone").collect(), now);
        assert_eq!(queue.len(), 3);
        assert_eq!(taken(&mut queue, now), ["old", "b", "new"]);
    }

    #[test]
    fn what_failed_waits_longer_and_longer_until_it_changes() {
        let (mut queue, start) = (Queue::new(SETTLE), Instant::now());
        queue.see(vec![seen("a", 1, 1)], start);
        let mut now = start + SETTLE;
        let mut waits = Vec::new();
        for _ in 0..12 {
            queue.see(vec![seen("a", 1, 1)], now);
            assert_eq!(taken(&mut queue, now), ["a"]);
            queue.conclude("a", Verdict::Later, now);
            assert!(taken(&mut queue, now).is_empty());
            let next = queue.next_look().unwrap();
            waits.push(next - now);
            now = next;
        }
        assert!(waits[0] <= Duration::from_millis(200), "{waits:?}");
        assert!(waits[11] >= Duration::from_secs(50) && waits[11] <= LONGEST_WAIT, "{waits:?}");
        queue.see(vec![seen("a", 9, 1)], now);
        assert_eq!(queue.next_look(), Some(now + SETTLE));
        queue.see(vec![seen("a", 9, 1)], now + SETTLE);
        assert_eq!(taken(&mut queue, now + SETTLE), ["a"]);
        queue.conclude("a", Verdict::Done, now);
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn a_truncated_tar_has_time_to_become_whole() {
        let (mut queue, start) = (Queue::new(SETTLE), Instant::now());
        queue.see(vec![seen("a", 1, 1)], start);
        let now = start + SETTLE;
        queue.see(vec![seen("a", 1, 1)], now);
        assert!(queue.take(now).unwrap().is_fresh);
        queue.conclude("a", Verdict::Unfinished, now);
        assert_eq!(queue.next_look(), Some(start + SETTLE * PATIENCE));
        // It has grown: everything begins anew.
        queue.see(vec![seen("a", 2, 2)], now);
        assert_eq!(queue.next_look(), Some(now + SETTLE));
        queue.see(vec![seen("a", 2, 2)], now + SETTLE);
        assert!(queue.take(now + SETTLE).unwrap().is_fresh);
        queue.conclude("a", Verdict::Unfinished, now + SETTLE);
        let end = now + SETTLE * PATIENCE;
        queue.see(vec![seen("a", 2, 2)], end);
        assert!(!queue.take(end).unwrap().is_fresh);
    }

    #[test]
    fn a_database_that_is_away_is_not_the_tars_fault() {
        let (mut queue, start) = (Queue::new(SETTLE), Instant::now());
        queue.see(vec![seen("a", 1, 1)], start);
        queue.see(vec![seen("a", 1, 1)], start + SETTLE);
        for _ in 0..5 {
            assert!(queue.take(start + SETTLE).is_some());
            queue.conclude("a", Verdict::Unclaimed, start + SETTLE);
        }
    }

    #[test]
    fn what_another_importer_has_is_looked_at_again_soon() {
        let (mut queue, start) = (Queue::new(SETTLE), Instant::now());
        queue.see(vec![seen("a", 1, 1)], start);
        queue.see(vec![seen("a", 1, 1)], start + SETTLE);
        assert!(queue.take(start + SETTLE).is_some());
        queue.conclude("a", Verdict::TakenElsewhere, start + SETTLE);
        assert_eq!(queue.next_look(), Some(start + SETTLE + TAKEN_ELSEWHERE));
        queue.see(Vec::new(), start + SETTLE + TAKEN_ELSEWHERE);
        assert_eq!(queue.len(), 0);
    }
}
