//! Waiting longer and longer while something is away.

use std::time::Duration;

/// The first wait.
const FIRST: Duration = Duration::from_millis(200);

/// Each wait is twice the one before, from 0.2 s up to a limit, with a tenth of chance so that those who wait
/// for the same do not come back all at once.
#[derive(Debug, Clone)]
pub struct Backoff {
    next: Duration,
    most: Duration,
}

impl Backoff {
    /// Waits of at most that.
    #[must_use]
    pub fn new(most: Duration) -> Self {
        Self { next: FIRST.min(most), most }
    }

    /// How long to wait now.
    pub fn wait(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(self.most);
        wait.mul_f64(0.9 + rand::random::<f64>() / 10.0)
    }

    /// It is back: the next wait is a short one.
    pub fn over(&mut self) {
        self.next = FIRST.min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_the_limit_and_begins_anew() {
        let most = Duration::from_secs(1);
        let mut backoff = Backoff::new(most);
        for expected in [200, 400, 800, 1000, 1000] {
            let expected = Duration::from_millis(expected);
            let wait = backoff.wait();
            assert!(wait <= expected && wait >= expected * 9 / 10, "{wait:?}");
        }
        backoff.over();
        assert!(backoff.wait() <= FIRST);
        assert!(Backoff::new(Duration::from_millis(1)).wait() <= Duration::from_millis(1));
    }
}
