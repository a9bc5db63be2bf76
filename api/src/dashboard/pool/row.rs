//! A server's row. Rows are made once for all open pages, and hold nothing of a session. Pure.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use askama::Template;
use scalelite_core::audit::without_user;
use scalelite_core::pool::server::{AdminState, Server};

use super::super::{PATH, shown};
use super::sparks::{Spark, Sparks};

#[derive(Template)]
#[template(path = "pool_row.html")]
struct Row<'a> {
    path: &'static str,
    id: &'a str,
    host: &'a str,
    url: String,
    state: AdminState,
    online: bool,
    load: Option<Bar>,
    spark: Option<&'a Spark>,
    server: &'a Server,
}

/// A load, and how long its bar is, in percent.
struct Bar {
    text: String,
    percent: u32,
}

impl Row<'_> {
    fn enabled(&self) -> bool {
        self.state == AdminState::Enabled
    }

    fn cordoned(&self) -> bool {
        self.state == AdminState::Cordoned
    }

    fn disabled(&self) -> bool {
        self.state == AdminState::Disabled
    }
}

/// The rows of all servers, by ID.
#[derive(Debug, Default)]
pub(in super::super) struct Rows {
    rows: BTreeMap<String, Arc<str>>,
}

impl Rows {
    /// The rows of these servers, with their last day.
    pub(in super::super) fn of(servers: &[Server], sparks: &Sparks) -> Result<Self, askama::Error> {
        let scale = scale(servers.iter().filter_map(|server| server.load).fold(0.0, f64::max));
        let row = |server| Ok((row_id(server), Arc::from(row(server, sparks.get(&server.route.id), scale)?)));
        Ok(Self { rows: servers.iter().map(row).collect::<Result<_, askama::Error>>()? })
    }

    /// A server's row.
    pub(in super::super) fn html(&self, id: &str) -> Option<&str> {
        self.rows.get(id).map(AsRef::as_ref)
    }

    /// Tells these rows from others.
    pub(in super::super) fn digest(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.rows.hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    /// Those that are not as they were; none if other servers are there now.
    pub(in super::super) fn changed(&self, before: &Self) -> Option<BTreeMap<&str, &str>> {
        if !self.rows.keys().eq(before.rows.keys()) {
            return None;
        }
        let both = self.rows.iter().zip(before.rows.values());
        let changed = both.filter(|((_, now), before)| now != before);
        Some(changed.map(|((id, now), _)| (id.as_str(), now.as_ref())).collect())
    }
}

fn row_id(server: &Server) -> String {
    server.route.id.as_str().to_owned()
}

fn row(server: &Server, spark: Option<&Spark>, scale: f64) -> Result<String, askama::Error> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 100")]
    let percent = |load: f64| (load / scale * 100.0).clamp(0.0, 100.0).round() as u32;
    let load = server.load.map(|load| Bar { text: shown::decimal(load), percent: percent(load) });
    Row {
        path: PATH,
        id: server.route.id.as_str(),
        host: host(&server.route.url),
        url: without_user(&server.route.url),
        state: server.route.state,
        online: server.route.online,
        load,
        spark,
        server,
    }
    .render()
}

/// Where bars end: the largest load, rounded up so that it stays the same for a while.
fn scale(largest: f64) -> f64 {
    let mut scale = 10.0;
    for step in [2.0, 2.5, 2.0].into_iter().cycle().take(60) {
        if largest <= scale {
            break;
        }
        scale *= step;
    }
    scale
}

/// The host of a URL, with its port.
pub(in super::super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.is_empty() { url } else { host }
}
