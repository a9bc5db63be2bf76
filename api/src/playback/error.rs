//! What a viewer sees of an error: a page, for a person.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use scalelite_core::recordings::catalog::CatalogError;
use scalelite_core::recordings::cloudfront::SignError;
use scalelite_core::recordings::store::StoreError;
use scalelite_core::state::StateError;

/// Why nothing is played.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlaybackError {
    /// There is nothing to be played, or not for this viewer.
    #[error("there is nothing to be played")]
    NotFound,
    /// The database is away.
    #[error("the database of recordings cannot be used: {0}")]
    Catalog(#[from] CatalogError),
    /// The live state is away.
    #[error("the live state cannot be used: {0}")]
    State(#[from] StateError),
    /// The files are away.
    #[error("the files of recordings cannot be used: {0}")]
    Store(#[from] StoreError),
    /// A file cannot be read.
    #[error("cannot read {path} in RECORDING_PUBLISH_DIR: {source}")]
    File {
        /// Its path below the directory.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The work on a file, or a signature, ended unexpectedly.
    #[error("the work on it ended unexpectedly: {0}")]
    Task(#[from] tokio::task::JoinError),
    /// No cookie can be signed.
    #[error("a cookie cannot be signed: {0}")]
    Cookie(#[from] jsonwebtoken::errors::Error),
    /// No cookies for CloudFront can be signed.
    #[error(transparent)]
    CloudFront(#[from] SignError),
}

impl ResponseError for PlaybackError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.content_type("text/html; charset=utf-8").insert_header((CACHE_CONTROL, "no-store"));
        match self {
            Self::NotFound => response.body(include_str!("recording_not_found.html")),
            error => {
                tracing::error!(%error, "a recording cannot be played");
                response.insert_header((RETRY_AFTER, "10")).body(include_str!("unavailable.html"))
            }
        }
    }
}
