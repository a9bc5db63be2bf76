//! The connections of this process: one that writes, and some that only read and so wait for nobody.

use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection, Transaction};
use tokio::sync::Mutex;

use crate::monitoring::pools::{self, Connections, Store};
use crate::thread_slot;

/// How long an operation waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// The connections to the file.
pub(crate) struct Link {
    writer: Line,
    readers: Vec<Line>,
}

/// One connection, whose users come one by one.
///
/// sqlx's own pool would ask the connection's thread twice more for each use, whether it is alive.
struct Line {
    options: SqliteConnectOptions,
    connection: Arc<Mutex<Option<SqliteConnection>>>,
}

impl Link {
    /// `options` are for whatever is opened later: the readers when they are first used.
    pub(crate) fn new(
        store: Store,
        writer: SqliteConnection,
        options: &SqliteConnectOptions,
        readers: usize,
    ) -> Self {
        let line = |options, connection| Line { options, connection: Arc::new(Mutex::new(connection)) };
        let reading = || options.clone().pragma("query_only", "ON");
        let link = Self {
            writer: line(options.clone(), Some(writer)),
            readers: (0..readers.max(1)).map(|_| line(reading(), None)).collect(),
        };
        link.watch(store);
        link
    }

    fn watch(&self, store: Store) {
        let all = std::iter::once(&self.writer).chain(&self.readers);
        let all: Vec<_> = all.map(|line| Arc::downgrade(&line.connection)).collect();
        pools::watch(store, move || {
            let mut found = Connections { most: all.len() as u64, ..Connections::default() };
            for line in &all {
                // Who holds it is at work with it.
                let line = line.upgrade()?;
                let (open, used) = line.try_lock().map_or((true, true), |held| (held.is_some(), false));
                found.open += u64::from(open);
                found.used += u64::from(used);
            }
            Some(found)
        });
    }

    /// Runs a query that changes nothing.
    pub(crate) async fn read<T>(
        &self,
        operation: impl AsyncFnOnce(&mut SqliteConnection) -> sqlx::Result<T>,
    ) -> sqlx::Result<T> {
        let reader = &self.readers[thread_slot::of(self.readers.len())];
        reader.run(operation).await
    }

    /// Runs one writing statement, which is a transaction of its own.
    pub(crate) async fn write<T>(
        &self,
        operation: impl AsyncFnOnce(&mut SqliteConnection) -> sqlx::Result<T>,
    ) -> sqlx::Result<T> {
        self.writer.run(operation).await
    }

    /// Runs several statements as one transaction, which holds the write lock from its beginning: what
    /// it reads stays true until it is done.
    pub(crate) async fn transact<T, E: From<sqlx::Error>>(
        &self,
        operation: impl AsyncFnOnce(&mut Transaction<'_, Sqlite>) -> Result<T, E>,
    ) -> Result<T, E> {
        let result = self.writer.run(async |connection: &mut SqliteConnection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            match operation(&mut transaction).await {
                Ok(value) => {
                    transaction.commit().await?;
                    Ok(Ok(value))
                }
                Err(error) => {
                    transaction.rollback().await?;
                    Ok(Err(error))
                }
            }
        });
        result.await?
    }
}

impl Line {
    async fn run<T>(
        &self,
        operation: impl AsyncFnOnce(&mut SqliteConnection) -> sqlx::Result<T>,
    ) -> sqlx::Result<T> {
        let turn = tokio::time::timeout(PATIENCE, self.connection.lock());
        let mut current = turn.await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        let connection = match &mut *current {
            Some(connection) => connection,
            none => none.insert(self.options.connect().await?),
        };
        let result = operation(connection).await;
        if matches!(result, Err(sqlx::Error::WorkerCrashed)) {
            *current = None;
        }
        result
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("readers", &self.readers.len()).finish_non_exhaustive()
    }
}
