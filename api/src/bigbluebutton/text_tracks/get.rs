//! `getRecordingTextTracks`: the tracks of one recording.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use scalelite_core::recordings::text_tracks::{Listed, TextTrack};
use serde::Serialize;

use super::json::{self, JsonCall, Refusal};
use super::{Answer, operations, required};
use crate::app::App;
use crate::{host, playback};

#[derive(Serialize)]
struct Tracks {
    returncode: &'static str,
    tracks: Vec<Track>,
}

#[derive(Serialize)]
struct Track {
    href: String,
    kind: String,
    lang: String,
    label: String,
    source: String,
}

/// Lists the tracks, with links that play them as long as the recording is published.
pub(crate) async fn get(app: web::Data<App>, request: HttpRequest, call: JsonCall) -> Answer {
    let JsonCall(call) = call;
    let record_id = required(&call, "recordID")?;
    let no_recording = || Refusal::no_recording(record_id);
    let operations = operations(&app).ok_or_else(no_recording)?;
    let found = operations.text_tracks(record_id, call.tenant_id()).await?;
    let origin = host::origin(&request);
    let told = |TextTrack { tree, listed }| {
        let Listed { file, kind, lang, label, source } = listed;
        Track { href: format!("{origin}{}", playback::path_of(tree, file)), kind, lang, label, source }
    };
    let tracks = found.ok_or_else(no_recording)?.into_iter().map(told).collect();
    Ok(json::answer(StatusCode::OK, &Tracks { returncode: "SUCCESS", tracks }))
}
