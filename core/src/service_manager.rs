//! What the service manager (systemd) is told of this process, where it has started it: when it is ready, that it is
//! well, that it stops (`sd_notify(3)`). Without one (`NOTIFY_SOCKET` is not set) nothing happens here.
//!
//! A process has one service manager as it has one standard error, so this is the state of the process. Its socket is
//! read all the time and takes a message at once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use sd_notify::NotifyState;
use tokio::time::MissedTickBehavior;

use crate::pulse::{Pulse, Pulses};

/// A status is one short line.
const LONGEST_STATUS: usize = 200;

static PULSES: Pulses = Pulses::new();
static BEGINNING: Mutex<Beginning> = Mutex::new(Beginning { expected: 1, told: BTreeMap::new() });

/// What is known of the parts of this process that are to become ready.
struct Beginning {
    expected: usize,
    told: BTreeMap<&'static str, String>,
}

impl Beginning {
    /// Notes what a part says of itself. The status of them all, and whether they all are ready.
    fn tell(&mut self, part: &'static str, status: &str) -> (String, bool) {
        self.told.insert(part, status.to_owned());
        let all: Vec<&str> = self.told.values().map(String::as_str).collect();
        (line(&all.join("; ")), all.len() >= self.expected)
    }
}

/// How many parts of this process are to become ready before it is; one where nobody says otherwise.
pub fn expect(parts: usize) {
    BEGINNING.lock().expected = parts;
}

/// A part does what it is for, or has begun to wait for what it needs and will do it without further ado. `status` is
/// for operators; what a part says later takes the place of what it has said before.
pub fn ready(part: &'static str, status: &str) {
    let (status, all) = BEGINNING.lock().tell(part, status);
    let told = [NotifyState::Status(&status), NotifyState::Ready];
    send(if all { &told } else { &told[..1] });
}

/// The process has been told to stop, and ends what it has begun.
pub fn stopping() {
    send(&[NotifyState::Stopping, NotifyState::Status("stopping")]);
}

/// How often the service manager wants to hear that all is well, at least. None if it does not want to.
#[must_use]
pub fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled().filter(|timeout| !timeout.is_zero())
}

/// A part that may get stuck without the rest of the process. When there is no sign of it for longer than
/// `longest_pause`, the service manager is no longer told that all is well, and so starts the process anew.
#[must_use]
pub fn pulse(part: &'static str, longest_pause: Duration) -> Pulse {
    PULSES.begin(part, longest_pause, Instant::now())
}

/// Tells the service manager that all is well, twice as often as it wants to hear it, for as long as that is true:
/// this is a task of the runtime, so nothing is told when the runtime is stuck, nor when a part is.
pub fn keep_watch() {
    let Some(timeout) = watchdog() else { return };
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(timeout / 2);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match PULSES.stuck(Instant::now()) {
                None => send(&[NotifyState::Watchdog]),
                Some(part) => {
                    tracing::error!(part, "stuck: the service manager is not told that all is well");
                }
            }
        }
    });
}

fn send(told: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(told) {
        tracing::warn!(%error, "the service manager cannot be told how this process is (NOTIFY_SOCKET)");
    }
}

/// A message has a line for each thing that is told: a text from elsewhere must not have more than one.
fn line(text: &str) -> String {
    text.chars().take(LONGEST_STATUS).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_when_all_parts_are() {
        let mut beginning = Beginning { expected: 2, told: BTreeMap::new() };
        assert_eq!(beginning.tell("poller", "waits"), ("waits".to_owned(), false));
        assert_eq!(beginning.tell("poller", "polls"), ("polls".to_owned(), false));
        assert_eq!(beginning.tell("front end", "listens"), ("listens; polls".to_owned(), true));
        assert_eq!(beginning.tell("poller", "rests"), ("listens; rests".to_owned(), true));
    }

    #[test]
    fn a_status_is_one_line() {
        assert_eq!(line("away:\nREADY=1"), "away: READY=1");
        assert_eq!(line(&"ä".repeat(500)).chars().count(), LONGEST_STATUS);
    }
}
