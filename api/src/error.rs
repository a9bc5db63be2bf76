//! What a client sees of an error: mapped here and nowhere else.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use scalelite_core::bbb::client::CallError;
use scalelite_core::bbb::error::BbbError;
use scalelite_core::bbb::params::ParamsError;
use scalelite_core::bbb::xml;
use scalelite_core::recordings::catalog::CatalogError;
use scalelite_core::recordings::operations::OperationError;
use scalelite_core::state::StateError;

/// Why a call is not answered as asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// The call fails by the rules of the API.
    #[error(transparent)]
    Bbb(#[from] BbbError),
    /// The live state is away.
    #[error("the live state cannot be used: {0}")]
    State(#[from] StateError),
    /// The recordings' database is away.
    #[error("the recordings' database cannot be used: {0}")]
    Catalog(#[from] CatalogError),
    /// An operation on recordings was not done.
    #[error("not done with a recording: {0}")]
    Operation(#[from] OperationError),
    /// A server gave no usable answer; the text is what the client is told.
    #[error("{told} ({cause})")]
    Server {
        /// What the client is told.
        told: &'static str,
        /// What happened.
        cause: CallError,
    },
    /// The parameters cannot be read.
    #[error(transparent)]
    Params(#[from] ParamsError),
    /// The body is larger than this call may have, in bytes.
    #[error("the body is larger than {0} bytes")]
    BodyTooLarge(usize),
    /// The body stood still, or took too long.
    #[error("the body did not come in time")]
    BodyTooSlow,
    /// The body had not come yet when this process was told to end.
    #[error("the load balancer is being restarted")]
    Stopping,
    /// The body broke off or cannot be read.
    #[error("the body cannot be read: {0}")]
    Body(String),
}

/// What the client is told when a server gave no usable answer.
pub(crate) const NO_ACCESS: &str = "Unable to access meeting on server.";

impl ApiError {
    /// A failed call to a server: its own error is passed on, anything else is told as `told`.
    pub(crate) fn of_call(told: &'static str) -> impl FnOnce(CallError) -> Self {
        move |cause| match cause {
            CallError::Failed(error) => Self::Bbb(error),
            cause => Self::Server { told, cause },
        }
    }

    /// What the client is told.
    pub(crate) fn seen(&self) -> BbbError {
        match self {
            Self::Bbb(error) => error.clone(),
            Self::State(_) => {
                BbbError::internal("The load balancer's live state is not available at the moment.")
            }
            Self::Catalog(error @ CatalogError::TooMuchMetadata) => BbbError::bad_parameters(error),
            Self::Catalog(_) | Self::Operation(OperationError::Catalog(_) | OperationError::Store(_)) => {
                BbbError::internal("The recordings are not available at the moment.")
            }
            Self::Operation(OperationError::Busy(_)) => {
                BbbError::internal("The recording is being worked on. Try again in a moment.")
            }
            Self::Server { told, .. } => BbbError::internal(*told),
            Self::Params(error) => BbbError::bad_parameters(error),
            Self::BodyTooLarge(_) | Self::BodyTooSlow | Self::Stopping | Self::Body(_) => {
                BbbError::bad_parameters(self)
            }
        }
    }

    /// What the metrics call it: one of a few words, never what a server or a client has said.
    pub(crate) fn result(&self) -> &'static str {
        match self {
            Self::Bbb(BbbError { key: Cow::Borrowed(key), .. }) => key,
            Self::Bbb(BbbError { key: Cow::Owned(_), .. }) => "serverFailed",
            Self::Server { .. } => "serverUnreachable",
            Self::State(_) => "stateUnavailable",
            Self::Catalog(CatalogError::TooMuchMetadata) | Self::Params(_) => "invalidParameters",
            Self::Catalog(_) | Self::Operation(_) => "databaseUnavailable",
            Self::BodyTooLarge(_) | Self::BodyTooSlow | Self::Stopping | Self::Body(_) => "refused",
        }
    }

    /// Notes what happened.
    pub(crate) fn log(&self) {
        match self {
            Self::State(error) => tracing::error!(%error, "the live state cannot be used"),
            Self::Catalog(error) => tracing::error!(%error, "the recordings' database cannot be used"),
            Self::Operation(error) => tracing::error!(%error, "not done with a recording"),
            Self::Server { cause, .. } => tracing::warn!(error = %cause, "a call to a server failed"),
            _ => tracing::debug!(error = %self, "refused"),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            Self::Body(_) => StatusCode::BAD_REQUEST,
            // Clients of the API read the returncode, not the status.
            _ => StatusCode::OK,
        }
    }

    fn error_response(&self) -> HttpResponse {
        self.log();
        HttpResponse::build(self.status_code())
            .content_type(xml::CONTENT_TYPE)
            .body(xml::failed(&self.seen()))
    }
}
