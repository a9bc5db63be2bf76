//! Upload of recordings to the spool: a way for BigBlueButton servers that share no file system with it.
//!
//! It speaks [tus](https://tus.io/protocols/resumable-upload) 1.0.0 with `creation` and `termination`. A resource is
//! called as its file, so whoever has lost track of an upload finds it again, at any front end on the same spool. Who
//! uploads signs a [token] with a server's secret. Once all is there and has the hash that was told before, the file
//! is renamed into the spool, where an importer finds it.
//!
//! [`name`], [`protocol`] and [`token`] are pure; [`disk`] is blocking; [`receive`] is between a client and the disk.

mod calls;
mod disk;
mod name;
mod protocol;
mod receive;
mod refusal;
mod token;

use actix_web::middleware;
use actix_web::web::{ServiceConfig, delete, head, method, patch, post, resource, scope, to};
use actix_web::{HttpResponse, http::Method};
use scalelite_core::config::RecordingsConfig;
use tokio::sync::Semaphore;

use crate::request_log;
use disk::Place;
use refusal::Refusal;

/// Where uploads are.
pub(crate) const PATH: &str = "/scalelite/spool";

/// What all uploads to a process share.
pub(crate) struct Uploads {
    place: Place,
    /// Those that are being received.
    slots: Semaphore,
}

impl Uploads {
    pub(crate) fn new(recordings: &RecordingsConfig) -> Self {
        Self {
            place: Place::new(&recordings.spool_dir, recordings.upload.min_free_bytes),
            slots: Semaphore::new(recordings.upload.concurrency),
        }
    }
}

/// Registers every path.
pub(crate) fn configure(config: &mut ServiceConfig) {
    let options = || method(Method::OPTIONS).to(calls::options);
    let all = scope(PATH).wrap(middleware::from_fn(request_log::log));
    let all = ["", "/"].into_iter().fold(all, |all, path| {
        let place = resource(path).default_service(to(|| wrong_method("POST, OPTIONS")));
        all.service(place.route(post().to(calls::create)).route(options()))
    });
    let one = resource("/{name}").default_service(to(|| wrong_method("HEAD, PATCH, DELETE, OPTIONS")));
    let one = one.route(head().to(calls::tell)).route(patch().to(calls::append));
    let one = one.route(delete().to(calls::give_up)).route(options());
    config.service(all.service(one).default_service(to(|| async { Refusal::Unknown.answer() })));
}

async fn wrong_method(allowed: &'static str) -> HttpResponse {
    Refusal::Method(allowed).answer()
}
