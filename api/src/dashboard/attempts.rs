//! Attempts to log in are limited: by address, and in all, since an address may be made up. Pure.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many wrong passwords from one address (of IPv6: one network) …
const MOST_OF_ONE: u32 = 10;
/// … and from all, which also bounds what is remembered …
const MOST_OF_ALL: u32 = 200;
/// … within this time.
const WINDOW: Duration = Duration::from_secs(5 * 60);

/// Wrong passwords lately.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    failed: Mutex<Failed>,
}

#[derive(Debug, Default)]
struct Failed {
    since: Option<Instant>,
    in_all: u32,
    by_address: HashMap<IpAddr, u32>,
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    Right,
    Wrong,
    /// There were too many before; whether this one was right is not told. Another may be made after this time.
    TooMany(Duration),
}

impl Attempts {
    /// Notes an attempt.
    pub(super) fn attempt(&self, address: IpAddr, right: bool, now: Instant) -> Attempt {
        // What is in it is whole at any time.
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.since.is_some_and(|since| now.saturating_duration_since(since) >= WINDOW) {
            *failed = Failed::default();
        }
        let network = network(address);
        let of_one = failed.by_address.get(&network).copied().unwrap_or_default();
        if of_one >= MOST_OF_ONE || failed.in_all >= MOST_OF_ALL {
            let passed = failed.since.map_or(WINDOW, |since| now.saturating_duration_since(since));
            return Attempt::TooMany(WINDOW.saturating_sub(passed));
        }
        if right {
            return Attempt::Right;
        }
        failed.since.get_or_insert(now);
        failed.in_all += 1;
        *failed.by_address.entry(network).or_default() += 1;
        Attempt::Wrong
    }
}

/// Whoever has an IPv6 address has a whole /64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_that_guesses_has_to_wait() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for _ in 0..MOST_OF_ONE {
            assert_eq!(attempts.attempt(ip("192.0.2.1"), false, now), Attempt::Wrong);
        }
        let later = now + Duration::from_secs(1);
        let wait = Attempt::TooMany(WINDOW - Duration::from_secs(1));
        for right in [false, true] {
            assert_eq!(attempts.attempt(ip("192.0.2.1"), right, later), wait);
            assert_eq!(attempts.attempt(ip("::ffff:192.0.2.1"), right, later), wait);
        }
        assert_eq!(attempts.attempt(ip("192.0.2.2"), true, later), Attempt::Right);
        assert_eq!(attempts.attempt(ip("192.0.2.1"), true, now + WINDOW), Attempt::Right);
    }

    #[test]
    fn a_network_is_one_address() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for n in 0..MOST_OF_ONE {
            attempts.attempt(ip(&format!("2001:db8::{n:x}")), false, now);
        }
        assert!(matches!(attempts.attempt(ip("2001:db8::ffff"), true, now), Attempt::TooMany(_)));
        assert_eq!(attempts.attempt(ip("2001:db8:0:1::1"), true, now), Attempt::Right);
    }

    #[test]
    fn addresses_that_are_made_up_help_nobody_and_take_little_memory() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for n in 0..1000_u32 {
            attempts.attempt(IpAddr::V4(n.into()), false, now);
        }
        assert!(matches!(attempts.attempt(ip("192.0.2.9"), true, now), Attempt::TooMany(_)));
        assert_eq!(attempts.failed.lock().unwrap().by_address.len(), MOST_OF_ALL as usize);
    }

    #[test]
    fn right_passwords_are_not_counted() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for _ in 0..1000 {
            assert_eq!(attempts.attempt(ip("192.0.2.1"), true, now), Attempt::Right);
        }
    }
}
