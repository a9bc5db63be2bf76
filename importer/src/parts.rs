//! What every import needs.

use std::sync::Arc;
use std::time::Duration;

use scalelite_core::config::{Config, ImportConfig};
use scalelite_core::recordings::catalog::Catalog;
use scalelite_core::recordings::store::Store;

use crate::spool::Spool;
use crate::syncs::Syncs;
use crate::unpack::Limits;

/// The parts of an importer.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) import: ImportConfig,
    /// `PROTECTED_RECORDINGS_ENABLED`.
    pub(crate) protected: bool,
    /// An upload that nobody has gone on with for this long is removed.
    pub(crate) upload_expiry: Duration,
    pub(crate) catalog: Arc<dyn Catalog>,
    pub(crate) store: Store,
    pub(crate) syncs: Syncs,
    pub(crate) spool: Spool,
}

impl Parts {
    pub(crate) fn new(config: &Config, catalog: Arc<dyn Catalog>, store: Store) -> Self {
        Self {
            import: config.recordings.import.clone(),
            protected: config.recordings.protected_enabled,
            upload_expiry: config.recordings.upload.expiry,
            catalog,
            syncs: Syncs::new(store.clone()),
            store,
            spool: Spool::new(config.recordings.spool_dir.clone()),
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits { entries: self.import.max_entries, bytes: self.import.max_bytes }
    }
}
