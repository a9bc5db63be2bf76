//! All recordings that a filter lets pass, newest first, a bit at a time: however many there are, few of them are in
//! memory, and no connection is held while they are passed on.

use std::sync::Arc;

use super::catalog::{Catalog, CatalogError};
use super::model::{Cursor, Filter, Recording};

/// Recordings in one bit.
const AT_ONCE: u32 = 200;

/// A walk through the catalog.
#[derive(Debug)]
pub struct Walk {
    catalog: Arc<dyn Catalog>,
    filter: Filter,
    rest: Rest,
}

#[derive(Debug)]
enum Rest {
    /// What comes after the cursor, or all.
    After(Option<Cursor>),
    /// The rows that were found, the next one last.
    Found(Vec<i64>),
    Nothing,
}

impl Walk {
    /// A walk that begins with the newest.
    #[must_use]
    pub fn new(catalog: Arc<dyn Catalog>, filter: Filter) -> Self {
        Self { catalog, filter, rest: Rest::After(None) }
    }

    /// Whether there is nothing left.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.rest, Rest::Nothing)
    }

    /// The next recordings; none: there are no more.
    ///
    /// # Errors
    ///
    /// Those of [`Catalog::chunk`]. The same call may be made again.
    pub async fn next(&mut self) -> Result<Vec<Recording>, CatalogError> {
        loop {
            let recordings = match &mut self.rest {
                Rest::Nothing => return Ok(Vec::new()),
                Rest::After(cursor) => {
                    let cursor = *cursor;
                    let recordings = self.catalog.chunk(&self.filter, cursor, AT_ONCE).await?;
                    let more = recordings.len() >= AT_ONCE as usize;
                    let last = recordings.last().map(Cursor::from).filter(|_| more);
                    self.rest = match last {
                        None => Rest::Nothing,
                        Some(last) if self.filter.is_by_state_only() => Rest::After(Some(last)),
                        Some(last) => {
                            let mut found = self.catalog.rest(&self.filter, Some(last)).await?;
                            found.reverse();
                            Rest::Found(found)
                        }
                    };
                    return Ok(recordings);
                }
                Rest::Found(found) => {
                    let from = found.len().saturating_sub(AT_ONCE as usize);
                    let next: Vec<i64> = found[from..].iter().rev().copied().collect();
                    let recordings = self.catalog.recordings(&next).await?;
                    found.truncate(from);
                    if found.is_empty() {
                        self.rest = Rest::Nothing;
                    }
                    recordings
                }
            };
            // All of a bit may be gone by now, and there may be more all the same.
            if !recordings.is_empty() {
                return Ok(recordings);
            }
        }
    }
}
