//! Ending meetings within the time of a task.

use std::io;
use std::time::Duration;

use scalelite_core::operating::ending::{self, Ending};
pub(super) use scalelite_core::operating::ending::{EndError, Outcome};
use scalelite_core::pool::server::Route;
use scalelite_core::state::Meeting;

use super::{Context, TaskError};
use crate::output::Output;

/// All calls of a task together take no longer.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(60);

impl Context {
    /// What meetings are ended with, and where it is told.
    pub(super) fn ending(&mut self, end: bool) -> (Ending<'_>, &mut Output) {
        let limit = end.then_some(TIME_LIMIT);
        (Ending { state: self.state.as_ref(), client: &self.client, limit }, &mut self.out)
    }
}

/// [`ending::forget_and_end`], with `end` for each meeting to its server.
pub(super) async fn forget_and_end<'a>(
    context: &mut Context,
    meetings: impl IntoIterator<Item = (Option<&'a Route>, &'a Meeting)>,
    mut tell: impl FnMut(&mut Output, &Meeting, Outcome) -> io::Result<()>,
) -> Result<(), TaskError> {
    let (ending, out) = context.ending(true);
    ending::forget_and_end(ending, meetings, |meeting, outcome| Ok(tell(out, meeting, outcome)?)).await
}
