//! Servers and meetings as JSON: the keys of the management API (CONTRACT §12, §13).

use secrecy::ExposeSecret;
use serde::Serialize;

use scalelite_core::pool::server::Server;
use scalelite_core::state::Meeting;

/// A server.
#[derive(Serialize)]
pub(super) struct ServerView<'a> {
    id: &'a str,
    url: &'a str,
    secret: &'a str,
    tag: Option<&'a str>,
    bbb_version: Option<&'a str>,
    state: &'static str,
    load: Load,
    load_multiplier: f64,
    online: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Load {
    Known(f64),
    None(&'static str),
}

impl<'a> ServerView<'a> {
    pub(super) fn new(server: &'a Server) -> Self {
        Self {
            id: server.route.id.as_str(),
            url: &server.route.url,
            secret: server.route.secret.expose_secret(),
            tag: server.route.tag.as_deref(),
            bbb_version: server.bbb_version.as_deref(),
            state: server.route.state.as_str(),
            load: server.load.map_or(Load::None("unavailable"), Load::Known),
            load_multiplier: server.load_multiplier,
            online: online(server),
        }
    }
}

/// A server with its numbers.
#[derive(Serialize)]
pub(super) struct StatusView<'a> {
    hostname: &'a str,
    #[serde(flatten)]
    server: ServerView<'a>,
    meetings: u64,
    users: u64,
    largest_meeting: u64,
    videos: u64,
}

impl<'a> StatusView<'a> {
    pub(super) fn new(server: &'a Server, hostname: &'a str) -> Self {
        let usage = server.usage;
        Self {
            hostname,
            server: ServerView::new(server),
            meetings: usage.meetings,
            users: usage.users,
            largest_meeting: usage.largest_meeting,
            videos: usage.videos,
        }
    }
}

/// A meeting.
#[derive(Debug, Serialize)]
pub(super) struct MeetingView<'a> {
    pub(super) id: &'a str,
    pub(super) server_id: &'a str,
    pub(super) tenant_id: Option<&'a str>,
    pub(super) voice_bridge: Option<&'a str>,
}

impl<'a> From<&'a Meeting> for MeetingView<'a> {
    fn from(meeting: &'a Meeting) -> Self {
        Self {
            id: &meeting.id,
            server_id: meeting.server_id.as_str(),
            tenant_id: meeting.tenant_id.as_deref(),
            voice_bridge: Some(meeting.voice_bridge.as_str()).filter(|number| !number.is_empty()),
        }
    }
}

/// `online` or `offline`.
pub(super) fn online(server: &Server) -> &'static str {
    if server.route.online { "online" } else { "offline" }
}
