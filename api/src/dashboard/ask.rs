//! The page that asks before something is done, the same for all actions; and what is alike when it is.

use actix_web::HttpResponse;
use actix_web::http::header::{LOCATION, SET_COOKIE};
use askama::Template;
use scalelite_core::audit::{self, Actor, Change};
use tracing::Instrument;

use super::notice::Notice;
use super::page::{self, Frame, Section};
use super::refused::Refused;
use super::visit::{Visit, address};

/// A question.
#[derive(Debug, Default)]
pub(super) struct Ask {
    pub(super) title: String,
    /// What will happen.
    pub(super) sentences: Vec<String>,
    /// A text that helps to decide.
    pub(super) details: Option<String>,
    /// Where the form goes, below the dashboard's path.
    pub(super) action: &'static str,
    /// What the form says.
    pub(super) says: Vec<(&'static str, String)>,
    /// What may be said besides: the name of a box to check, and its label.
    pub(super) check: Option<(&'static str, &'static str)>,
    /// What has to be typed, for what cannot be undone and ends what people are doing.
    pub(super) typed: Option<String>,
    pub(super) button: &'static str,
    pub(super) danger: bool,
    /// Why it was not done at the first try.
    pub(super) wrong: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "ask.html")]
struct Page {
    frame: Frame,
    ask: Ask,
}

/// The page that asks.
pub(super) fn show(visit: &Visit, section: Section, ask: Ask) -> Result<HttpResponse, Refused> {
    let page = Page { frame: Frame::new(visit, section), ask };
    page::show(visit, &page, &page.frame)
}

/// Runs a change to its end, even if the client goes away in the middle.
pub(super) async fn to_the_end<T: 'static>(
    change: impl Future<Output = Result<T, Refused>> + 'static,
) -> Result<T, Refused> {
    match actix_web::rt::spawn(change.in_current_span()).await {
        Ok(result) => result,
        Err(error) => {
            tracing::error!(%error, "an action of the dashboard ended unexpectedly");
            Err(Refused::Broken)
        }
    }
}

/// Notes a change in the audit log, unless it is clear that nothing was changed.
pub(super) async fn note<T>(visit: &Visit, change: Noted<'_>, result: &Result<T, Refused>) {
    let actor = Actor::user("dashboard", &address(&visit.request).to_string());
    let Noted { what, target, how } = change;
    let change = Change::new(&actor, what, target).how(how);
    let change = match result {
        Ok(_) => change,
        Err(Refused::Api(_) | Refused::Broken) => change.failed(),
        Err(_) => return,
    };
    audit::note(visit.app.catalog.as_deref(), &[change]).await;
}

/// A change, as the audit log tells it.
pub(super) struct Noted<'a> {
    pub(super) what: &'a str,
    pub(super) target: &'a str,
    pub(super) how: &'a str,
}

/// Leads to the section's page, which tells what became of it.
pub(super) fn told(visit: &Visit, section: Section, notice: &Notice) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, section.path()))
        .append_header((SET_COOKIE, notice.cookie(&visit.request)))
        .finish()
}
