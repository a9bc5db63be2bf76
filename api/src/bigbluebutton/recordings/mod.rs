//! The calls about recordings (CONTRACT §6).

use scalelite_core::bbb::error::BbbError;

use crate::auth::Call;
use crate::error::ApiError;

mod change;
mod filter;
mod list;
mod xml;

pub(crate) use change::{delete, publish, update};
pub(crate) use list::list;

/// The exact IDs that a call names.
fn record_ids(call: &Call) -> Result<Vec<String>, ApiError> {
    const MISSING: BbbError = BbbError::MISSING_RECORD_ID;
    let ids = filter::items(call.params.get("recordID").unwrap_or_default());
    if ids.is_empty() { Err(MISSING.into()) } else { Ok(ids) }
}
