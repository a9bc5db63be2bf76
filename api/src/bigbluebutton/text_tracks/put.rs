//! `putRecordingTextTrack`: a track is put to one recording.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use scalelite_core::bbb::error::BbbError;
use scalelite_core::recordings::text_tracks::{Kind, Language, NewTrack, PutError, webvtt};

use super::super::to_the_end;
use super::json::{self, JsonCall, Refusal, Upload};
use super::{Answer, operations, required};
use crate::app::App;
use crate::auth::Call;

/// Puts the file that was sent to the recording, in place of a track of the same kind and language.
pub(crate) async fn put(app: web::Data<App>, call: JsonCall) -> Answer {
    to_the_end(async move { take(&app, call.0).await }).await
}

async fn take(app: &App, mut call: Call) -> Answer {
    let file = call.file.take().unwrap_or_default();
    let record_id = required(&call, "recordID")?;
    let kind = Kind::parse(required(&call, "kind")?).ok_or_else(Refusal::invalid_kind)?;
    let language = Language::parse(required(&call, "lang")?).ok_or_else(Refusal::invalid_lang)?;
    let track = NewTrack::new(kind, language, call.params.get("label").unwrap_or_default());
    if file.is_empty() {
        return Err(Refusal::empty());
    }
    let operations = operations(app).ok_or_else(|| Refusal::no_recording(record_id))?;
    let vtt = tokio::task::spawn_blocking(move || webvtt(&file)).await;
    let vtt = vtt.map_err(|_| BbbError::internal("The load balancer failed to read this file."))?;
    let vtt = vtt.map_err(|why| Refusal::upload(record_id, &why))?;
    let put = operations.put_text_track(record_id, call.tenant_id(), &track, vtt.into()).await;
    put.map_err(|error| match error {
        PutError::NoRecording => Refusal::no_recording(record_id),
        PutError::NoFiles | PutError::TooMany => Refusal::upload(record_id, &error),
        PutError::Operation(error) => error.into(),
    })?;
    let lang = track.language.as_str();
    tracing::info!(recording = record_id, kind = kind.name(), lang, "a text track is put to a recording");
    Ok(uploaded(record_id))
}

fn uploaded(record_id: &str) -> HttpResponse {
    json::answer(
        StatusCode::OK,
        &Upload {
            message_key: "upload_text_track_success",
            message: "Text track uploaded successfully",
            record_id,
            returncode: "SUCCESS",
        },
    )
}
