//! The database file: made with the right mode, brought to the schema, opened.

use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::state::StateError;

/// What brings a file from each version of the schema (`PRAGMA user_version`) to the next one, from none on.
const SCHEMA: [&str; 2] = [include_str!("schema.sql"), include_str!("schema_2.sql")];

/// How long a statement waits for the lock that another process holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long processes that start together wait for each other.
const START_TIMEOUT: Duration = Duration::from_secs(15);
const START_PAUSE: Duration = Duration::from_millis(20);

/// Makes the directory and the file where they are missing, for the owner only: the state holds secrets.
/// SQLite gives the files beside it the same mode.
pub(super) async fn make(path: &Path) -> Result<(), StateError> {
    if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        let made = tokio::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).await;
        made.map_err(|source| StateError::File { path: dir.to_owned(), source })?;
    }
    // A file that is there must not even be opened: closing it would drop the locks that SQLite holds on
    // it elsewhere in this process.
    let made = tokio::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).await;
    match made {
        Err(source) if source.kind() != ErrorKind::AlreadyExists => {
            Err(StateError::File { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// How connections to the file are opened.
pub(super) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        // With a write-ahead log this survives the death of any process; only a power cut may lose the
        // last moments, and never the consistency.
        .synchronous(SqliteSynchronous::Normal)
        .thread_name(|number| format!("live-state-{number}"))
        .disable_statement_logging()
}

/// Opens the file for writing and brings it to the schema. Several processes may do this at once.
pub(super) async fn open(path: &Path) -> Result<SqliteConnection, StateError> {
    let options = options(path).journal_mode(SqliteJournalMode::Wal);
    let deadline = Instant::now() + START_TIMEOUT;
    loop {
        match open_once(&options).await {
            // Where two processes turn a new file to its write-ahead log, SQLite does not wait by itself.
            Err(StateError::Sqlite(error)) if is_busy(&error) && Instant::now() < deadline => {
                tokio::time::sleep(START_PAUSE).await;
            }
            result => return result,
        }
    }
}

async fn open_once(options: &SqliteConnectOptions) -> Result<SqliteConnection, StateError> {
    let mut connection = options.connect().await?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *transaction).await?;
    let missing = usize::try_from(version).ok().and_then(|version| SCHEMA.get(version..));
    let newer = StateError::Content("the file was made by a newer version of this program");
    for step in missing.ok_or(newer)? {
        sqlx::raw_sql(*step).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(connection)
}

/// Whether another process holds the lock. The low byte is the kind of the error.
fn is_busy(error: &sqlx::Error) -> bool {
    const SQLITE_BUSY: u32 = 5;
    let code = error.as_database_error().and_then(|error| error.code());
    code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| code & 0xff == SQLITE_BUSY)
}
