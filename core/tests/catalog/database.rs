//! The databases that the contract runs on.

use std::any::Any;
use std::sync::Arc;

use scalelite_core::recordings::catalog::Catalog;
use scalelite_core::recordings::postgres::PostgresCatalog;
use scalelite_core::recordings::sqlite::SqliteCatalog;
use scalelite_testbed::postgres::PostgresServer;
use tempfile::TempDir;

/// A new database with all migrations.
pub(crate) struct Database {
    pub(crate) catalog: Arc<dyn Catalog>,
    /// Ends with it.
    place: Box<dyn Any + Send + Sync>,
}

impl Database {
    /// Forgets all recordings, where it is PostgreSQL: making another one takes longer.
    pub(crate) fn clear(&self) {
        let server = self.place.downcast_ref::<PostgresServer>().expect("it is PostgreSQL");
        server
            .psql("TRUNCATE recordings, metadata, playback_formats, thumbnails, ext_tree_work, ext_imports");
    }
}

pub(crate) async fn sqlite() -> Database {
    let dir = TempDir::new().unwrap();
    let catalog = SqliteCatalog::open(&dir.path().join("recordings.sqlite3")).await.unwrap();
    catalog.migrate().await.unwrap();
    Database { catalog: Arc::new(catalog), place: Box::new(dir) }
}

pub(crate) async fn postgres() -> Database {
    let server = PostgresServer::start();
    let catalog = PostgresCatalog::new(&server.url(), 2).unwrap();
    catalog.migrate().await.unwrap();
    Database { catalog: Arc::new(catalog), place: Box::new(server) }
}
