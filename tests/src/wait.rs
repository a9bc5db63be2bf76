//! Waiting for a condition with a deadline.

use std::fmt::Debug;
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(10);

/// Asks again and again until the condition gives a value; fails the test after `deadline`.
pub async fn eventually<T>(
    what: &str,
    deadline: Duration,
    mut condition: impl AsyncFnMut() -> Option<T>,
) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(started.elapsed() < deadline, "not within {deadline:?}: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Asks again and again until the value is the expected one; fails the test after `deadline`, showing the
/// last one.
pub async fn becomes<T: PartialEq + Debug>(
    what: &str,
    deadline: Duration,
    expected: T,
    mut value: impl AsyncFnMut() -> T,
) {
    let started = Instant::now();
    loop {
        let now = value().await;
        if now == expected {
            return;
        }
        assert!(started.elapsed() < deadline, "not within {deadline:?}: {what}: {now:?}, not {expected:?}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// What the future gives; fails the test if that takes longer than `limit`. For what must not be delayed.
pub async fn within<T>(what: &str, limit: Duration, future: impl Future<Output = T>) -> T {
    let result = tokio::time::timeout(limit, future).await;
    result.unwrap_or_else(|_| panic!("not within {limit:?}: {what}"))
}
