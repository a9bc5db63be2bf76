//! Signs of life: whether the parts of a process still go on.
//!
//! A process may look well from one thread while another one is stuck. So each part that could be has a
//! [`Pulse`], and whoever watches over them asks [`Pulses`] for one that has stopped.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// The parts of a process that give signs of life.
#[derive(Debug, Default)]
pub struct Pulses(Mutex<Vec<Weak<Part>>>);

/// One part's: dropped when that part has ended, so that nobody waits for it any more.
#[derive(Debug)]
pub struct Pulse(Arc<Part>);

#[derive(Debug)]
struct Part {
    name: &'static str,
    longest_pause: Duration,
    last: Mutex<Instant>,
}

impl Pulses {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// A part that lives now, and is stuck when there is no sign of it for longer than `longest_pause`.
    #[must_use]
    pub fn begin(&self, name: &'static str, longest_pause: Duration, now: Instant) -> Pulse {
        let part = Arc::new(Part { name, longest_pause, last: Mutex::new(now) });
        let mut parts = self.0.lock();
        parts.retain(|known| known.strong_count() > 0);
        parts.push(Arc::downgrade(&part));
        Pulse(part)
    }

    /// The name of a part that is stuck, if there is one.
    pub fn stuck(&self, now: Instant) -> Option<&'static str> {
        let parts = self.0.lock();
        let mut parts = parts.iter().filter_map(Weak::upgrade);
        parts
            .find(|part| now.saturating_duration_since(*part.last.lock()) > part.longest_pause)
            .map(|part| part.name)
    }
}

impl Pulse {
    /// The part lives.
    pub fn beat(&self, now: Instant) {
        *self.0.last.lock() = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_stuck_after_its_pause_until_it_beats_or_ends() {
        let (pulses, start) = (Pulses::new(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let quick = pulses.begin("quick", Duration::from_secs(1), at(0));
        let slow = pulses.begin("slow", Duration::from_secs(10), at(0));
        assert_eq!(pulses.stuck(at(1)), None);
        assert_eq!(pulses.stuck(at(2)), Some("quick"));
        quick.beat(at(2));
        assert_eq!(pulses.stuck(at(3)), None);
        drop(quick);
        assert_eq!(pulses.stuck(at(10)), None, "it has ended");
        assert_eq!(pulses.stuck(at(11)), Some("slow"));
        slow.beat(at(11));
        assert_eq!(pulses.stuck(at(11)), None);
    }
}
