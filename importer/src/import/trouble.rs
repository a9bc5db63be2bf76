//! Why an import did not come to its end, and what that means for the tar.

use std::io;

use scalelite_core::recordings::catalog::CatalogError;
use scalelite_core::recordings::store::StoreError;
use tokio::task::JoinError;

use crate::unpack::UnpackError;

/// An import did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// No import will ever do better: the tar goes to `failed/`.
    #[error("{0}")]
    Refused(String),
    /// It is not whole, or not readable; that may change when all of it has arrived.
    #[error("{0}")]
    Unfinished(String),
    /// The file has changed, or is gone.
    #[error("it has changed meanwhile")]
    Changed,
    /// This process is to end, or another one has taken over.
    #[error("it was stopped")]
    Stopped,
    /// Something else is away, or full: the tar stays where it is.
    #[error("{0}")]
    Passing(String),
}

impl Trouble {
    /// What the file system says of the tar itself.
    pub(super) fn reading(error: &io::Error) -> Self {
        let text = format!("it cannot be read: {error}");
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::Unfinished(text),
            _ => Self::Passing(text),
        }
    }
}

impl From<UnpackError> for Trouble {
    fn from(error: UnpackError) -> Self {
        match error {
            UnpackError::Truncated(_) => Self::Unfinished(error.to_string()),
            UnpackError::Refused(_) => Self::Refused(error.to_string()),
            UnpackError::Read(error) => Self::reading(&error),
            UnpackError::Write { .. } => Self::Passing(error.to_string()),
            UnpackError::Stopped => Self::Stopped,
        }
    }
}

impl From<CatalogError> for Trouble {
    fn from(error: CatalogError) -> Self {
        match error {
            CatalogError::LeaseLost(_) => Self::Stopped,
            // What the database will not take, although it is there.
            CatalogError::Database(_) if !error.is_passing() => Self::Refused(error.to_string()),
            _ => Self::Passing(error.to_string()),
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        if error.is_passing() { Self::Passing(error.to_string()) } else { Self::Refused(error.to_string()) }
    }
}

impl From<JoinError> for Trouble {
    fn from(error: JoinError) -> Self {
        if error.is_panic() {
            Self::Refused(format!("the importer failed on it unexpectedly: {error}"))
        } else {
            Self::Stopped
        }
    }
}
