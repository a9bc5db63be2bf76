//! A request of somebody who is logged in.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};
use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use super::refused::Refused;
use super::session::Session;
use super::{Dashboard, cookie};
use crate::app::App;

/// Somebody who is logged in.
pub(super) struct Visit {
    pub(super) app: Data<App>,
    pub(super) request: HttpRequest,
    pub(super) session: Session,
    /// What its forms hold.
    pub(super) csrf: String,
}

impl FromRequest for Visit {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

impl Visit {
    /// Whoever makes this request, if they are logged in.
    pub(super) fn of(request: &HttpRequest) -> Result<Self, Refused> {
        let app = request.app_data::<Data<App>>().ok_or(Refused::NotFound)?.clone();
        let keys = &app.dashboard.as_ref().ok_or(Refused::NotFound)?.keys;
        let token = cookie::get(request, cookie::SESSION).ok_or(Refused::NotLoggedIn)?;
        let session = keys.session(token, now()).ok_or(Refused::NotLoggedIn)?;
        let csrf = keys.csrf(&session);
        Ok(Self { app: app.clone(), request: request.clone(), session, csrf })
    }

    pub(super) fn dashboard(&self) -> Result<&Dashboard, Refused> {
        self.app.dashboard.as_ref().ok_or(Refused::NotFound)
    }
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs())
}

/// Where a request comes from: what the nearest proxy says, else the other end of the connection.
pub(super) fn address(request: &HttpRequest) -> IpAddr {
    let forwarded = request.headers().get("x-forwarded-for").and_then(|list| list.to_str().ok());
    let forwarded = forwarded.and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
    let peer = || request.peer_addr().map(|peer| peer.ip());
    forwarded.or_else(peer).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}
