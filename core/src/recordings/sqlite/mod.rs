//! The catalog in SQLite: for one host, whose processes all use the same file (CONTRACT §8, §10).

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::sqlite::SqliteSynchronous;

use super::catalog::CatalogError;
use crate::monitoring::pools::Store;
use crate::sqlite::{self, Link};

mod audit;
mod callbacks;
mod changes;
mod database;
mod ends;
mod find;
mod imports;
mod leases;
mod pick;
mod time;
mod told;
mod tree_work;
mod usage;

/// The catalog in a file of SQLite.
#[derive(Debug)]
pub struct SqliteCatalog {
    link: Link,
}

impl SqliteCatalog {
    /// Opens the file, and makes it (mode 0600) and its directory (mode 0700) if they are missing. Several
    /// processes of one host may do so at the same time; it must not be on a network file system.
    ///
    /// # Errors
    ///
    /// The file cannot be made or opened.
    pub async fn open(path: &Path) -> Result<Self, CatalogError> {
        sqlite::make(path).await?;
        // A tar is removed once its recording is here: what is committed must survive a power cut.
        let options = sqlite::options(path, "recordings").synchronous(SqliteSynchronous::Full);
        let writer = sqlite::open(&options).await?;
        let readers = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
        Ok(Self { link: Link::new(Store::RecordingsSqlite, writer, &options, readers) })
    }
}

/// The host's clock, in microseconds since 1970: the same for all processes that share the file.
fn now() -> i64 {
    micros(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// A list as a parameter: SQLite has no arrays, but it reads JSON.
fn json<T: serde::Serialize + ?Sized>(list: &T) -> String {
    // Texts and numbers are always written.
    serde_json::to_string(list).unwrap_or_default()
}

impl_catalog!(SqliteCatalog);
