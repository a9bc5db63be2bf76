//! Front ends that want to be told when a meeting is over (CONTRACT §7).
//!
//! A meeting is over when it is not known any more: whoever has forgotten it (a poll, an `end`, a task, another
//! Scalelite beside us, time) need not care who waits for that, nor is anything lost if it dies.

use std::collections::HashSet;
use std::time::Duration;

use scalelite_core::callbacks::END_GRACE;
use scalelite_core::recordings::catalog::{Catalog, CatalogError};
use scalelite_core::state::StateError;

use crate::pass::Poller;

/// How many are read at once.
const BATCH: u32 = 1000;
/// A pass does not wait longer for the database.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why it is not known which meetings are over. The next pass finds out.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error("the live state: {0}")]
    State(#[from] StateError),
    #[error("the database does not answer within {PATIENCE:?}")]
    Late,
}

impl Poller {
    /// Notes which of the meetings whose end is awaited are over.
    pub(crate) async fn note_ends(&self) {
        let Some(catalog) = self.catalog.as_deref() else { return };
        let noted = tokio::time::timeout(PATIENCE, self.note_ends_in(catalog)).await;
        if let Err(error) = noted.unwrap_or(Err(Trouble::Late)) {
            tracing::warn!(%error, "front ends are told later which meetings are over");
        }
    }

    async fn note_ends_in(&self, catalog: &dyn Catalog) -> Result<(), Trouble> {
        let mut awaited = Vec::new();
        loop {
            let after = awaited.last().map(|end: &scalelite_core::callbacks::AwaitedEnd| end.token.as_str());
            let found = catalog.awaited_ends(after, BATCH).await?;
            if found.is_empty() {
                break;
            }
            awaited.extend(found);
        }
        if awaited.is_empty() {
            return Ok(());
        }
        // In this order: a meeting is known before its end is awaited.
        let known: HashSet<String> =
            self.state.meetings().await?.into_iter().map(|meeting| meeting.id).collect();
        awaited.retain(|end| !known.contains(&end.meeting_id));
        for over in awaited.chunks(BATCH as usize) {
            let tokens: Vec<String> = over.iter().map(|end| end.token.clone()).collect();
            catalog.meetings_over(&tokens, END_GRACE).await?;
        }
        Ok(())
    }
}
