//! `servers` and the tasks that change one server.

use scalelite_core::operating::numbers::decimal;
use scalelite_core::operating::{self, api_url};
use scalelite_core::pool::server::{AdminState, ServerId};
use scalelite_core::printable::printable;
use scalelite_core::state::{NewServer, ServerChange};
use secrecy::ExposeSecret;
use url::Url;

use super::views::{ServerView, online};
use super::{Context, TaskError, multiplier};
use crate::cli::{AddServer, SetLoadMultiplier, SetTag, UpdateServer, given};
use crate::output::complain;

/// `servers`
pub(super) async fn list(context: &mut Context, json: bool) -> Result<(), TaskError> {
    let servers = context.state.servers().await?;
    if json {
        let views: Vec<_> = servers.iter().map(ServerView::new).collect();
        return Ok(context.out.json(&views)?);
    }
    if servers.is_empty() {
        complain(format_args!("No servers are configured"));
    }
    let out = &mut context.out;
    for server in &servers {
        let route = &server.route;
        out.line(format!("id: {}", route.id))?;
        out.line(format!("\turl: {}", route.url))?;
        out.line(format!("\tsecret: {}", route.secret.expose_secret()))?;
        out.line(format!("\t{}", route.state))?;
        out.line(format!("\tload: {}", server.load.map_or_else(|| "unavailable".to_owned(), decimal)))?;
        out.line(format!("\tload multiplier: {}", decimal(server.load_multiplier)))?;
        out.line(format!("\tbbb version: {}", printable(server.bbb_version.as_deref().unwrap_or_default())))?;
        out.line(format!("\ttag: {}", route.tag.as_deref().unwrap_or_default()))?;
        out.line(format!("\t{}", online(server)))?;
    }
    Ok(())
}

/// `servers:add`
pub(super) async fn add(context: &mut Context, server: &AddServer) -> Result<(), TaskError> {
    let (Some(url), Some(secret)) = (given(server.url.as_ref()), given(server.secret.as_ref())) else {
        return Err(TaskError::NoUrlOrSecret);
    };
    let id = new_id(context, &api_url::parse(url)?);
    context.record.target(id.as_str());
    let load_multiplier = match server.settings.load_multiplier() {
        Some(text) => multiplier::read(text, &mut context.out)?,
        None => 1.0,
    };
    let tag = server.settings.tag().and_then(operating::tag);
    let new = NewServer {
        id: id.clone(),
        url: url.to_owned(),
        secret: secret.to_owned().into(),
        tag,
        load_multiplier,
    };
    if !context.state.add_server(&new).await? {
        return Err(TaskError::IdTaken(id.to_string()));
    }
    if let Some(warning) = api_url::warning(url) {
        complain(warning);
    }
    context.out.line("OK")?;
    Ok(context.out.line(format!("id: {id}"))?)
}

/// The ID that a new server gets.
pub(super) fn new_id(context: &Context, url: &Url) -> ServerId {
    api_url::new_id(url, context.config.pool.server_id_is_hostname)
}

/// `servers:update`
pub(super) async fn update(context: &mut Context, server: &UpdateServer) -> Result<(), TaskError> {
    let id = &server.id;
    context.out.line(format!("Updating server {id}..."))?;
    context.server(id).await?;
    let secret = given(server.secret.as_ref().or(server.named_secret.as_ref()));
    let mut change =
        ServerChange { secret: secret.map(|secret| secret.to_owned().into()), ..Default::default() };
    if let Some(text) = server.settings.load_multiplier() {
        change.load_multiplier = Some(multiplier::read(text, &mut context.out)?);
    }
    // An empty tag takes the tag away, none leaves it.
    change.tag = server.settings.tag().map(operating::tag);
    apply(context, id, &change).await
}

/// `servers:remove`
pub(super) async fn remove(context: &mut Context, id: &str) -> Result<(), TaskError> {
    context.out.line(format!("Removing server {id}..."))?;
    if !context.state.remove_server(&id.into()).await? {
        return Err(TaskError::NoServer(id.to_owned()));
    }
    Ok(context.out.line("OK")?)
}

/// `servers:enable`
pub(super) async fn enable(context: &mut Context, id: &str) -> Result<(), TaskError> {
    context.out.line(format!("Enabling server {id}..."))?;
    apply(context, id, &to_state(AdminState::Enabled)).await
}

/// `servers:cordon`
pub(super) async fn cordon(context: &mut Context, id: &str) -> Result<(), TaskError> {
    context.out.line(format!("Cordoning server {id}..."))?;
    apply(context, id, &to_state(AdminState::Cordoned)).await
}

/// `servers:loadMultiplier`
pub(super) async fn set_load_multiplier(
    context: &mut Context,
    server: &SetLoadMultiplier,
) -> Result<(), TaskError> {
    context.server(&server.id).await?;
    let load_multiplier = match given(server.load_multiplier.as_ref()) {
        Some(text) => multiplier::read(text, &mut context.out)?,
        None => 1.0,
    };
    let change = ServerChange { load_multiplier: Some(load_multiplier), ..Default::default() };
    apply(context, &server.id, &change).await
}

/// `servers:tag`
pub(super) async fn set_tag(context: &mut Context, server: &SetTag) -> Result<(), TaskError> {
    let change =
        ServerChange { tag: Some(server.tag.as_deref().and_then(operating::tag)), ..Default::default() };
    apply(context, &server.id, &change).await
}

/// A change of the state alone.
pub(super) fn to_state(state: AdminState) -> ServerChange {
    ServerChange { state: Some(state), ..Default::default() }
}

async fn apply(context: &mut Context, id: &str, change: &ServerChange) -> Result<(), TaskError> {
    if !context.state.change_server(&id.into(), change).await? {
        return Err(TaskError::NoServer(id.to_owned()));
    }
    Ok(context.out.line("OK")?)
}
