//! `getMeetings`: all servers are asked at the same time, and their meetings are passed on as they
//! came (CONTRACT §4).

use std::time::{Duration, Instant};

use actix_web::body::{BodySize, MessageBody};
use actix_web::{HttpResponse, web};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use scalelite_core::bbb::client::CallError;
use scalelite_core::bbb::error::BbbError;
use scalelite_core::bbb::meetings::{self, ListedMeeting};
use scalelite_core::bbb::params::Params;
use scalelite_core::bbb::xml;
use scalelite_core::pool::server::{AdminState, Route, Server};

use super::stragglers::patience;
use super::{answer, target};
use crate::app::App;
use crate::auth::Call;
use crate::error::ApiError;

/// The least time that servers have to answer, unless `RESPONSE_TIMEOUT` is less.
const LEAST_PATIENCE: Duration = Duration::from_secs(1);
/// What a server gets that was too slow the last time, or failed its last poll.
const SLOW_SERVER_PATIENCE: Duration = Duration::from_millis(100);

/// Merges what the servers list.
pub(crate) async fn get_meetings(app: web::Data<App>, call: Call) -> Result<HttpResponse, ApiError> {
    if app.config.meetings.get_meetings_disabled {
        return Ok(answer(xml::no_meetings()));
    }
    let servers = app.state.servers().await?;
    let asked: Vec<Server> =
        servers.into_iter().filter(|s| s.route.online && s.route.state != AdminState::Disabled).collect();
    if asked.is_empty() {
        tracing::warn!("no servers are available");
        return Ok(answer(xml::no_meetings()));
    }
    let lists = ask(&app, asked).await;
    if lists.is_empty() {
        return Err(BbbError::internal("Unable to access server.").into());
    }
    let tenant = call.tenant_id().unwrap_or_default();
    let mut merged = Chunks::default();
    for (body, meetings) in lists {
        for meeting in meetings.into_iter().filter(|meeting| meeting.tenant_id == tenant) {
            merged.push(body.slice(meeting.span));
        }
    }
    if merged.is_empty() {
        return Ok(answer(xml::no_meetings()));
    }
    Ok(HttpResponse::Ok().content_type(xml::CONTENT_TYPE).body(merged.enclosed()))
}

type Listing = (Bytes, Vec<ListedMeeting>);

/// The answers of those servers that gave a usable one in time.
async fn ask(app: &App, servers: Vec<Server>) -> Vec<Listing> {
    let started = Instant::now();
    let slow: Vec<bool> = servers
        .iter()
        .map(|server| server.unhealthy_counter > 0 || app.stragglers.contains(&server.route.id))
        .collect();
    let prompt = slow.iter().filter(|slow| !**slow).count();
    let mut pending: FuturesUnordered<_> =
        servers.iter().enumerate().map(async |(n, server)| (n, list(app, &server.route).await)).collect();
    let most = app.config.backend.connect_timeout + app.config.backend.response_timeout;
    let mut lists: Vec<(usize, Listing)> = Vec::with_capacity(servers.len());
    let mut outstanding: Vec<bool> = vec![true; servers.len()];
    let (mut prompt_done, mut deadline) = (0, started + most);
    if prompt == 0 {
        deadline = started + LEAST_PATIENCE.min(most);
    }
    while let Ok(Some((n, listed))) = tokio::time::timeout_at(deadline.into(), pending.next()).await {
        let server = &servers[n];
        outstanding[n] = false;
        prompt_done += usize::from(!slow[n]);
        app.stragglers.remove(&server.route.id);
        match listed {
            Ok(listing) => lists.push((n, listing)),
            Err(error) => tracing::warn!(server = %server.route.id, %error, "left out of getMeetings"),
        }
        if prompt > 0 && prompt_done >= prompt {
            deadline = deadline.min(Instant::now() + SLOW_SERVER_PATIENCE);
        } else if prompt_done * 2 >= prompt {
            deadline = deadline.min(started + patience(started.elapsed(), LEAST_PATIENCE, most));
        }
    }
    for (server, _) in servers.iter().zip(&outstanding).filter(|(_, outstanding)| **outstanding) {
        tracing::warn!(server = %server.route.id, "too slow: left out of getMeetings");
        app.stragglers.add(&server.route.id);
    }
    // In the order of the servers, so that the answer does not depend on who was faster.
    lists.sort_by_key(|(n, _)| *n);
    lists.into_iter().map(|(_, listing)| listing).collect()
}

async fn list(app: &App, server: &Route) -> Result<Listing, CallError> {
    let given = app.client.fetch(target(server), "getMeetings", &Params::default(), None).await?;
    match meetings::list(&given.body)? {
        Ok(meetings) => Ok((given.body, meetings)),
        Err(error) => Err(CallError::Failed(error)),
    }
}

/// A body of slices of the servers' answers, written without copying them together.
#[derive(Default)]
struct Chunks {
    chunks: Vec<Bytes>,
    bytes: u64,
}

impl Chunks {
    fn push(&mut self, chunk: Bytes) {
        self.bytes += chunk.len() as u64;
        self.chunks.push(chunk);
    }

    fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    fn enclosed(mut self) -> Self {
        self.push(Bytes::from_static(xml::MEETINGS_TAIL.as_bytes()));
        // Taken from the end.
        self.chunks.reverse();
        self.push(Bytes::from_static(xml::MEETINGS_HEAD.as_bytes()));
        self
    }
}

impl MessageBody for Chunks {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.bytes)
    }

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Bytes, Self::Error>>> {
        std::task::Poll::Ready(self.chunks.pop().map(Ok))
    }
}
