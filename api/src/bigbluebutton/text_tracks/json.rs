//! Answers in JSON, as BigBlueButton gives them.

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use scalelite_core::bbb::error::BbbError;
use scalelite_core::recordings::operations::OperationError;
use serde::Serialize;

use crate::auth::Call;
use crate::error::ApiError;

/// A signed call whose errors are told in JSON.
pub(crate) struct JsonCall(pub(super) Call);

impl FromRequest for JsonCall {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let call = Call::from_request(request, payload);
        Box::pin(async move { Ok(Self(call.await?)) })
    }
}

/// An answer.
pub(super) fn answer<T: Serialize>(status: StatusCode, response: &T) -> HttpResponse {
    #[derive(Serialize)]
    struct Whole<'a, T> {
        response: &'a T,
    }
    HttpResponse::build(status).insert_header((CACHE_CONTROL, "no-cache")).json(Whole { response })
}

/// What is told of an upload.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Upload<'a> {
    pub(super) message_key: &'a str,
    pub(super) message: &'a str,
    pub(super) record_id: &'a str,
    pub(super) returncode: &'a str,
}

/// A call that is not answered as asked, told in JSON.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// As any other call.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The file that was sent is not put to the recording.
    #[error("a text track of {record_id} is not taken: {why}")]
    Upload {
        /// The recording.
        record_id: String,
        /// What is wrong.
        why: String,
    },
}

impl Refusal {
    fn told(key: &'static str, message: String) -> Self {
        BbbError { key: key.into(), message: message.into() }.into()
    }

    pub(super) fn missing(name: &str) -> Self {
        Self::told("missingParameter", format!("Missing param {name}."))
    }

    pub(super) fn no_recording(record_id: &str) -> Self {
        Self::told("noRecordings", format!("No recording found for {record_id}"))
    }

    pub(super) fn invalid_kind() -> Self {
        Self::told("invalidKind", "The kind parameter is not set to a permitted value.".to_owned())
    }

    pub(super) fn invalid_lang() -> Self {
        Self::told("invalidLang", "The lang parameter is not a well-formed language tag.".to_owned())
    }

    pub(super) fn empty() -> Self {
        Self::told("empty_uploaded_text_track", "Empty uploaded text track.".to_owned())
    }

    pub(super) fn upload(record_id: &str, why: &impl ToString) -> Self {
        Self::Upload { record_id: record_id.to_owned(), why: why.to_string() }
    }
}

impl From<BbbError> for Refusal {
    fn from(error: BbbError) -> Self {
        Self::Api(error.into())
    }
}

impl From<OperationError> for Refusal {
    fn from(error: OperationError) -> Self {
        Self::Api(error.into())
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Api(error) => error.status_code(),
            Self::Upload { .. } => StatusCode::OK,
        }
    }

    fn error_response(&self) -> HttpResponse {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Failed<'a> {
            returncode: &'a str,
            message_key: &'a str,
            message: &'a str,
        }
        match self {
            Self::Api(error) => {
                error.log();
                let BbbError { key, message } = error.seen();
                let failed = Failed { returncode: "FAILED", message_key: &key, message: &message };
                answer(error.status_code(), &failed)
            }
            Self::Upload { record_id, why } => {
                tracing::info!(recording = record_id, why, "a text track is not taken");
                let message = format!("Text track upload failed: {why}.");
                answer(
                    StatusCode::OK,
                    &Upload {
                        message_key: "upload_text_track_failed",
                        message: &message,
                        record_id,
                        returncode: "FAILED",
                    },
                )
            }
        }
    }
}
