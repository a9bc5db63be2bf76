//! What is done to servers: enable, cordon, disable, panic.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Payload, Query};
use scalelite_core::operating::ending::{Ending, Outcome, panic};
use scalelite_core::pool::server::{AdminState, Server};
use scalelite_core::state::ServerChange;
use serde::Deserialize;

use super::ask::{self, Ask, Noted, to_the_end};
use super::form;
use super::notice::Notice;
use super::page::Section;
use super::pool::host;
use super::refused::Refused;
use super::visit::Visit;

/// All calls of one panic to its server take no longer together; what is left then is forgotten, not ended.
const PANIC_LIMIT: Duration = Duration::from_secs(25);

/// What can be done to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Enable,
    Cordon,
    Disable,
    Panic,
}

impl Action {
    const ALL: [Self; 4] = [Self::Enable, Self::Cordon, Self::Disable, Self::Panic];

    fn name(self) -> &'static str {
        match self {
            Self::Enable => "enable",
            Self::Cordon => "cordon",
            Self::Disable => "disable",
            Self::Panic => "panic",
        }
    }

    /// As tasks name it, and so the audit log.
    fn task(self) -> &'static str {
        match self {
            Self::Enable => "servers:enable",
            Self::Cordon => "servers:cordon",
            Self::Disable => "servers:disable",
            Self::Panic => "servers:panic",
        }
    }

    fn state(self) -> Option<AdminState> {
        match self {
            Self::Enable => Some(AdminState::Enabled),
            Self::Cordon => Some(AdminState::Cordoned),
            Self::Disable => Some(AdminState::Disabled),
            Self::Panic => None,
        }
    }

    fn ask(self, server: &Server, wrong: Option<&'static str>) -> Ask {
        let (id, host) = (server.route.id.as_str(), host(&server.route.url));
        let (meetings, users) = (server.usage.meetings, server.usage.users);
        let now = format!("It has {meetings} meetings with {users} users now.");
        let (title, happens, button) = match self {
            Self::Enable => ("Enable", "It takes new meetings while it is online.", "Enable"),
            Self::Cordon => (
                "Cordon",
                "It keeps its meetings and takes no new ones; when they are over, it becomes disabled.",
                "Cordon",
            ),
            Self::Disable => (
                "Disable",
                "It takes no new meetings, and nobody can join those that it has. To let them end, cordon it.",
                "Disable",
            ),
            Self::Panic => (
                "Panic",
                "It becomes disabled, and all its meetings end at once. This cannot be undone.",
                "End all its meetings",
            ),
        };
        let is_panic = self == Self::Panic;
        Ask {
            title: format!("{title} {host}?"),
            sentences: vec![happens.to_owned(), now],
            action: "/servers",
            says: vec![("do", self.name().to_owned()), ("id", id.to_owned())],
            check: is_panic
                .then_some(("keep_state", "Keep its state: it goes on taking meetings as it does now")),
            typed: is_panic.then(|| id.to_owned()),
            button,
            danger: matches!(self, Self::Disable | Self::Panic),
            wrong,
            ..Ask::default()
        }
    }
}

/// What is to be done to which server.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    r#do: Action,
    #[serde(default)]
    id: String,
}

async fn find(visit: &Visit, id: &str) -> Result<Server, Refused> {
    let server = visit.app.state.server(&id.into()).await?;
    server.ok_or_else(|| Refused::Gone(format!("There is no server {id} any more.")))
}

/// The page that asks.
pub(super) async fn ask(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, Refused> {
    let server = find(&visit, &asked.id).await?;
    ask::show(&visit, Section::Pool, asked.r#do.ask(&server, None))
}

/// Does it.
pub(super) async fn act(visit: Visit, payload: Payload) -> Result<HttpResponse, Refused> {
    let said = form::read_own(&visit, payload).await?;
    let wanted = said.get("do").unwrap_or_default();
    let action = Action::ALL.into_iter().find(|action| action.name() == wanted);
    let action = action.ok_or_else(|| Refused::Bad("There is no such action.".to_owned()))?;
    let server = find(&visit, said.get("id").unwrap_or_default()).await?;
    if action == Action::Panic && said.get("typed").map(str::trim) != Some(server.route.id.as_str().trim()) {
        let wrong = Some("That is not the ID of this server. Nothing was done.");
        return ask::show(&visit, Section::Pool, action.ask(&server, wrong));
    }
    let keep_state = said.get("keep_state") == Some("true");
    to_the_end(async move {
        let id = server.route.id.as_str();
        let result = change(&visit, &server, action, keep_state).await;
        let how = if keep_state && action == Action::Panic { "keep_state=true" } else { "" };
        ask::note(&visit, Noted { what: action.task(), target: id, how }, &result).await;
        Ok(ask::told(&visit, Section::Pool, &result?))
    })
    .await
}

async fn change(visit: &Visit, server: &Server, action: Action, keep_state: bool) -> Result<Notice, Refused> {
    let (app, host) = (&visit.app, host(&server.route.url));
    let gone = || Refused::Gone(format!("There is no server {} any more.", server.route.id));
    if let Some(state) = action.state() {
        let change = ServerChange { state: Some(state), ..ServerChange::default() };
        if !app.state.change_server(&server.route.id, &change).await? {
            return Err(gone());
        }
        return Ok(Notice::good(format!("{host} is {state} now.")));
    }
    let ending = Ending { state: app.state.as_ref(), client: &app.client, limit: Some(PANIC_LIMIT) };
    let (mut ended, mut not_ended) = (0_u32, 0_u32);
    let known = panic(ending, &server.route, keep_state, |meeting, outcome| {
        match outcome {
            Outcome::Forgotten => {}
            Outcome::Ended => ended += 1,
            Outcome::NotEnded(error) => {
                not_ended += 1;
                let server = server.route.id.as_str();
                tracing::warn!(server, meeting = meeting.id, %error, "a meeting could not be ended");
            }
        }
        Ok::<_, Refused>(())
    });
    if !known.await? {
        return Err(gone());
    }
    Ok(match not_ended {
        0 => Notice::good(format!("{host} is cleared: {ended} meetings ended.")),
        _ => Notice::bad(format!(
            "{host} is cleared here, but did not end {not_ended} of its meetings ({ended} ended); the log names them."
        )),
    })
}
