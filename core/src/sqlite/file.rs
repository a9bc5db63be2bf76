//! The file: made with the right mode, opened.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};

/// How long a statement waits for the lock that another process holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long processes that start together wait for each other.
const START_TIMEOUT: Duration = Duration::from_secs(15);
const START_PAUSE: Duration = Duration::from_millis(20);

/// A file or directory that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {path}: {source}")]
pub(crate) struct FileError {
    pub(crate) path: PathBuf,
    pub(crate) source: io::Error,
}

/// Makes the directory and the file where they are missing, for the owner only: what is in it is secret.
/// SQLite gives the files beside it the same mode.
pub(crate) async fn make(path: &Path) -> Result<(), FileError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| FileError { path, source }
    };
    if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        let made = tokio::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).await;
        made.map_err(failed(dir))?;
    }
    // A file that is there must not even be opened: closing it would drop the locks that SQLite holds on
    // it elsewhere in this process.
    let made = tokio::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).await;
    match made {
        Err(source) if source.kind() != ErrorKind::AlreadyExists => Err(failed(path)(source)),
        _ => Ok(()),
    }
}

/// How connections to the file are opened; their threads have names that begin like this.
pub(crate) fn options(path: &Path, threads: &'static str) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        // With a write-ahead log this survives the death of any process; only a power cut may lose the
        // last moments, and never the consistency.
        .synchronous(SqliteSynchronous::Normal)
        .thread_name(move |number| format!("{threads}-{number}"))
        .disable_statement_logging()
}

/// Opens the file for writing, with a write-ahead log. Several processes may do this at once.
pub(crate) async fn open(options: &SqliteConnectOptions) -> sqlx::Result<SqliteConnection> {
    let options = options.clone().journal_mode(SqliteJournalMode::Wal);
    let deadline = Instant::now() + START_TIMEOUT;
    loop {
        match options.connect().await {
            // Where two processes turn a new file to its write-ahead log, SQLite does not wait by itself.
            Err(error) if is_busy(&error) && Instant::now() < deadline => {
                tokio::time::sleep(START_PAUSE).await;
            }
            result => return result,
        }
    }
}

/// Whether another process holds the lock. The low byte is the kind of the error.
fn is_busy(error: &sqlx::Error) -> bool {
    const SQLITE_BUSY: u32 = 5;
    let code = error.as_database_error().and_then(|error| error.code());
    code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| code & 0xff == SQLITE_BUSY)
}
