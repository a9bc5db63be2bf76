//! The ways in which a simulated server can misbehave.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// A misbehaviour, for all API calls of a server or for one.
///
/// Only `Slow` carries the call out; with all others it has no effect on the server's meetings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// Works as it should.
    #[default]
    None,
    /// The listening socket is closed (connections are refused) and the open connections too. Set for
    /// one call only, that call's connection is reset instead.
    Down,
    /// Takes the request and never answers; the connection is closed when the server's faults next change.
    Hang,
    /// Carries the call out at once, answers after the delay.
    Slow(Duration),
    /// Status 200 with an HTML page.
    Garbage,
    /// Status 200 with XML that breaks off in the middle of an element.
    Truncated,
    /// Status 200 with well-formed XML that has no `returncode`.
    NoReturncode,
    /// Status 500 with an HTML page.
    Http500,
    /// A proper answer of `FAILED`.
    Failing {
        /// The answer's `messageKey`.
        message_key: String,
        /// The answer's `message`.
        message: String,
    },
    /// Status 200 with XML that never ends, as fast as the client reads.
    Endless,
    /// Resets the connection (RST) after reading the request.
    Reset,
}

impl Fault {
    /// [`Fault::Failing`] with a message of no interest.
    pub fn failing(message_key: impl Into<String>) -> Self {
        Self::Failing {
            message_key: message_key.into(),
            message: "The simulator was told to fail.".to_owned(),
        }
    }
}

/// The faults in force on one server.
#[derive(Default)]
pub(crate) struct Faults {
    /// So that a healthy server's requests need no lock.
    any: AtomicBool,
    current: Mutex<Current>,
    changed: Notify,
}

#[derive(Default)]
struct Current {
    all: Fault,
    by_call: HashMap<String, Fault>,
}

impl Faults {
    /// Sets the fault of one call, or with `None` of the whole server.
    pub(crate) fn set(&self, call: Option<&str>, fault: Fault) {
        let mut current = self.current.lock();
        match (call, fault) {
            (None, fault) => current.all = fault,
            (Some(call), Fault::None) => drop(current.by_call.remove(call)),
            (Some(call), fault) => drop(current.by_call.insert(call.to_owned(), fault)),
        }
        self.published(&current);
    }

    pub(crate) fn clear(&self) {
        let mut current = self.current.lock();
        *current = Current::default();
        self.published(&current);
    }

    /// What befalls a request; a call's own fault goes before the server's.
    pub(crate) fn of(&self, call: &str) -> Fault {
        if !self.any.load(Ordering::Acquire) {
            return Fault::None;
        }
        let current = self.current.lock();
        current.by_call.get(call).unwrap_or(&current.all).clone()
    }

    pub(crate) fn is_down(&self) -> bool {
        self.any.load(Ordering::Acquire) && self.current.lock().all == Fault::Down
    }

    /// Waits for the next change.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn published(&self, current: &Current) {
        self.any.store(current.all != Fault::None || !current.by_call.is_empty(), Ordering::Release);
        self.changed.notify_waiters();
    }
}
