//! The audit log: who changed what.

use actix_web::HttpResponse;
use actix_web::web::Query;
use askama::Template;
use scalelite_core::audit::NotedChange;
use serde::Deserialize;

use super::page::{self, Frame, Section};
use super::refused::Refused;
use super::shown;
use super::visit::Visit;

/// So many are shown at first, …
const FEW: u32 = 100;
/// … and so many to who wants more.
const MANY: u32 = 1000;

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// Anything: many.
    more: Option<String>,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Page {
    frame: Frame,
    changes: Vec<NotedChange>,
    more: bool,
}

/// The page.
pub(super) async fn show(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, Refused> {
    let frame = Frame::new(&visit, Section::Audit);
    let Some(catalog) = &visit.app.catalog else {
        return page::off(&visit, frame, "There is no database here: changes are in the log only.");
    };
    let limit = if asked.more.is_some() { MANY } else { FEW };
    let changes = catalog.changes(None, limit).await?;
    let more = limit == FEW && changes.len() >= FEW as usize;
    let page = Page { frame, changes, more };
    page::show(&visit, &page, &page.frame)
}
