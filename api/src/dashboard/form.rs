//! Forms: what they say, and whether they are our own.

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Payload;
use scalelite_core::bbb::params::Params;

use super::refused::Refused;
use super::visit::Visit;
use crate::app::App;
use crate::body::Body;
use crate::error::ApiError;

/// Bytes of the largest form.
const LARGEST: usize = 64 * 1024;

/// What a form of this session says. One that was made for another session, or by another site, says nothing.
pub(super) async fn read_own(visit: &Visit, payload: Payload) -> Result<Params, Refused> {
    of_this_site(&visit.request)?;
    let said = read(&visit.app, &visit.request, payload).await?;
    let given = said.get("csrf").unwrap_or_default();
    if !visit.dashboard()?.keys.is_form_of(&visit.session, given) {
        tracing::warn!(path = visit.request.path(), "refused a form that is not of this session");
        return Err(Refused::Forged);
    }
    Ok(said)
}

/// What a form says.
pub(super) async fn read(app: &App, request: &HttpRequest, payload: Payload) -> Result<Params, Refused> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    {
        return Err(Refused::Bad("This is not a form.".to_owned()));
    }
    let mut payload = payload.into_inner();
    let body =
        Body { request, payload: &mut payload, limit: LARGEST, shutdown: &app.shutdown }.whole().await?;
    let text = std::str::from_utf8(&body).map_err(|error| ApiError::Body(error.to_string()))?;
    Ok(Params::parse(text).map_err(ApiError::from)?)
}

/// Browsers tell where a form was sent from; what tells nothing is no browser, or an old one.
pub(super) fn of_this_site(request: &HttpRequest) -> Result<(), Refused> {
    match request.headers().get("sec-fetch-site").map(|site| site.as_bytes()) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(Refused::Forged),
    }
}
