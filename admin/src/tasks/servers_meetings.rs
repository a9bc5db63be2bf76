//! `servers:meeting_list`: what runs on the servers, by their own word.

use std::collections::HashMap;

use futures_util::StreamExt;
use scalelite_core::bbb::client::{BbbClient, CallError};
use scalelite_core::bbb::meetings::ListedMeeting;
use scalelite_core::pool::server::{Route, Server};

use super::views::MeetingView;
use super::{Context, TaskError, ids};
use crate::cli::{ListingOf, given};
use crate::output::complain;

/// Servers asked at the same time.
const AT_ONCE: usize = 64;

/// `servers:meeting_list`
pub(super) async fn list(context: &mut Context, listing: &ListingOf) -> Result<(), TaskError> {
    let servers = chosen(context, given(listing.ids.as_ref())).await?;
    let client = std::sync::Arc::clone(&context.client);
    let questions = servers.iter().map(|server| ask(&client, &server.route));
    let mut answers = futures_util::stream::iter(questions).buffered(AT_ONCE);
    let mut running = Vec::new();
    while let Some((server, answer)) = answers.next().await {
        match answer {
            Ok(listed) if listing.json => running.extend(listed.into_iter().map(|meeting| (server, meeting))),
            Ok(listed) => {
                head(&mut context.out, server)?;
                let names: Vec<&str> = listed.iter().map(|meeting| meeting.name.as_str()).collect();
                context.out.line(format!("MeetingIDs: \n\t{}", names.join("\n\t")))?;
                if listed.is_empty() {
                    complain(format_args!("\tNo meetings to display"));
                }
            }
            Err(error) => {
                if !listing.json {
                    head(&mut context.out, server)?;
                }
                complain(format_args!("\nFailed to get server id={} status: {error}", server.id));
            }
        }
    }
    if listing.json { print_json(context, &running).await } else { Ok(()) }
}

fn head(out: &mut crate::output::Output, server: &Route) -> Result<(), TaskError> {
    out.line(format!("\nServer ID: {}", server.id))?;
    Ok(out.line(format!("Server Url: {}", server.url))?)
}

async fn ask<'a>(
    client: &BbbClient,
    server: &'a Route,
) -> (&'a Route, Result<Vec<ListedMeeting>, CallError>) {
    (server, client.meetings(server.into()).await.map(|(_, listed)| listed))
}

/// What the servers do not tell comes from the live state.
async fn print_json(context: &mut Context, running: &[(&Route, ListedMeeting)]) -> Result<(), TaskError> {
    let known = context.state.meetings().await?;
    let known: HashMap<&str, _> = known.iter().map(|meeting| (meeting.id.as_str(), meeting)).collect();
    let views: Vec<MeetingView<'_>> = running
        .iter()
        .map(|(server, listed)| {
            let record = known.get(listed.id.as_str()).filter(|record| record.server_id == server.id);
            let record = record.map(|record| MeetingView::from(*record));
            let told = Some(listed.tenant_id.as_str()).filter(|id| !id.is_empty());
            MeetingView {
                id: &listed.id,
                server_id: server.id.as_str(),
                tenant_id: record.as_ref().and_then(|record| record.tenant_id).or(told),
                voice_bridge: record.and_then(|record| record.voice_bridge),
            }
        })
        .collect();
    Ok(context.out.json(&views)?)
}

/// The servers of these IDs, which must all be known, in their order; without any, all.
async fn chosen(context: &Context, wanted: Option<&str>) -> Result<Vec<Server>, TaskError> {
    let all = context.state.servers().await?;
    let mut wanted = ids(wanted).peekable();
    if wanted.peek().is_none() {
        return Ok(all);
    }
    let find = |id: &str| all.iter().find(|server| server.route.id.as_str() == id).cloned();
    wanted.map(|id| find(id).ok_or_else(|| TaskError::NoServer(id.to_owned()))).collect()
}
