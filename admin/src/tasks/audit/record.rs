//! What a task has changed.

use std::cell::RefCell;
use std::fmt::Display;
use std::rc::Rc;

use scalelite_core::audit::{Actor, Change};

use super::known::{Known, known};
use crate::cli::Task;

/// What the command line tells of a change, made more exact by the task itself. Clones are the same record.
#[derive(Clone)]
pub(crate) struct Record(Option<Rc<RefCell<Inner>>>);

struct Inner {
    known: Known,
    /// Whether the task as a whole is a change.
    whole: bool,
    /// Target and what was done to it.
    steps: Vec<(String, String)>,
}

impl Record {
    /// Of a task that is about to begin.
    pub(crate) fn of(task: &Task) -> Self {
        let inner = |known| Rc::new(RefCell::new(Inner { known, whole: true, steps: Vec::new() }));
        Self(known(task).map(inner))
    }

    /// What was changed has this ID, which the command line does not tell.
    pub(crate) fn target(&self, id: &str) {
        self.change(|inner| inner.known.target = id.to_owned());
    }

    /// The task has changed nothing, or only what [`step`](Self::step) tells.
    pub(crate) fn nothing(&self) {
        self.change(|inner| inner.whole = false);
    }

    /// One of the changes of a task that makes several.
    pub(crate) fn step(&self, target: impl Display, how: impl Display) {
        self.change(|inner| inner.steps.push((target.to_string(), how.to_string())));
    }

    fn change(&self, change: impl FnOnce(&mut Inner)) {
        if let Some(inner) = &self.0 {
            change(&mut inner.borrow_mut());
        }
    }

    /// The changes in their order; a task that failed is one even if it did nothing.
    pub(crate) fn changes(&self, actor: &Actor, failed: bool) -> Vec<Change> {
        let Some(inner) = &self.0 else { return Vec::new() };
        let Inner { known: Known { what, target, how }, whole, steps } = &*inner.borrow();
        let steps = steps.iter().map(|(target, how)| Change::new(actor, what, target).how(how));
        let whole = (*whole || failed).then(|| Change::new(actor, what, target).how(how));
        steps.chain(whole.map(|change| if failed { change.failed() } else { change })).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::cli::read;

    fn record(words: &[&str]) -> Record {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Record::of(&read(&words).unwrap()[0])
    }

    /// Targets, what was done to them and whether it failed.
    fn told(record: &Record, failed: bool) -> Value {
        let changes = record.changes(&Actor::user("u", "h"), failed);
        let value = serde_json::to_value(changes).unwrap();
        let parts = |change: &Value| json!([change["target"], change["how"], change["outcome"]]);
        value.as_array().unwrap().iter().map(parts).collect()
    }

    #[test]
    fn a_task_is_one_change() {
        let enable = record(&["servers:enable[b1]"]);
        assert_eq!(told(&enable, false), json!([["b1", "", "done"]]));
        assert_eq!(told(&enable, true), json!([["b1", "", "failed"]]));
        enable.target("b2");
        assert_eq!(told(&enable, false), json!([["b2", "", "done"]]));
        enable.nothing();
        assert_eq!(told(&enable, false), json!([]));
        assert_eq!(told(&enable, true), json!([["b2", "", "failed"]]));
    }

    #[test]
    fn steps_are_changes() {
        let sync = record(&["servers:sync", "s.yml", "--mode", "force"]);
        sync.nothing();
        sync.step("b1", "created");
        assert_eq!(told(&sync, false), json!([["b1", "created", "done"]]));
        let failed = json!([["b1", "created", "done"], ["s.yml", "mode=force", "failed"]]);
        assert_eq!(told(&sync, true), failed);
    }

    #[test]
    fn what_only_asks_is_none() {
        let servers = record(&["servers"]);
        servers.step("b1", "");
        assert_eq!(told(&servers, true), json!([]));
    }
}
