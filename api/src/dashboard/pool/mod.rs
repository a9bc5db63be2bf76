//! The servers of the pool.

mod list;
mod row;
mod sparks;

use actix_web::HttpResponse;
use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use super::page::{self, Frame, Section};
use super::refused::Refused;
use super::visit::Visit;
use list::{Column, Show, Totals};
pub(super) use row::{Rows, host};
pub(super) use sparks::Remembered;

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    show: Show,
    #[serde(default)]
    sort: Column,
}

#[derive(Template)]
#[template(path = "pool.html")]
struct Page<'a> {
    frame: Frame,
    asked: &'a Asked,
    summary: String,
    columns: [(Column, &'static str); 9],
    digest: String,
    rows: Vec<&'a str>,
    all: usize,
}

#[derive(Template)]
#[template(path = "pool_summary.html")]
struct Summary<'a> {
    totals: &'a Totals,
}

/// The numbers of the whole pool.
pub(super) fn summary(servers: &[scalelite_core::pool::server::Server]) -> Result<String, askama::Error> {
    Summary { totals: &Totals::of(servers) }.render()
}

/// The page.
pub(super) async fn show(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, Refused> {
    let servers = visit.app.state.servers().await?;
    let sparks = Remembered::get(&visit.app).await;
    let rows = Rows::of(&servers, &sparks)?;
    let places = list::chosen(&servers, &asked.q, asked.show, asked.sort);
    let frame = Frame::new(&visit, Section::Pool);
    let page = Page {
        asked: &asked,
        summary: summary(&servers)?,
        columns: Column::ALL,
        digest: rows.digest(),
        rows: places.into_iter().filter_map(|at| rows.html(servers[at].route.id.as_str())).collect(),
        all: servers.len(),
        frame,
    };
    page::show(&visit, &page, &page.frame)
}

#[cfg(test)]
mod tests;
