//! `status`: all servers and their numbers at a glance.

use scalelite_core::operating::numbers::decimal;
use scalelite_core::pool::server::Server;
use url::Url;

use super::views::{StatusView, online};
use super::{Context, TaskError, status_watch};
use crate::cli::ShowStatus;
use crate::output::{Align, table};

pub(super) const COLUMNS: [(&str, Align); 10] = [
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
pub(super) async fn show(context: &mut Context, arguments: &ShowStatus) -> Result<(), TaskError> {
    if let Some(every) = arguments.watch {
        return status_watch::watch(context, every).await;
    }
    let servers = context.state.servers().await?;
    let named = by_hostname(&servers);
    if arguments.json {
        let views: Vec<_> = named.iter().map(|(name, server)| StatusView::new(server, name)).collect();
        return Ok(context.out.json(&views)?);
    }
    context.out.line("")?;
    let rows = named.into_iter().map(|(name, server)| row(name, server));
    Ok(context.out.line(table(&COLUMNS, rows))?)
}

/// The servers with their host names, in that order.
pub(super) fn by_hostname(servers: &[Server]) -> Vec<(String, &Server)> {
    let mut named: Vec<_> = servers.iter().map(|server| (hostname(&server.route.url), server)).collect();
    named.sort_by(|(a, _), (b, _)| a.cmp(b));
    named
}

pub(super) fn row(hostname: String, server: &Server) -> Vec<String> {
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
