//! What a client is told when an upload is not taken.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use scalelite_core::state::StateError;
use serde_json::json;

use super::disk::DiskError;
use super::protocol::{OFFSET, RESUMABLE, VERSION};

/// When to come back, in seconds, where that is worth a try.
const SOON: u32 = 5;

/// Why an upload is not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("There is nothing to upload to here: {0}.")]
    Disabled(&'static str),
    #[error(
        "No server has signed this: expected Authorization: Bearer and a JWT (HS512) signed with the secret of a server that is known here, with sub, length, sha256 and an exp within an hour."
    )]
    NotSigned,
    #[error("The token opens another upload than this one.")]
    OtherUpload,
    #[error("The version of tus is missing or not supported: expected Tus-Resumable: 1.0.0.")]
    Version,
    #[error("expected Content-Type: application/offset+octet-stream")]
    MediaType,
    #[error("{0}")]
    Header(&'static str),
    #[error(
        "The file's name cannot be used: expected a record ID of letters, digits and \"-\", and .tar, .tar.gz, .tgz or .tar.zst."
    )]
    Name,
    #[error("The file is too large: RECORDING_UPLOAD_MAX_BYTES is {0}.")]
    TooLarge(u64),
    #[error("The body is longer than what is missing of the file ({0} bytes).")]
    TooLong(u64),
    #[error("The upload is at offset {0}.")]
    Offset(u64),
    #[error("There is no such upload.")]
    Unknown,
    #[error("This request is not supported.")]
    Method(&'static str),
    #[error("What was uploaded does not have the hash that was told, so it is thrown away. Upload it again.")]
    Hash,
    #[error("The upload is being worked on by another request. Try again in a moment.")]
    Busy,
    #[error("There are too many uploads at the moment. Try again in a moment.")]
    TooMany,
    #[error("There is no room for it in the spool. Free some, or try again later.")]
    Full,
    #[error("The load balancer is being restarted. Go on in a moment.")]
    Stopping,
    #[error("The body stood still for too long.")]
    TooSlow,
    #[error("The body broke off.")]
    Cut,
    #[error("The load balancer's live state is not available at the moment.")]
    State(#[source] StateError),
    #[error("The spool is not available at the moment.")]
    Spool(#[source] std::io::Error),
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::Disabled(_) | Self::Unknown => StatusCode::NOT_FOUND,
            Self::NotSigned => StatusCode::UNAUTHORIZED,
            Self::OtherUpload => StatusCode::FORBIDDEN,
            Self::Version => StatusCode::PRECONDITION_FAILED,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Header(_) | Self::Name | Self::Cut => StatusCode::BAD_REQUEST,
            Self::TooLarge(_) | Self::TooLong(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Offset(_) => StatusCode::CONFLICT,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            // What tus has for a checksum that does not match.
            Self::Hash => StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST),
            Self::Busy => StatusCode::LOCKED,
            Self::Full => StatusCode::INSUFFICIENT_STORAGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany | Self::Stopping | Self::State(_) | Self::Spool(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    /// The answer.
    pub(super) fn answer(&self) -> HttpResponse {
        match self {
            Self::State(error) => tracing::error!(%error, "the live state cannot be used"),
            Self::Spool(error) => tracing::error!(%error, "the spool cannot be used"),
            refusal => tracing::info!(why = %refusal, "an upload is refused"),
        }
        let status = self.status();
        let mut answer = HttpResponse::build(status);
        answer.insert_header((RESUMABLE, VERSION)).insert_header((CACHE_CONTROL, "no-store"));
        match self {
            Self::NotSigned => {
                answer.insert_header((WWW_AUTHENTICATE, "Bearer"));
            }
            Self::Version => {
                answer.insert_header(("Tus-Version", VERSION));
            }
            Self::Offset(offset) => {
                answer.insert_header((OFFSET, offset.to_string()));
            }
            Self::Method(allowed) => {
                answer.insert_header((ALLOW, *allowed));
            }
            _ => {}
        }
        if status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::LOCKED {
            answer.insert_header((RETRY_AFTER, SOON.to_string()));
        }
        // What the client still sends is not waited for.
        if matches!(self, Self::TooLong(_) | Self::Stopping | Self::TooSlow | Self::Cut) {
            answer.force_close();
        }
        answer.json(json!({ "error": self.to_string() }))
    }
}

impl From<DiskError> for Refusal {
    fn from(error: DiskError) -> Self {
        match error {
            DiskError::Busy => Self::Busy,
            DiskError::Unknown => Self::Unknown,
            DiskError::Full => Self::Full,
            DiskError::Hash => Self::Hash,
            DiskError::Stopped => Self::Stopping,
            DiskError::Io(error) => Self::Spool(error),
        }
    }
}
