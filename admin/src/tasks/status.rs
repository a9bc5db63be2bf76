//! `status`: all servers and their numbers at a glance.

use scalelite_core::operating::numbers::decimal;
use scalelite_core::pool::server::Server;
use url::Url;

use super::views::{StatusView, online};
use super::{Context, TaskError};
use crate::output::{Align, table};

const COLUMNS: [(&str, Align); 10] = [
    ("HOSTNAME", Align::Left),
    ("STATE", Align::Left),
    ("STATUS", Align::Left),
    ("MEETINGS", Align::Left),
    ("USERS", Align::Left),
    ("LARGEST MEETING", Align::Left),
    ("VIDEOS", Align::Left),
    ("LOAD", Align::Right),
    ("BBB VERSION", Align::Left),
    ("TAG", Align::Left),
];

/// `status`
pub(super) async fn show(context: &mut Context, json: bool) -> Result<(), TaskError> {
    let servers = context.state.servers().await?;
    let mut named: Vec<(String, &Server)> =
        servers.iter().map(|server| (hostname(&server.route.url), server)).collect();
    named.sort_by(|(a, _), (b, _)| a.cmp(b));
    if json {
        let views: Vec<_> = named.iter().map(|(name, server)| StatusView::new(server, name)).collect();
        return Ok(context.out.json(&views)?);
    }
    context.out.line("")?;
    let rows = named.into_iter().map(|(name, server)| row(name, server));
    Ok(context.out.line(table(&COLUMNS, rows))?)
}

fn row(hostname: String, server: &Server) -> Vec<String> {
    let usage = server.usage;
    vec![
        hostname,
        server.route.state.to_string(),
        online(server).to_owned(),
        usage.meetings.to_string(),
        usage.users.to_string(),
        usage.largest_meeting.to_string(),
        usage.videos.to_string(),
        server.load.map(decimal).unwrap_or_default(),
        server.bbb_version.clone().unwrap_or_default(),
        server.route.tag.clone().unwrap_or_default(),
    ]
}

/// The host of a URL; the whole of what is none.
fn hostname(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| url.to_owned())
}
