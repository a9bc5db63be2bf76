//! The databases, full of recordings: made once, then kept for later runs.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use scalelite_core::recordings::catalog::Catalog;
use scalelite_core::recordings::postgres::PostgresCatalog;
use scalelite_core::recordings::sqlite::SqliteCatalog;
use scalelite_testbed::postgres::{Durability, PostgresServer};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use super::shape::Shape;

/// Which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    Postgres,
    Sqlite,
}

/// A full database.
pub(crate) enum Database {
    Postgres(PostgresServer),
    Sqlite(PathBuf),
}

impl Database {
    /// Opens the one in `dir`; makes it if it is not there.
    pub(crate) async fn open(kind: Kind, dir: &Path, shape: Shape) -> anyhow::Result<Self> {
        let dir = dir.join(format!("{kind:?}-{}", shape.recordings).to_lowercase());
        let ready = dir.join("ready");
        let old = ready.exists();
        if !old && dir.exists() {
            std::fs::remove_dir_all(&dir).context("what a run left that was cut off")?;
        }
        std::fs::create_dir_all(&dir)?;
        let started = Instant::now();
        let database = match kind {
            Kind::Postgres => {
                let server = PostgresServer::kept(Durability::Full, &dir);
                if !old {
                    fill_postgres(&server, shape).await?;
                }
                Self::Postgres(server)
            }
            Kind::Sqlite => {
                let file = dir.join("recordings.sqlite3");
                if !old {
                    fill_sqlite(&file, shape).await?;
                }
                Self::Sqlite(file)
            }
        };
        if !old {
            eprintln!("{} recordings made in {:.0?}", shape.recordings, started.elapsed());
            std::fs::write(ready, "")?;
        }
        Ok(database)
    }

    /// For `DATABASE_URL`.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Postgres(server) => server.url(),
            Self::Sqlite(file) => format!("sqlite:{}", file.display()),
        }
    }

    /// For measurements without a front end.
    pub(crate) async fn catalog(&self, slots: usize) -> anyhow::Result<Box<dyn Catalog>> {
        Ok(match self {
            Self::Postgres(server) => Box::new(PostgresCatalog::new(&server.url(), slots)?),
            Self::Sqlite(file) => Box::new(SqliteCatalog::open(file).await?),
        })
    }
}

/// As the original would have left it; then it is taken over.
async fn fill_postgres(server: &PostgresServer, shape: Shape) -> anyhow::Result<()> {
    server.psql(include_str!("../../../migrations/postgres/0001_recordings.sql"));
    server.psql(&shape.fill(include_str!("postgres.sql")));
    server.psql("VACUUM ANALYZE");
    let took = migrate(&PostgresCatalog::new(&server.url(), 1)?).await?;
    eprintln!("database of {} recordings taken over in {took:.1?}", shape.recordings);
    server.psql("VACUUM ANALYZE");
    server.psql("CHECKPOINT");
    Ok(())
}

async fn fill_sqlite(file: &Path, shape: Shape) -> anyhow::Result<()> {
    migrate(&SqliteCatalog::open(file).await?).await?;
    let options = SqliteConnectOptions::new().filename(file).pragma("synchronous", "OFF");
    let options = options.pragma("cache_size", "-1000000").pragma("temp_store", "MEMORY");
    let mut connection = options.disable_statement_logging().connect().await?;
    let indexes: Vec<(String, String)> =
        sqlx::query_as("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
            .fetch_all(&mut connection)
            .await?;
    for (name, _) in &indexes {
        connection.execute(AssertSqlSafe(format!("DROP INDEX {name}"))).await?;
    }
    connection.execute(AssertSqlSafe(shape.fill(include_str!("sqlite.sql")))).await?;
    for (_, sql) in indexes {
        connection.execute(AssertSqlSafe(sql)).await?;
    }
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
    connection.close().await?;
    Ok(())
}

async fn migrate(catalog: &dyn Catalog) -> anyhow::Result<Duration> {
    let started = Instant::now();
    catalog.migrate().await?;
    Ok(started.elapsed())
}
