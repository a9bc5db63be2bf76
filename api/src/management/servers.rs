//! Servers.

use std::time::Duration;

use scalelite_core::operating::ending::{Ending, Outcome, panic};
use scalelite_core::operating::numbers::decimal;
use scalelite_core::operating::{self, api_url};
use scalelite_core::pool::server::{AdminState, Server, ServerId};
use scalelite_core::state::{LiveState, NewServer, ServerChange};
use schemars::JsonSchema;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::inputs::{Flag, LoadMultiplier, NOT_BLANK, Success, given};
use super::operation::Operation;
use super::refusal::Refusal;
use super::request::Request;

/// All calls of one `panicServer` to its server take no longer together; what is left then is forgotten, not ended.
const PANIC_LIMIT: Duration = Duration::from_secs(25);

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("getServers", "All servers.", list),
        Operation::get("getServerInfo", "One server.", show).by("id"),
        Operation::post("addServer", "Adds a server; it is disabled at first.", add).creates(),
        Operation::post("updateServer", "Changes a server.", update),
        Operation::post("deleteServer", "Removes a server, and forgets its meetings.", delete),
        Operation::post("panicServer", "Disables a server and ends all its meetings.", empty),
    ]
}

/// A server.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Server")]
struct View {
    id: String,
    /// The URL of its BigBlueButton API.
    url: String,
    /// What signs calls to it.
    secret: String,
    /// Empty for none.
    tag: String,
    /// Empty while it is not known.
    bbb_version: String,
    #[schemars(extend("enum" = ["enabled", "cordoned", "disabled"]))]
    state: &'static str,
    load: Load,
    /// What one user counts on it, a decimal number.
    load_multiplier: String,
    #[schemars(extend("enum" = ["online", "offline"]))]
    online: &'static str,
}

/// Its users, weighted; or that it takes no meetings.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
enum Load {
    Known(f64),
    None(#[schemars(extend("const" = "unavailable"))] &'static str),
}

impl From<Server> for View {
    fn from(server: Server) -> Self {
        Self {
            id: server.route.id.to_string(),
            url: server.route.url,
            secret: server.route.secret.expose_secret().to_owned(),
            tag: server.route.tag.unwrap_or_default(),
            bbb_version: server.bbb_version.unwrap_or_default(),
            state: server.route.state.as_str(),
            load: server.load.map_or(Load::None("unavailable"), Load::Known),
            load_multiplier: decimal(server.load_multiplier),
            online: if server.route.online { "online" } else { "offline" },
        }
    }
}

async fn list(request: Request) -> Result<Vec<View>, Refusal> {
    let servers = request.app.state.servers().await?;
    if servers.is_empty() {
        return Err(Refusal::NotFound("No servers are configured".to_owned()));
    }
    Ok(servers.into_iter().map(View::from).collect())
}

async fn show(request: Request) -> Result<View, Refusal> {
    find(request.app.state.as_ref(), request.parameter("id")).await.map(View::from)
}

async fn find(state: &dyn LiveState, id: &str) -> Result<Server, Refusal> {
    state.server(&id.into()).await?.ok_or_else(|| unknown(id))
}

fn unknown(id: impl std::fmt::Display) -> Refusal {
    Refusal::NotFound(format!("Couldn't find server with id={id}"))
}

#[derive(Deserialize, JsonSchema)]
struct AddServer {
    #[schemars(required)]
    server: Option<AddedServer>,
}

#[derive(Default, Deserialize, JsonSchema)]
struct AddedServer {
    /// The URL of its BigBlueButton API: http or https, a host, no query; ASCII without spaces.
    #[schemars(required, regex(pattern = r"^https?://[!-~]+$"))]
    url: Option<String>,
    /// What signs calls to it.
    #[schemars(required, regex(pattern = NOT_BLANK))]
    secret: Option<String>,
    /// What one user counts on it; missing or 0: 1.
    load_multiplier: Option<LoadMultiplier>,
    /// Empty for none.
    tag: Option<String>,
}

async fn add(request: Request, input: AddServer) -> Result<View, Refusal> {
    let AddedServer { url, secret, load_multiplier, tag } =
        input.server.ok_or_else(|| Refusal::missing("server"))?;
    let (Some(url), Some(secret)) = (given(url.as_ref()), given(secret.as_ref())) else {
        return Err(Refusal::Bad("Server needs a URL and a secret".to_owned()));
    };
    let parsed = api_url::parse(url).map_err(|error| Refusal::Bad(error.to_string()))?;
    let load_multiplier = match load_multiplier.filter(|given| !given.is_blank() && !given.is_zero()) {
        Some(given) => read(&given)?,
        None => 1.0,
    };
    let id = api_url::new_id(&parsed, request.app.config.pool.server_id_is_hostname);
    let (url, secret) = (url.to_owned(), secret.to_owned().into());
    let tag = tag.as_deref().and_then(operating::tag);
    let state = request.app.state.as_ref();
    if !state.add_server(&NewServer { id: id.clone(), url, secret, tag, load_multiplier }).await? {
        return Err(Refusal::Taken(format!("Server already exists with id '{id}'")));
    }
    find(state, id.as_str()).await.map(View::from)
}

fn read(load_multiplier: &LoadMultiplier) -> Result<f64, Refusal> {
    load_multiplier.read().ok_or_else(|| Refusal::Bad("Load-multiplier must be a non-zero number".to_owned()))
}

#[derive(Deserialize, JsonSchema)]
struct UpdateServer {
    #[schemars(required)]
    id: Option<String>,
    #[schemars(required)]
    server: Option<UpdatedServer>,
}

/// What is missing (or empty, but for the tag) stays as it is.
#[derive(Deserialize, JsonSchema)]
struct UpdatedServer {
    #[schemars(extend("enum" = ["enable", "cordon", "disable", "", null]))]
    state: Option<String>,
    /// What one user counts on it; more than 0.
    load_multiplier: Option<LoadMultiplier>,
    /// What signs calls to it.
    secret: Option<String>,
    /// An empty one takes the tag away.
    tag: Option<String>,
}

async fn update(request: Request, input: UpdateServer) -> Result<View, Refusal> {
    let (state, id) = (request.app.state.as_ref(), input.id.unwrap_or_default());
    find(state, &id).await?;
    let UpdatedServer { state: wanted, load_multiplier, secret, tag } =
        input.server.ok_or_else(|| Refusal::missing("server"))?;
    let wanted = given(wanted.as_ref()).map(|wanted| match wanted {
        "enable" => Ok(AdminState::Enabled),
        "cordon" => Ok(AdminState::Cordoned),
        "disable" => Ok(AdminState::Disabled),
        _ => Err(Refusal::Bad(format!("Invalid state parameter: {wanted}"))),
    });
    let load_multiplier = load_multiplier.filter(|given| !given.is_blank());
    let change = ServerChange {
        url: None,
        secret: given(secret.as_ref()).map(|secret| secret.to_owned().into()),
        tag: tag.as_deref().map(operating::tag),
        load_multiplier: load_multiplier.as_ref().map(read).transpose()?,
        state: wanted.transpose()?,
    };
    if !state.change_server(&ServerId::from(id.as_str()), &change).await? {
        return Err(unknown(id));
    }
    find(state, &id).await.map(View::from)
}

#[derive(Deserialize, JsonSchema)]
struct DeleteServer {
    #[schemars(required)]
    id: Option<String>,
}

async fn delete(request: Request, input: DeleteServer) -> Result<Success, Refusal> {
    let id = input.id.unwrap_or_default();
    if !request.app.state.remove_server(&id.as_str().into()).await? {
        return Err(unknown(id));
    }
    Ok(Success { success: format!("Server id={id} was destroyed") })
}

#[derive(Deserialize, JsonSchema)]
struct PanicServer {
    #[schemars(required)]
    id: Option<String>,
    /// Whether it stays enabled or cordoned.
    keep_state: Option<Flag>,
    server: Option<PanickedServer>,
}

#[derive(Deserialize, JsonSchema)]
struct PanickedServer {
    /// The same.
    keep_state: Option<Flag>,
}

/// What became of a panic.
#[derive(Debug, Serialize, JsonSchema)]
struct Panicked {
    success: String,
    /// The meetings that are forgotten here, but that their server did not end.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    not_ended: Vec<String>,
}

async fn empty(request: Request, input: PanicServer) -> Result<Panicked, Refusal> {
    let (app, id) = (&request.app, input.id.unwrap_or_default());
    let server = find(app.state.as_ref(), &id).await?;
    let keep_state = input.keep_state.or(input.server.and_then(|server| server.keep_state));
    let ending = Ending { state: app.state.as_ref(), client: &app.client, limit: Some(PANIC_LIMIT) };
    let mut not_ended = Vec::new();
    let known = panic(ending, &server.route, keep_state.is_some_and(bool::from), |meeting, outcome| {
        if let Outcome::NotEnded(error) = outcome {
            tracing::warn!(server = id, meeting = meeting.id, %error, "a meeting could not be ended");
            not_ended.push(meeting.id.clone());
        }
        Ok::<_, Refusal>(())
    });
    if !known.await? {
        return Err(unknown(id));
    }
    let success = format!("Server id={id} has been disabled and the meetings have been destroyed");
    Ok(Panicked { success, not_ended })
}
