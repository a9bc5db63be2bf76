//! The dashboard: what an operator sees of servers, meetings, recordings and tenants, and does about them.
//!
//! Pages are made on the server and work without JavaScript. Every action goes through a [page that asks](ask);
//! the script shows that page as a dialog, and follows the [live updates](live) of open pages.
//!
//! * [`gate`]: where the dashboard answers at all, and what every answer of it says to browsers.
//! * [`session`], [`attempts`], [`login`]: who may see it.
//! * [`visit`]: a request of somebody who is logged in, and [`form`]: one that changes something.
//! * [`page`]: what all pages have in common; one file for each of them.

mod ask;
mod assets;
mod attempts;
mod audit_log;
mod cookie;
mod events;
mod form;
mod gate;
mod imports;
mod live;
mod login;
mod meetings;
mod notice;
mod page;
mod pages;
mod pool;
mod recordings;
mod refused;
mod servers;
mod session;
mod shown;
mod tenants;
mod visit;

use actix_web::middleware::from_fn;
use actix_web::web::{ServiceConfig, get, post, resource, scope, to};
use scalelite_core::config::Config;

use crate::request_log;
use attempts::Attempts;
use live::Live;
use refused::Refused;
use session::Keys;

/// Where it is.
pub(crate) const PATH: &str = "/scalelite/dashboard";

/// What the dashboard remembers. There is none without a password.
pub(crate) struct Dashboard {
    keys: Keys,
    attempts: Attempts,
    live: Live,
    sparks: pool::Remembered,
}

impl Dashboard {
    /// The dashboard, if the configuration wants one.
    pub(crate) fn new(config: &Config) -> Option<Self> {
        let password = config.http.dashboard_password.as_ref()?;
        let keys = Keys::new(config.secrets.key_base.as_ref()?, password);
        Some(Self {
            keys,
            attempts: Attempts::default(),
            live: Live::default(),
            sparks: pool::Remembered::default(),
        })
    }
}

/// Registers every path.
pub(crate) fn configure(config: &mut ServiceConfig) {
    let pages = scope(PATH)
        .wrap(from_fn(gate::pass))
        .wrap(from_fn(request_log::log))
        .service(resource(["", "/"]).route(get().to(pool::show)))
        .service(resource("/servers").route(get().to(servers::ask)).route(post().to(servers::act)))
        .service(resource("/meetings").route(get().to(meetings::show)))
        .service(resource("/recordings").route(get().to(recordings::show)))
        .service(
            resource("/recordings/act").route(get().to(recordings::ask)).route(post().to(recordings::act)),
        )
        .service(resource("/imports").route(get().to(imports::show)))
        .service(resource("/imports/retry").route(get().to(imports::ask)).route(post().to(imports::act)))
        .service(resource("/tenants").route(get().to(tenants::show)))
        .service(resource("/audit").route(get().to(audit_log::show)))
        .service(resource("/events").route(get().to(events::give)))
        .service(resource("/login").route(get().to(login::ask)).route(post().to(login::enter)))
        .service(resource("/logout").route(post().to(login::leave)))
        .service(resource("/assets/{name}").route(get().to(assets::give)))
        .default_service(to(|| async { Err::<&str, _>(Refused::NotFound) }));
    config.service(pages);
}
