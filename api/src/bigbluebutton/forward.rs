//! Calls that go to the meeting's server as they are.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, web};
use scalelite_core::bbb::error::BbbError;
use scalelite_core::bbb::params::Params;
use scalelite_core::bbb::{response, xml};

use super::answer;
use crate::app::App;
use crate::auth::Call;
use crate::error::{ApiError, NO_ACCESS};

/// Whether anybody is in the meeting; a meeting that is not known is not running.
pub(crate) async fn is_meeting_running(app: web::Data<App>, call: Call) -> Result<HttpResponse, ApiError> {
    let told = about_meeting(&app, &call).await?;
    Ok(told.unwrap_or_else(|| answer(xml::success(&[("running", "false")]))))
}

/// What the meeting's server knows of it.
pub(crate) async fn get_meeting_info(app: web::Data<App>, call: Call) -> Result<HttpResponse, ApiError> {
    about_meeting(&app, &call).await?.ok_or(ApiError::Bbb(BbbError::NOT_FOUND))
}

/// Asks the meeting's server, by the meeting's ID alone. None if the meeting is not known here.
async fn about_meeting(app: &App, call: &Call) -> Result<Option<HttpResponse>, ApiError> {
    let id = call.meeting_id()?;
    let Some(found) = app.state.locate_meeting(id, call.tenant_id()).await? else { return Ok(None) };
    let server = found.server;
    let asked = app.client.get((&server).into(), &call.name, &Params::from([("meetingID", id)])).await;
    Ok(Some(answer(asked.map_err(ApiError::of_call(NO_ACCESS))?.body)))
}

/// Hands a call with all its parameters to the meeting's server.
///
/// Some calls of newer BigBlueButton versions answer in JSON; that is passed on as it is.
pub(crate) async fn whole(app: web::Data<App>, call: Call) -> Result<HttpResponse, ApiError> {
    let id = call.meeting_id()?;
    let found = app.state.locate_meeting(id, call.tenant_id()).await?;
    let server = found.ok_or(BbbError::NOT_FOUND)?.server;
    let asked = app.client.fetch((&server).into(), &call.name, &call.params).await;
    let given = asked.map_err(ApiError::of_call(NO_ACCESS))?;
    let json =
        given.content_type.as_ref().is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if json && has_returncode(&given.body) {
        return Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/json")).body(given.body));
    }
    match response::check(&given.body) {
        Ok(Ok(())) => Ok(answer(given.body)),
        Ok(Err(error)) => Err(error.into()),
        Err(unusable) => Err(ApiError::Server { told: NO_ACCESS, cause: unusable.into() }),
    }
}

/// [`whole`], for calls that need not name a meeting at a single server: here they must.
pub(crate) async fn whole_if_routable(app: web::Data<App>, call: Call) -> Result<HttpResponse, ApiError> {
    if call.params.present("meetingID").is_none() {
        return Err(BbbError::UNSUPPORTED_REQUEST.into());
    }
    whole(app, call).await
}

fn has_returncode(json: &[u8]) -> bool {
    let Ok(answer) = serde_json::from_slice::<serde_json::Value>(json) else { return false };
    let inner = answer.get("response").unwrap_or(&answer);
    inner.get("returncode").is_some_and(serde_json::Value::is_string)
}
