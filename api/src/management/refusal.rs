//! What a client of the management API is told when a call is not done.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::WWW_AUTHENTICATE;
use scalelite_core::bbb::error::BbbError;
use scalelite_core::bbb::params::ParamsError;
use scalelite_core::state::StateError;
use schemars::JsonSchema;
use serde::Serialize;

use super::request::json;
use crate::error::ApiError;

/// Why a call is not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// No load-balancer secret signed it.
    #[error("{}", BbbError::CHECKSUM.message)]
    Checksum,
    /// There is no such call.
    #[error("{}", BbbError::UNSUPPORTED_REQUEST.message)]
    Unsupported,
    /// There is such a call, by another method.
    #[error("{}", BbbError::UNSUPPORTED_REQUEST.message)]
    WrongMethod,
    /// The body is no JSON.
    #[error("{}", BbbError::UNSUPPORTED_CONTENT_TYPE.message)]
    ContentType,
    /// It is about tenants, and there are none.
    #[error("Multitenancy is disabled")]
    NoTenants,
    /// What it says cannot be done.
    #[error("{0}")]
    Bad(String),
    /// What is to be added lacks something. The original tells it as a message, where all else is an error.
    #[error("{0}")]
    Incomplete(&'static str),
    /// What it is about is not there.
    #[error("{0}")]
    NotFound(String),
    /// Something else has that name or ID already.
    #[error("{0}")]
    Taken(String),
    /// Something went wrong before or around it.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// It cannot be told what became of it.
    #[error("The load balancer failed to answer this call.")]
    Broken,
}

/// What is told of a call that is not done.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub(super) struct Told {
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(required)]
    error: Option<String>,
    /// The same, of a tenant without a name or secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// What is told where there are no tenants, or none yet.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Message {
    pub(super) message: &'static str,
}

impl Refusal {
    /// There is no tenant of that ID.
    pub(super) fn no_tenant(id: &str) -> Self {
        Self::NotFound(format!("Couldn't find Tenant with id={id}"))
    }

    /// The body lacks the object it should be about.
    pub(super) fn missing(name: &str) -> Self {
        Self::Bad(format!("param is missing or the value is empty: {name}"))
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Checksum => StatusCode::UNAUTHORIZED,
            Self::Unsupported | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::ContentType | Self::Bad(_) | Self::Incomplete(_) => StatusCode::BAD_REQUEST,
            Self::Taken(_) => StatusCode::CONFLICT,
            Self::NoTenants => StatusCode::PRECONDITION_FAILED,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Api(ApiError::BodyTooLarge(_)) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Api(ApiError::BodyTooSlow) => StatusCode::REQUEST_TIMEOUT,
            Self::Api(ApiError::Params(_) | ApiError::Body(_)) => StatusCode::BAD_REQUEST,
            Self::Api(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The answer.
    pub(super) fn answer(&self) -> HttpResponse {
        let error = match self {
            Self::Api(error) => {
                error.log();
                error.seen().message.into_owned()
            }
            told => told.to_string(),
        };
        let mut answer = json(HttpResponse::build(self.status()));
        match self {
            Self::NoTenants => return answer.json(Message { message: "Multitenancy is disabled" }),
            Self::Checksum => {
                answer.insert_header((WWW_AUTHENTICATE, "Checksum realm=\"scalelite\""));
            }
            _ => {}
        }
        let message = matches!(self, Self::Incomplete(_)).then(|| error.clone());
        answer.json(Told { error: Some(error), message })
    }
}

impl From<StateError> for Refusal {
    fn from(error: StateError) -> Self {
        Self::Api(error.into())
    }
}

impl From<ParamsError> for Refusal {
    fn from(error: ParamsError) -> Self {
        Self::Api(error.into())
    }
}
