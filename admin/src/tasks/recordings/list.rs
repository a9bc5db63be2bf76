//! `recordings:list`: recordings as they come from the database, however many there are.

use std::sync::Arc;

use scalelite_core::recordings::model::{Filter, Recording, States};
use scalelite_core::recordings::walk::Walk;

use super::view::RecordingView;
use super::{Library, TaskError, text};
use crate::cli::ListRecordings;
use crate::output::{Output, complain};
use crate::progress::Progress;

/// `recordings:list`
pub(super) async fn list(library: &mut Library, arguments: &ListRecordings) -> Result<(), TaskError> {
    let filter = filter(arguments);
    let mut left = arguments.limit.unwrap_or(u64::MAX);
    let total = library.catalog.page(&filter, 0, 1).await?.total.min(left);
    let mut progress = Progress::beside_output("Listing recordings", total);
    let mut printer = Printer::new(arguments.json);
    let mut walk = Walk::new(Arc::clone(&library.catalog), filter);
    // Nobody waits for what nobody reads.
    while left > 0 && !library.out.is_unread() {
        let recordings = walk.next().await?;
        if recordings.is_empty() {
            break;
        }
        let taken = recordings.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        for recording in &recordings[..taken] {
            printer.print(&mut library.out, recording)?;
        }
        left -= taken as u64;
        progress.advance(taken);
    }
    drop(progress);
    printer.end(&mut library.out)
}

fn filter(arguments: &ListRecordings) -> Filter {
    let states = arguments.states();
    Filter {
        record_ids: arguments.records(),
        meeting_ids: arguments.meetings.clone(),
        states: match states.as_slice() {
            [] => States::default(),
            named if named.iter().any(|state| state == "any") => States::Any,
            _ => States::of(states),
        },
        metadata: Vec::new(),
        tenant_id: arguments.tenant.clone(),
    }
}

/// A list of which nobody knows the end.
struct Printer {
    json: bool,
    printed: bool,
}

impl Printer {
    fn new(json: bool) -> Self {
        Self { json, printed: false }
    }

    fn print(&mut self, out: &mut Output, recording: &Recording) -> Result<(), TaskError> {
        let first = !std::mem::replace(&mut self.printed, true);
        if self.json {
            let object =
                serde_json::to_string(&RecordingView::from(recording)).map_err(std::io::Error::from)?;
            out.text(if first { "[\n" } else { ",\n" })?;
            return Ok(out.text(object)?);
        }
        if first {
            out.line(text::line(&text::HEADING))?;
        }
        Ok(out.line(text::brief(recording))?)
    }

    fn end(self, out: &mut Output) -> Result<(), TaskError> {
        match (self.json, self.printed) {
            (true, true) => out.line("\n]")?,
            (true, false) => out.line("[]")?,
            (false, true) => {}
            (false, false) => complain("No recordings are there"),
        }
        Ok(())
    }
}
