//! What the tests start from: servers with a load, and requests to create meetings.

use std::time::Duration;

use scalelite_core::pool::health::Health;
use scalelite_core::pool::placement::TagRule;
use scalelite_core::pool::server::{AdminState, Server, ServerId, Usage};
use scalelite_core::pool::voice_bridge;
use scalelite_core::state::{
    LiveState, Located, NewServer, PlaceMeeting, Placement, PollResult, PollTask, Recorded, ServerChange,
};

pub(crate) const ONLINE: Health = Health { online: true, healthy: 0, unhealthy: 0 };
pub(crate) const OFFLINE: Health = Health { online: false, healthy: 0, unhealthy: 0 };

/// A server to add; nothing special.
pub(crate) fn new_server(id: &str) -> NewServer {
    NewServer {
        id: id.into(),
        url: format!("https://{id}.example.com/bigbluebutton/api"),
        secret: format!("secret of {id}").into(),
        tag: None,
        load_multiplier: 1.0,
    }
}

/// Adds this server, enables it and lets a poll find it online with this load.
pub(crate) async fn available(state: &dyn LiveState, server: NewServer, load: f64) {
    assert!(state.add_server(&server).await.unwrap());
    set_state(state, server.id.as_str(), AdminState::Enabled).await;
    assert_eq!(polled(state, server.id.as_str(), load).await, Recorded::Done);
}

/// The same for servers that are all alike.
pub(crate) async fn servers(state: &dyn LiveState, ids: &[&str]) {
    for id in ids {
        available(state, new_server(id), 0.0).await;
    }
}

pub(crate) async fn set_state(state: &dyn LiveState, id: &str, wanted: AdminState) {
    let change = ServerChange { state: Some(wanted), ..ServerChange::default() };
    assert!(state.change_server(&id.into(), &change).await.unwrap());
}

/// Begins a poll of one server.
pub(crate) async fn begin_poll(state: &dyn LiveState, id: &str) -> PollTask {
    let tasks = state.take_all_polls().await.unwrap();
    tasks.into_iter().find(|task| task.server.route.id.as_str() == id).expect("the server is polled")
}

/// What a poll found that had begun like this.
pub(crate) fn result(task: &PollTask, health: Health, measured: Option<(f64, Usage)>) -> PollResult {
    PollResult {
        server_id: task.server.route.id.clone(),
        health,
        measured,
        load_added_before: task.load_added,
    }
}

/// Polls one server, which answers with this load.
pub(crate) async fn polled(state: &dyn LiveState, id: &str, load: f64) -> Recorded {
    let task = begin_poll(state, id).await;
    state.record_poll(&result(&task, ONLINE, Some((load, Usage::default())))).await.unwrap()
}

/// Polls one server, which is found to be offline.
pub(crate) async fn lost(state: &dyn LiveState, id: &str) {
    let task = begin_poll(state, id).await;
    assert_eq!(state.record_poll(&result(&task, OFFLINE, None)).await.unwrap(), Recorded::Done);
}

pub(crate) async fn server(state: &dyn LiveState, id: &str) -> Server {
    state.server(&id.into()).await.unwrap().expect("the server is known")
}

pub(crate) async fn load(state: &dyn LiveState, id: &str) -> Option<f64> {
    server(state, id).await.load
}

/// A request to create a meeting.
#[derive(Clone)]
pub(crate) struct Create {
    id: String,
    tenant: Option<String>,
    moderator_pw: String,
    voice_bridges: Vec<String>,
    tags: TagRule,
    ttl: Duration,
    max_meetings: Option<u32>,
    failed: Vec<ServerId>,
}

impl Create {
    pub(crate) fn of(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            tenant: None,
            moderator_pw: format!("password of {id}"),
            voice_bridges: voice_bridge::candidates(id, 9, None),
            tags: TagRule::default(),
            ttl: Duration::from_secs(600),
            max_meetings: None,
            failed: Vec::new(),
        }
    }

    pub(crate) fn tenant(self, tenant: &str) -> Self {
        Self { tenant: Some(tenant.to_owned()), ..self }
    }

    pub(crate) fn moderator_pw(self, password: &str) -> Self {
        Self { moderator_pw: password.to_owned(), ..self }
    }

    pub(crate) fn voice_bridges(self, numbers: &[&str]) -> Self {
        Self { voice_bridges: numbers.iter().map(|&number| number.to_owned()).collect(), ..self }
    }

    pub(crate) fn tags(self, rule: &str) -> Self {
        self.rule(TagRule::parse(rule))
    }

    pub(crate) fn rule(self, tags: TagRule) -> Self {
        Self { tags, ..self }
    }

    pub(crate) fn ttl(self, ttl: Duration) -> Self {
        Self { ttl, ..self }
    }

    pub(crate) fn max_meetings(self, most: u32) -> Self {
        Self { max_meetings: Some(most), ..self }
    }

    pub(crate) fn failed(self, servers: &[&str]) -> Self {
        Self { failed: servers.iter().map(|&id| id.into()).collect(), ..self }
    }

    pub(crate) async fn on(&self, state: &dyn LiveState) -> Placement {
        let request = PlaceMeeting {
            meeting_id: &self.id,
            tenant_id: self.tenant.as_deref(),
            moderator_pw: &self.moderator_pw,
            voice_bridges: &self.voice_bridges,
            tags: &self.tags,
            ttl: self.ttl,
            max_meetings: self.max_meetings,
            failed: &self.failed,
        };
        state.place_meeting(&request).await.unwrap()
    }

    /// Where the new meeting is.
    pub(crate) async fn created_on(&self, state: &dyn LiveState) -> Located {
        match self.on(state).await {
            Placement::Created(located) => located,
            other => panic!("{} is not created: {other:?}", self.id),
        }
    }

    /// Where the known meeting is.
    pub(crate) async fn existing_on(&self, state: &dyn LiveState) -> Located {
        match self.on(state).await {
            Placement::Existing(located) => located,
            other => panic!("{} was not known: {other:?}", self.id),
        }
    }
}

/// Creates a meeting; gives its server's ID.
pub(crate) async fn created(state: &dyn LiveState, id: &str) -> String {
    Create::of(id).created_on(state).await.server.id.to_string()
}

/// Whether the meeting is found.
pub(crate) async fn is_known(state: &dyn LiveState, id: &str) -> bool {
    state.locate_meeting(id, None).await.unwrap().is_some()
}
