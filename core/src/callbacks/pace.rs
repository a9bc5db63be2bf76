//! When a callback is tried again.

use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// How often callbacks are looked for and tried. The default is what CONTRACT §7 promises; tests are faster.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Between two looks at the outbox.
    pub idle: Duration,
    /// From the first try that failed to the second one. Each further wait is four times as long, …
    pub first_wait: Duration,
    /// … up to this.
    pub longest_wait: Duration,
    /// A callback that is this old is not tried again.
    pub give_up_after: Duration,
    /// How long a callback waits for others to the same receiver to end, before it is …
    pub patience: Duration,
    /// … postponed for about that long.
    pub postponed: Duration,
    /// How long nobody else gets a callback that one process has taken. Longer than its tries take, even to
    /// a receiver that never answers.
    pub hold: Duration,
    /// How long callbacks that are under way may still take once the process is to end. As long as a try usually
    /// may: one that is cut off after its receiver has taken it is sent again.
    pub grace: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(5),
            first_wait: Duration::from_secs(10),
            longest_wait: 60 * MINUTE,
            give_up_after: 24 * 60 * MINUTE,
            patience: Duration::from_millis(500),
            postponed: MINUTE,
            hold: 5 * MINUTE,
            grace: Duration::from_secs(16),
        }
    }
}

impl Pace {
    /// How long to wait after a callback has failed `failures` times (at least once); none if it is too old
    /// to be tried again. `jitter`, from 0 to 1, spreads those that failed together.
    #[must_use]
    pub fn after_failure(&self, failures: u32, age: Duration, jitter: f64) -> Option<Duration> {
        let factor = 4_u32.saturating_pow(failures.saturating_sub(1));
        let wait = self.first_wait.saturating_mul(factor).min(self.longest_wait);
        let wait = wait.mul_f64(0.75 + jitter.clamp(0.0, 1.0) / 2.0);
        (age + wait <= self.give_up_after).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When a callback whose every try takes `each` is tried, from when it was queued.
    fn tries(each: Duration, jitter: f64) -> Vec<Duration> {
        let pace = Pace::default();
        let mut tries = Vec::new();
        let mut at = pace.idle;
        loop {
            tries.push(at);
            let failures = u32::try_from(tries.len()).unwrap();
            match pace.after_failure(failures, at + each, jitter) {
                // It is found by the next look at the outbox.
                Some(wait) => at += each + wait + pace.idle,
                None => return tries,
            }
        }
    }

    #[test]
    fn three_tries_in_two_minutes_and_the_last_after_most_of_a_day() {
        for jitter in [0.0, 0.5, 1.0] {
            for each in [Duration::ZERO, Duration::from_secs(15)] {
                let tries = tries(each, jitter);
                assert!(tries[2] <= 2 * MINUTE, "{tries:?}");
                let last = *tries.last().unwrap();
                assert!(last <= 24 * 60 * MINUTE && last >= 22 * 60 * MINUTE, "{last:?}");
                assert!(tries.len() < 50, "{}", tries.len());
                assert!(tries.windows(2).all(|pair| pair[1] - pair[0] <= 80 * MINUTE));
            }
        }
    }

    #[test]
    fn waits_grow_and_stay_bounded() {
        let pace = Pace::default();
        let waits: Vec<Duration> =
            (1..200).map(|failures| pace.after_failure(failures, Duration::ZERO, 0.5).unwrap()).collect();
        assert!(waits.is_sorted());
        assert_eq!(waits[0], pace.first_wait);
        assert_eq!(waits[198], pace.longest_wait);
        assert!(pace.after_failure(u32::MAX, Duration::ZERO, 1.0).is_some());
        assert_eq!(pace.after_failure(1, pace.give_up_after, 0.0), None);
    }
}
