//! Why the live state cannot do something.

use crate::sqlite::FileError;

/// The live state cannot be used now. Callers answer with an error and try again later.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Redis is away, or refused a command.
    #[error("Redis: {0}")]
    Redis(#[from] ::redis::RedisError),
    /// The embedded database is away, or refused a statement.
    #[error("SQLite: {0}")]
    Sqlite(#[from] sqlx::Error),
    /// What is stored there is not what this program or the original writes.
    #[error("unexpected content: {0}")]
    Content(&'static str),
    /// A file of the embedded state cannot be used.
    #[error("cannot use {path}: {source}")]
    File {
        /// The file or directory.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl From<FileError> for StateError {
    fn from(FileError { path, source }: FileError) -> Self {
        Self::File { path, source }
    }
}
