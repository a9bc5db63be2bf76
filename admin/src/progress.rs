//! How far a long task is, on standard error: a bar on a terminal, else a line each few seconds.

use std::fmt::Display;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use crate::output::complain;

/// Between two lines, and before the first: a task that is over sooner says nothing.
const PAUSE: Duration = Duration::from_secs(5);
const BAR: &str = "{msg} {wide_bar} {human_pos} of {human_len} ({percent} %), {eta} left";

/// How far a task is. What is shown goes away when it is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    shown: Shown,
}

#[derive(Debug)]
enum Shown {
    Bar(ProgressBar),
    Lines(Lines),
    Nothing,
}

impl Progress {
    /// Nothing is done yet of so many things; `what` is done with them.
    pub(crate) fn new(what: &'static str, total: u64) -> Self {
        if !io::stderr().is_terminal() {
            return Self { shown: Shown::Lines(Lines::new(what, total, Instant::now())) };
        }
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr())
            .with_style(style())
            .with_message(what)
            .with_finish(ProgressFinish::AndClear);
        Self { shown: Shown::Bar(bar) }
    }

    /// As [`new`](Self::new); nothing where the task prints its results on a terminal: they tell.
    pub(crate) fn beside_output(what: &'static str, total: u64) -> Self {
        if io::stdout().is_terminal() { Self { shown: Shown::Nothing } } else { Self::new(what, total) }
    }

    /// So many more are done.
    pub(crate) fn advance(&mut self, by: usize) {
        let by = by as u64;
        match &mut self.shown {
            Shown::Bar(bar) => bar.inc(by),
            Shown::Lines(lines) => {
                if let Some(line) = lines.advance(by, Instant::now()) {
                    complain(line);
                }
            }
            Shown::Nothing => {}
        }
    }

    /// Tells something on a line of its own.
    pub(crate) fn complain(&self, text: impl Display) {
        match &self.shown {
            Shown::Bar(bar) => bar.suspend(|| complain(text)),
            _ => complain(text),
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

/// The lines, and when the next is due.
#[derive(Debug)]
struct Lines {
    what: &'static str,
    total: u64,
    done: u64,
    begun: Instant,
    due: Instant,
}

impl Lines {
    fn new(what: &'static str, total: u64, now: Instant) -> Self {
        Self { what, total, done: 0, begun: now, due: now + PAUSE }
    }

    /// So many more are done; a line if one is due.
    fn advance(&mut self, by: u64, now: Instant) -> Option<String> {
        self.done += by;
        if now < self.due {
            return None;
        }
        self.due = now + PAUSE;
        // There may be more by now than there were when they were counted.
        let (done, total) = (self.done, self.total.max(self.done));
        let percent = done * 100 / total.max(1);
        let left = (now - self.begun).as_secs_f64() / done.max(1) as f64 * (total - done) as f64;
        Some(format!("{}: {done} of {total} ({percent} %), {left:.0} s left", self.what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_each_few_seconds() {
        let now = Instant::now();
        let at = |seconds| now + Duration::from_secs(seconds);
        let mut lines = Lines::new("Looking at recordings", 1000, now);
        assert_eq!(lines.advance(100, at(4)), None);
        let told = "Looking at recordings: 200 of 1000 (20 %), 20 s left";
        assert_eq!(lines.advance(100, at(5)).as_deref(), Some(told));
        assert_eq!(lines.advance(100, at(9)), None);
        let told = "Looking at recordings: 1200 of 1200 (100 %), 0 s left";
        assert_eq!(lines.advance(900, at(11)).as_deref(), Some(told), "more than were counted");
        let mut none = Lines::new("x", 0, now);
        assert_eq!(none.advance(0, at(5)).as_deref(), Some("x: 0 of 0 (0 %), 0 s left"));
    }

    #[test]
    fn the_bar_can_be_drawn() {
        assert!(ProgressStyle::with_template(BAR).is_ok());
    }
}
