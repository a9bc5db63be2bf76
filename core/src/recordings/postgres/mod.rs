//! The catalog in PostgreSQL (CONTRACT §10): Scalelite's own tables, and a few of ours beside them.

use super::catalog::CatalogError;

mod audit;
mod callbacks;
mod changes;
mod create;
mod database;
mod ends;
mod find;
mod imports;
mod leases;
mod link;
mod pick;
mod time;
mod told;
mod tree_work;
mod usage;

pub use create::create;
use link::Link;

/// The catalog in PostgreSQL.
#[derive(Debug)]
pub struct PostgresCatalog {
    link: Link,
}

impl PostgresCatalog {
    /// The database of this URL, used by so many threads at the same time. Connects nowhere yet.
    ///
    /// # Errors
    ///
    /// The URL cannot be read.
    pub fn new(url: &str, slots: usize) -> Result<Self, CatalogError> {
        Ok(Self { link: Link::new(url, slots)? })
    }
}

impl_catalog!(PostgresCatalog);
