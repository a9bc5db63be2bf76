//! Why the catalog cannot do something.

use crate::sqlite::FileError;

/// All keys and values that [`Catalog::update`](super::Catalog::update) may leave a recording with, in bytes.
pub const MOST_METADATA: i64 = 64 * 1024;

/// The catalog cannot be used now, or not like that.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The database is away, or refused a statement.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// A migration failed.
    #[error("the database cannot be brought to the schema: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The database lacks migrations.
    #[error("migrations are pending: run `scalelite db:migrate`")]
    MigrationsPending,
    /// A lease that the operation needs was lost to another process.
    #[error("another process has taken over: the lease of {0} is lost")]
    LeaseLost(String),
    /// Metadata of a recording would be larger than all its readers can bear.
    #[error("the metadata of a recording would be larger than {MOST_METADATA} bytes")]
    TooMuchMetadata,
    /// A file of the embedded database cannot be used.
    #[error("cannot use {path}: {source}")]
    File {
        /// The file or directory.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl CatalogError {
    /// Whether the same may well succeed in a moment: the database is away, restarting or busy. Nothing was
    /// changed, or it is not known whether it was.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            // What it was given cannot be stored, today or tomorrow: too large, not text, too long.
            Self::Database(sqlx::Error::Database(error)) => {
                !error.code().is_some_and(|code| code.starts_with("22") || code.starts_with("54"))
            }
            Self::Database(sqlx::Error::Encode(_) | sqlx::Error::Decode(_)) => false,
            Self::Database(_) | Self::MigrationsPending | Self::File { .. } => true,
            Self::Migration(_) | Self::LeaseLost(_) | Self::TooMuchMetadata => false,
        }
    }
}

impl From<FileError> for CatalogError {
    fn from(FileError { path, source }: FileError) -> Self {
        Self::File { path, source }
    }
}
