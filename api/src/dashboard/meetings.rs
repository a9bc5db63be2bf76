//! The meetings, and where they run.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use actix_web::HttpResponse;
use actix_web::web::Query;
use askama::Template;
use scalelite_core::bbb::params::Params;
use scalelite_core::pool::server::Server;
use scalelite_core::state::Meeting;
use serde::Deserialize;

use super::page::{self, Frame, Section};
use super::pages::{Number, Part};
use super::pool::host;
use super::refused::Refused;
use super::tenants;
use super::visit::Visit;

const PER_PAGE: u64 = 100;

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: Number,
}

#[derive(Template)]
#[template(path = "meetings.html")]
struct Page<'a> {
    frame: Frame,
    q: &'a str,
    query: String,
    digest: String,
    part: Part,
    with_tenants: bool,
    rows: Vec<Row<'a>>,
}

impl Page<'_> {
    fn found_by(&self) -> &'static str {
        if self.with_tenants {
            "Meeting, server, voice bridge, tenant"
        } else {
            "Meeting, server, voice bridge"
        }
    }
}

/// A meeting with the names of what it belongs to.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row<'a> {
    id: &'a str,
    host: &'a str,
    server_id: &'a str,
    tenant: Option<&'a str>,
    voice_bridge: &'a str,
}

/// Tells these meetings from others, in whatever order they come.
pub(super) fn digest(meetings: &[Meeting]) -> String {
    let one = |meeting: &Meeting| {
        let mut hasher = DefaultHasher::new();
        (&meeting.id, &meeting.server_id, &meeting.voice_bridge).hash(&mut hasher);
        hasher.finish()
    };
    format!("{:016x}", meetings.iter().map(one).fold(0_u64, u64::wrapping_add))
}

/// The page.
pub(super) async fn show(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, Refused> {
    let meetings = visit.app.state.meetings().await?;
    let servers = visit.app.state.servers().await?;
    let tenants = tenants::names(&visit).await?;
    let mut rows = found(&meetings, &servers, &tenants, &asked.q);
    let part = Part::of(asked.page, rows.len() as u64, PER_PAGE);
    let (first, end) = part.range();
    let first = usize::try_from(first).unwrap_or(usize::MAX).min(rows.len());
    let end = usize::try_from(end).unwrap_or(usize::MAX).min(rows.len());
    rows.sort_unstable();
    let frame = Frame::new(&visit, Section::Meetings);
    let page = Page {
        q: &asked.q,
        query: Params::from([("q", asked.q.as_str())]).encode(),
        digest: digest(&meetings),
        part,
        with_tenants: visit.app.config.meetings.multitenancy,
        rows: rows.drain(first..end).collect(),
        frame,
    };
    page::show(&visit, &page, &page.frame)
}

fn found<'a>(
    meetings: &'a [Meeting],
    servers: &'a [Server],
    tenants: &'a HashMap<String, String>,
    text: &str,
) -> Vec<Row<'a>> {
    let hosts: HashMap<&str, &str> =
        servers.iter().map(|server| (server.route.id.as_str(), host(&server.route.url))).collect();
    let text = text.trim().to_lowercase();
    let holds = |one: &str| one.to_lowercase().contains(&text);
    let row = |meeting: &'a Meeting| {
        let (server_id, tenant_id) = (meeting.server_id.as_str(), meeting.tenant_id.as_deref());
        Row {
            id: &meeting.id,
            host: hosts.get(server_id).copied().unwrap_or(server_id),
            server_id,
            tenant: tenant_id.map(|id| tenants.get(id).map_or(id, String::as_str)),
            voice_bridge: &meeting.voice_bridge,
        }
    };
    let rows = meetings.iter().map(row);
    if text.is_empty() {
        return rows.collect();
    }
    let matches = |row: &Row<'_>| {
        let texts = [row.id, row.host, row.server_id, row.voice_bridge, row.tenant.unwrap_or_default()];
        texts.into_iter().any(holds)
    };
    rows.filter(matches).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meeting(id: &str, server: &str) -> Meeting {
        Meeting {
            id: id.to_owned(),
            server_id: server.into(),
            moderator_pw: "geheim".to_owned(),
            voice_bridge: format!("7{}", id.len()),
            tenant_id: Some("t1".to_owned()),
        }
    }

    #[test]
    fn found_by_all_that_is_shown() {
        let meetings = [meeting("Room", "s1"), meeting("other", "s2")];
        let tenants = HashMap::from([("t1".to_owned(), "Acme".to_owned())]);
        let ids = |text: &str| -> Vec<&str> {
            found(&meetings, &[], &tenants, text).into_iter().map(|row| row.id).collect()
        };
        assert_eq!(ids("room"), ["Room"]);
        assert_eq!(ids("S2"), ["other"]);
        assert_eq!(ids("75"), ["other"]);
        assert_eq!(ids("acme").len(), 2);
        assert!(ids("geheim").is_empty() && ids("zz").is_empty());
    }

    #[test]
    fn the_order_says_nothing() {
        let (one, other) = (meeting("a", "s"), meeting("b", "s"));
        assert_eq!(digest(&[one.clone(), other.clone()]), digest(&[other.clone(), one.clone()]));
        assert_ne!(digest(&[one]), digest(&[other]));
    }
}
