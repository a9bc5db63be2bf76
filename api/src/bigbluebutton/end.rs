//! `end`: the meeting is forgotten, and its server is told to end it.

use actix_web::{HttpResponse, web};
use scalelite_core::bbb::error::BbbError;
use scalelite_core::bbb::params::Params;
use scalelite_core::monitoring::MEETINGS_FORGOTTEN;

use super::{answer, callbacks, to_the_end};
use crate::app::App;
use crate::auth::Call;
use crate::error::{ApiError, NO_ACCESS};

/// Forgets the meeting and forwards the call; the server's own answer is passed on, `notFound` too.
pub(crate) async fn end(app: web::Data<App>, call: Call) -> Result<HttpResponse, ApiError> {
    to_the_end(forget_and_end(app, call)).await
}

async fn forget_and_end(app: web::Data<App>, call: Call) -> Result<HttpResponse, ApiError> {
    let id = call.meeting_id()?;
    let found = app.state.take_meeting(id, call.tenant_id()).await?;
    let server = found.ok_or(BbbError::NOT_FOUND)?.server;
    metrics::counter!(MEETINGS_FORGOTTEN, "reason" => "end_call").increment(1);
    let mut params = Params::from([("meetingID", id)]);
    if let Some(password) = call.params.get("password") {
        params.set("password", password);
    }
    callbacks::note_end(&app, id);
    let ended = app.client.get((&server).into(), "end", &params).await;
    tracing::info!(meeting = id, server = %server.id, ok = ended.is_ok(), "ended");
    Ok(answer(ended.map_err(ApiError::of_call(NO_ACCESS))?.body))
}
