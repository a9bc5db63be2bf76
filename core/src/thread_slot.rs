//! Which of several equal things a thread uses, so that threads do not get in each other's way.

use std::sync::atomic::{AtomicUsize, Ordering};

/// This thread's place among `slots` (at least 1).
pub(crate) fn of(slots: usize) -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    NUMBER.with(|number| *number) % slots.max(1)
}
