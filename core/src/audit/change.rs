//! A change, before and after it is noted.

use serde::Serialize;

use super::Actor;
use crate::printable::shown;
use crate::recordings::model::Micros;

/// Characters of a short text: a user, a host, what was done.
const SHORT: usize = 255;
/// Characters of a long one.
const LONG: usize = 4000;

/// Something that was changed, or that somebody tried to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    who: String,
    host: String,
    what: String,
    target: String,
    how: String,
    outcome: &'static str,
}

impl Change {
    /// `what` is the name of a task or a call, `target` what it was done to. Neither may be a secret.
    #[must_use]
    pub fn new(actor: &Actor, what: &str, target: &str) -> Self {
        Self {
            who: clean(&actor.who, SHORT),
            host: clean(&actor.host, SHORT),
            what: clean(what, SHORT),
            target: clean(target, LONG),
            how: String::new(),
            outcome: "done",
        }
    }

    /// What was changed about it, for a human reader. It may not hold a secret.
    #[must_use]
    pub fn how(self, how: &str) -> Self {
        Self { how: clean(how, LONG), ..self }
    }

    /// It failed; a part of it may have been done.
    #[must_use]
    pub fn failed(self) -> Self {
        Self { outcome: "failed", ..self }
    }

    pub(super) fn what(&self) -> &str {
        &self.what
    }

    pub(super) fn log(&self) {
        let Self { who, host, what, target, how, outcome } = self;
        tracing::info!(target: super::TARGET, who, host, what, on = target, how, outcome, "change");
    }
}

/// A change as the database tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotedChange {
    /// When it was noted, by the database's clock.
    pub at: Micros,
    /// A user, the fingerprint of a secret, or a server.
    pub who: String,
    /// The host on which it was done.
    pub host: String,
    /// The task, or the call of the management API.
    pub what: String,
    /// What it was done to.
    pub target: String,
    /// What was changed about it.
    pub how: String,
    /// `done` or `failed`.
    pub outcome: String,
}

/// So that every database can hold it and every terminal show it, on one line.
fn clean(text: &str, most: usize) -> String {
    let mut cleaned: String = text.chars().take(most).map(shown).collect();
    if text.chars().nth(most).is_some() {
        cleaned.push('\u{2026}');
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_bounded_and_of_one_line() {
        assert_eq!(clean("a\nb\u{1b}[2J\u{202e}\0\u{e4}", 20), "a\u{fffd}b\u{fffd}[2J\u{fffd}\u{fffd}\u{e4}");
        assert_eq!(clean("abc", 3), "abc");
        assert_eq!(clean("abcd", 3), "abc\u{2026}");
    }

    #[test]
    fn as_it_was_told() {
        let actor = Actor::user("alice", "h1");
        let change = Change::new(&actor, "servers:tag", "b1").how("tag=hd").failed();
        let expected = serde_json::json!({
            "who": "alice", "host": "h1", "what": "servers:tag", "target": "b1", "how": "tag=hd", "outcome": "failed",
        });
        assert_eq!(serde_json::to_value(&change).unwrap(), expected);
    }
}
