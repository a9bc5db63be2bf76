//! The answers of an installation without recordings (CONTRACT §6, `RECORDING_DISABLED`).

use actix_web::{HttpResponse, ResponseError};
use scalelite_core::bbb::error::BbbError;
use scalelite_core::bbb::xml;

use super::answer;
use crate::auth::Call;
use crate::error::ApiError;

/// `getRecordings`: there are none.
pub(crate) async fn none(_: Call) -> HttpResponse {
    answer(xml::no_recordings())
}

/// The calls that change recordings: not found.
pub(crate) async fn not_found(_: Call) -> HttpResponse {
    ApiError::from(BbbError::NO_RECORDINGS).error_response()
}
