//! `getRecordingTextTracks` and `putRecordingTextTrack`: captions and subtitles of recordings (CONTRACT §6). Unlike
//! all other calls these answer in JSON, errors too.

use std::sync::Arc;

use actix_web::HttpResponse;
use scalelite_core::recordings::operations::Operations;

mod get;
mod json;
mod put;

pub(crate) use get::get;
pub(crate) use put::put;

use crate::app::App;
use crate::auth::Call;
use json::Refusal;

/// A parameter that has to be there, without the space around it.
fn required<'a>(call: &'a Call, name: &str) -> Result<&'a str, Refusal> {
    let value = call.params.get(name).unwrap_or_default().trim();
    if value.is_empty() { Err(Refusal::missing(name)) } else { Ok(value) }
}

/// What is done with recordings, if there are any.
fn operations(app: &App) -> Option<Operations> {
    let catalog = app.catalog.as_ref().filter(|_| !app.config.recordings.disabled)?;
    Some(Operations::new(Arc::clone(catalog), app.store.clone()))
}

type Answer = Result<HttpResponse, Refusal>;
