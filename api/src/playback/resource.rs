//! The files of a recording: for whom they are open, and what is said with them.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, HeaderValue, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};

use super::error::PlaybackError;
use super::place::Place;
use super::{cookie, playable};
use crate::app::App;

/// Formats that are pages to look at. What else there is, a browser saves.
const SHOWN: [&str; 3] = ["presentation", "video", "screenshare"];

/// `/<format>/<record id>/…`: a file.
pub(crate) async fn show(request: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, PlaybackError> {
    let place = Place::parse(request.uri().path()).ok_or(PlaybackError::NotFound)?;
    let playback = playable(&app, &request, &place.tree).await?;
    let locked = playback.protected && app.config.recordings.protected_enabled;
    if locked {
        let key = app.config.secrets.key_base.as_ref();
        key.filter(|key| cookie::opens(&request, &place.tree, key)).ok_or(PlaybackError::NotFound)?;
    }
    let mut response = match &place.path {
        Some(path) => app.delivery.answer(&request, &place, path).await?,
        None => into_directory(&place, request.uri().query()),
    };
    // Whoever has a file asks before showing it again: it may be unpublished by then.
    let caching = if locked { "private, no-cache" } else { "no-cache" };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    if !SHOWN.contains(&place.tree.format()) && response.status().is_success() {
        response.headers_mut().insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    }
    Ok(response)
}

/// A redirect to the same place as a directory: the links of a page are relative to that.
pub(super) fn into_directory(place: &Place, query: Option<&str>) -> HttpResponse {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    HttpResponse::MovedPermanently()
        .insert_header((LOCATION, format!("{}/{query}", place.encoded())))
        .finish()
}
