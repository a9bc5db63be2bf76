//! The calls of the BigBlueButton API, one file each (CONTRACT §2–§4).

use actix_web::HttpResponse;
use bytes::Bytes;
use scalelite_core::bbb::error::BbbError;
use scalelite_core::bbb::xml;
use tracing::Instrument;

use crate::error::ApiError;

pub(crate) mod callbacks;
pub(crate) mod create;
pub(crate) mod end;
pub(crate) mod forward;
pub(crate) mod get_meetings;
pub(crate) mod insert_document;
pub(crate) mod join;
mod parameters;
pub(crate) mod recordings;
pub(crate) mod stragglers;
pub(crate) mod survey;
pub(crate) mod text_tracks;
pub(crate) mod top;

/// The answer to whatever is not part of the API.
pub(crate) async fn unsupported() -> Result<HttpResponse, ApiError> {
    Err(BbbError::UNSUPPORTED_REQUEST.into())
}

/// An answer in XML.
fn answer(body: impl Into<Bytes>) -> HttpResponse {
    HttpResponse::Ok().content_type(xml::CONTENT_TYPE).body(body.into())
}

/// Runs what changes something to its end, even if the client goes away in the middle.
async fn to_the_end<E: From<BbbError> + 'static>(
    change: impl Future<Output = Result<HttpResponse, E>> + 'static,
) -> Result<HttpResponse, E> {
    match actix_web::rt::spawn(change.in_current_span()).await {
        Ok(result) => result,
        Err(error) => {
            tracing::error!(%error, "a call ended unexpectedly");
            Err(BbbError::internal("The load balancer failed to answer this call.").into())
        }
    }
}
