//! Logging in and out.

use std::time::Instant;

use actix_web::http::header::{LOCATION, SET_COOKIE};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use scalelite_core::audit::{self, Actor, Change};

use super::attempts::Attempt;
use super::refused::Refused;
use super::session::{LASTS, Session};
use super::visit::{Visit, address, now};
use super::{PATH, assets, cookie, form};
use crate::app::App;

#[derive(Template)]
#[template(path = "login.html")]
struct Page {
    path: &'static str,
    style: &'static str,
    icon: &'static str,
    wrong: bool,
}

fn page(wrong: bool) -> Result<String, Refused> {
    let page = Page { path: PATH, style: assets::STYLE.path(), icon: assets::ICON.path(), wrong };
    Ok(page.render()?)
}

/// The page that asks for the password.
pub(super) async fn ask(request: HttpRequest) -> Result<HttpResponse, Refused> {
    if Visit::of(&request).is_ok() {
        return Ok(see(HttpResponse::SeeOther(), &format!("{PATH}/")));
    }
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page(false)?))
}

/// Begins a session for who knows the password.
pub(super) async fn enter(
    app: Data<App>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Refused> {
    let dashboard = app.dashboard.as_ref().ok_or(Refused::NotFound)?;
    form::of_this_site(&request)?;
    let said = form::read(&app, &request, payload).await?;
    let address = address(&request);
    let right = dashboard.keys.opens(said.get("password").unwrap_or_default());
    match dashboard.attempts.attempt(address, right, Instant::now()) {
        Attempt::Right => {}
        Attempt::Wrong => {
            tracing::warn!(%address, "a wrong password for the dashboard");
            let page = page(true)?;
            return Ok(HttpResponse::Forbidden().content_type("text/html; charset=utf-8").body(page));
        }
        Attempt::TooMany(wait) => {
            tracing::warn!(%address, "too many wrong passwords for the dashboard");
            return Err(Refused::TooManyAttempts(wait));
        }
    }
    note(&app, &request, "dashboard:login").await;
    let token = dashboard.keys.token(&Session::begin(now()));
    let mut answer = HttpResponse::SeeOther();
    answer.append_header((SET_COOKIE, cookie::set(&request, cookie::SESSION, &token, LASTS)));
    Ok(see(answer, &format!("{PATH}/")))
}

/// Ends a session in this browser.
pub(super) async fn leave(visit: Visit, payload: Payload) -> Result<HttpResponse, Refused> {
    form::read_own(&visit, payload).await?;
    note(&visit.app, &visit.request, "dashboard:logout").await;
    let mut answer = HttpResponse::SeeOther();
    answer.append_header((SET_COOKIE, cookie::set(&visit.request, cookie::SESSION, "", 0)));
    Ok(see(answer, &format!("{PATH}/login")))
}

fn see(mut answer: actix_web::HttpResponseBuilder, path: &str) -> HttpResponse {
    answer.insert_header((LOCATION, path)).finish()
}

async fn note(app: &App, request: &HttpRequest, what: &str) {
    let actor = Actor::user("dashboard", &address(request).to_string());
    audit::note(app.catalog.as_deref(), &[Change::new(&actor, what, "dashboard")]).await;
}
