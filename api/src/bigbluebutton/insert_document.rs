//! `insertDocument`: slides for a meeting that runs, as an XML document.

use actix_web::{HttpResponse, web};
use scalelite_core::bbb::error::BbbError;
use scalelite_core::bbb::params::Params;

use super::answer;
use crate::app::App;
use crate::auth::Call;
use crate::error::ApiError;

/// Hands the document to the meeting's server.
pub(crate) async fn insert_document(app: web::Data<App>, mut call: Call) -> Result<HttpResponse, ApiError> {
    let document = call.document.take().unwrap_or_default();
    let id = call.meeting_id()?;
    let found = app.state.locate_meeting(id, call.tenant_id()).await?;
    let server = found.ok_or(BbbError::NOT_FOUND)?.server;
    let params = Params::from([("meetingID", id)]);
    let inserted = app.client.post_xml((&server).into(), "insertDocument", &params, document).await;
    Ok(answer(inserted.map_err(ApiError::of_call("Unable to insert document on server."))?.body))
}
