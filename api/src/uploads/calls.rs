//! The requests: who asks, for what, and what comes of it.

use std::time::SystemTime;

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, LOCATION};
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use scalelite_core::audit::{self, Actor, Change};
use scalelite_core::pool::server::ServerId;
use tracing::Instrument;

use super::disk::State;
use super::name::Name;
use super::protocol::{self, EXTENSIONS, LENGTH, OFFSET, RESUMABLE, VERSION};
use super::receive::{Received, Whole, blocking, receive};
use super::refusal::Refusal;
use super::token::{self, Claims};
use super::{PATH, Uploads};
use crate::app::App;

/// Somebody who may go on with one upload.
struct Uploader {
    app: Data<App>,
    server: ServerId,
    claims: Claims,
    name: Name,
}

/// `OPTIONS`: what is spoken here.
pub(super) async fn options(app: Data<App>) -> HttpResponse {
    let most = app.config.recordings.upload.max_bytes.to_string();
    let mut answer = answer(StatusCode::NO_CONTENT);
    answer.insert_header(("Tus-Version", VERSION)).insert_header(("Tus-Extension", EXTENSIONS));
    answer.insert_header(("Tus-Max-Size", most)).finish()
}

/// `POST`: begins an upload, or finds the one that was begun.
pub(super) async fn create(app: Data<App>, request: HttpRequest) -> HttpResponse {
    or_refused(begin(app, &request).await)
}

async fn begin(app: Data<App>, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    let uploader = Uploader::of(app, request).await?;
    let asked = protocol::creation(request.headers())?;
    let claims = &uploader.claims;
    if (&asked.name, asked.length, &asked.sha256) != (&claims.name, claims.length, &claims.sha256) {
        return Err(Refusal::OtherUpload);
    }
    let most = uploader.app.config.recordings.upload.max_bytes;
    if asked.length > most {
        return Err(Refusal::TooLarge(most));
    }
    let Uploader { app, server, name, .. } = uploader;
    let wanted =
        State { length: asked.length, sha256: asked.sha256, server: server.to_string(), whole: false };
    let (place, file) = (app.uploads.place.clone(), name.clone());
    let progress = blocking(move || place.begin(&file, &wanted)).await?;
    if progress.is_new {
        tracing::info!(file = %name, %server, bytes = asked.length, "an upload begins");
    }
    let mut answer = answer(if progress.is_new { StatusCode::CREATED } else { StatusCode::OK });
    answer.insert_header((LOCATION, format!("{PATH}/{name}")));
    Ok(answer.insert_header((OFFSET, progress.offset.to_string())).finish())
}

/// `HEAD`: how far an upload is.
pub(super) async fn tell(app: Data<App>, request: HttpRequest, name: Path<String>) -> HttpResponse {
    or_refused(find(app, &request, &name).await)
}

async fn find(app: Data<App>, request: &HttpRequest, name: &str) -> Result<HttpResponse, Refusal> {
    let uploader = Uploader::of_upload(app, request, name).await?;
    let (place, file) = (uploader.app.uploads.place.clone(), uploader.name.clone());
    let (state, offset) = blocking(move || place.find(&file)).await?;
    if !uploader.is_of(&state) {
        return Err(Refusal::Unknown);
    }
    let mut answer = answer(StatusCode::OK);
    answer.insert_header((OFFSET, offset.to_string())).insert_header((LENGTH, state.length.to_string()));
    Ok(answer.finish())
}

/// `PATCH`: goes on with an upload.
pub(super) async fn append(
    app: Data<App>,
    request: HttpRequest,
    name: Path<String>,
    payload: Payload,
) -> HttpResponse {
    or_refused(go_on(app, &request, &name, payload).await)
}

async fn go_on(
    app: Data<App>,
    request: &HttpRequest,
    name: &str,
    payload: Payload,
) -> Result<HttpResponse, Refusal> {
    let uploader = Uploader::of_upload(app, request, name).await?;
    let (offset, announced) = protocol::patch(request.headers())?;
    let app = uploader.app.clone();
    let Uploads { place, slots } = &app.uploads;
    let _slot = slots.try_acquire().map_err(|_| Refusal::TooMany)?;
    let (place, file, claims) = (place.clone(), uploader.name.clone(), uploader.claims.clone());
    let opened =
        blocking(move || place.open(&file, offset, |state| state.is_of(claims.length, &claims.sha256)));
    let upload = opened.await?.map_err(Refusal::Offset)?;
    let missing = upload.length() - offset;
    if announced.is_some_and(|announced| announced > missing) {
        return Err(Refusal::TooLong(missing));
    }
    let received = receive(upload, offset, &mut payload.into_inner(), &app.shutdown).await?;
    let offset = match received {
        Received::Part(offset) => offset,
        Received::All(whole) => {
            let length = uploader.claims.length;
            // It is carried through even if the client goes away meanwhile.
            let finished = actix_web::rt::spawn(finish(uploader, whole).in_current_span()).await;
            finished.map_err(|error| Refusal::Spool(std::io::Error::other(error)))??;
            length
        }
    };
    Ok(answer(StatusCode::NO_CONTENT).insert_header((OFFSET, offset.to_string())).finish())
}

async fn finish(uploader: Uploader, whole: Box<Whole>) -> Result<(), Refusal> {
    let stop = uploader.app.shutdown.clone();
    let finished = blocking(move || whole.finish(&stop)).await;
    match &finished {
        Ok(()) => {
            tracing::info!(file = %uploader.name, server = %uploader.server, "an upload is whole, and in the spool");
            uploader.note("upload", false).await;
        }
        Err(Refusal::Hash) => uploader.note("upload", true).await,
        Err(_) => {}
    }
    finished
}

/// `DELETE`: gives an upload up, or forgets that it is done, so that it can be uploaded again.
pub(super) async fn give_up(app: Data<App>, request: HttpRequest, name: Path<String>) -> HttpResponse {
    or_refused(forget(app, &request, &name).await)
}

async fn forget(app: Data<App>, request: &HttpRequest, name: &str) -> Result<HttpResponse, Refusal> {
    let uploader = Uploader::of_upload(app, request, name).await?;
    let (place, file, claims) =
        (uploader.app.uploads.place.clone(), uploader.name.clone(), uploader.claims.clone());
    blocking(move || place.forget(&file, |state| state.is_of(claims.length, &claims.sha256))).await?;
    tracing::info!(file = name, server = %uploader.server, "an upload is given up");
    Ok(answer(StatusCode::NO_CONTENT).finish())
}

impl Uploader {
    /// Whoever has signed the request.
    async fn of(app: Data<App>, request: &HttpRequest) -> Result<Self, Refusal> {
        if let Some(why) = disabled(&app) {
            return Err(Refusal::Disabled(why));
        }
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = header.and_then(|header| header.strip_prefix("Bearer ")).ok_or(Refusal::NotSigned)?;
        let servers = app.state.servers().await.map_err(Refusal::State)?;
        let read = token::read(given.trim(), &servers, SystemTime::now());
        let (claims, server) = read.ok_or(Refusal::NotSigned)?;
        protocol::check_version(request.headers())?;
        let name = Name::parse(&claims.name).ok_or(Refusal::Name)?;
        Ok(Self { app, server, claims, name })
    }

    /// Whoever has signed the request, for the upload of that name.
    async fn of_upload(app: Data<App>, request: &HttpRequest, name: &str) -> Result<Self, Refusal> {
        let uploader = Self::of(app, request).await?;
        if uploader.claims.name == name { Ok(uploader) } else { Err(Refusal::OtherUpload) }
    }

    fn is_of(&self, state: &State) -> bool {
        state.is_of(self.claims.length, &self.claims.sha256)
    }

    async fn note(&self, what: &str, failed: bool) {
        let how = format!("bytes={} sha256={}", self.claims.length, self.claims.sha256);
        let actor = Actor::server(self.server.as_str(), &audit::host_name());
        let change = Change::new(&actor, what, self.name.as_str()).how(&how);
        let change = if failed { change.failed() } else { change };
        audit::note(self.app.catalog.as_deref(), &[change]).await;
    }
}

/// Why nothing would become of an upload, if that is so.
fn disabled(app: &App) -> Option<&'static str> {
    let recordings = &app.config.recordings;
    if recordings.disabled {
        Some("RECORDING_DISABLED is set")
    } else if app.config.stores.db_disabled {
        Some("DB_DISABLED is set")
    } else if !recordings.upload.enabled {
        Some("RECORDING_UPLOAD_ENABLED is false")
    } else {
        None
    }
}

fn answer(status: StatusCode) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((RESUMABLE, VERSION)).insert_header((CACHE_CONTROL, "no-store"));
    answer
}

fn or_refused(answer: Result<HttpResponse, Refusal>) -> HttpResponse {
    answer.unwrap_or_else(|refusal| refusal.answer())
}
