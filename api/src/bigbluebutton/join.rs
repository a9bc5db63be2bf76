//! `join`: the user is sent to the meeting's server.

use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, web};
use scalelite_core::bbb::error::BbbError;
use scalelite_core::pool::server::AdminState;

use super::parameters;
use crate::app::App;
use crate::auth::Call;
use crate::error::ApiError;

/// Counts the user on the meeting's server and redirects to that server's signed `join`.
pub(crate) async fn join(app: web::Data<App>, call: Call) -> Result<HttpResponse, ApiError> {
    let id = call.meeting_id()?;
    let found = app.state.join_meeting(id, call.tenant_id()).await?;
    let server = found.ok_or(BbbError::NOT_FOUND)?.server;
    if !server.online || server.state == AdminState::Disabled {
        tracing::warn!(meeting = id, server = %server.id, state = %server.state, online = server.online, "join refused");
        return Err(BbbError::SERVER_UNAVAILABLE.into());
    }
    let params = parameters::for_join(call.params, &app.config.meetings, call.tenant.as_deref());
    let location = app.client.signed_url((&server).into(), "join", &params);
    Ok(HttpResponse::Found().insert_header((LOCATION, location)).finish())
}
