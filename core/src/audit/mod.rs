//! The audit log: who changed what, on what, and when.
//!
//! A change is one structured line of the log ([`TARGET`], level `info`) and, where there is a database of recordings,
//! a row in it, which is kept for [`KEPT`]. Nothing in it is a secret: of a secret that opened a call, only a
//! [`fingerprint`] is told. [`note`] is all that whoever changes something has to call; it never fails.

use std::time::Duration;

use tokio::time::timeout;

use crate::recordings::catalog::{Catalog, CatalogError};

mod actor;
mod change;
mod hidden;

pub use actor::{Actor, fingerprint, host_name};
pub use change::{Change, NotedChange};
pub use hidden::{is_secret, without_user};

/// The target of the lines in the log.
pub const TARGET: &str = "scalelite::audit";

/// How long a change is remembered in the database.
pub const KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// How long a database may take. Who has changed something does not wait for longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Notes these changes, which were made just now. A database that is away makes a warning, and their lines in the log
/// are all there is.
pub async fn note(catalog: Option<&dyn Catalog>, changes: &[Change]) {
    changes.iter().for_each(Change::log);
    let Some(catalog) = catalog.filter(|_| !changes.is_empty()) else { return };
    match timeout(PATIENCE, catalog.note_changes(changes)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => lost(changes, Some(&error)),
        Err(_) => lost(changes, None),
    }
}

/// Tells that changes are not in the database.
fn lost(changes: &[Change], error: Option<&CatalogError>) {
    let why = error.map_or_else(|| "the database does not answer".to_owned(), ToString::to_string);
    let (first, number) = (changes.first().map(Change::what).unwrap_or_default(), changes.len());
    tracing::warn!(what = first, changes = number, "done, but not noted in the audit log: {why}");
}
