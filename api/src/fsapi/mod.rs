//! `POST /fsapi`: FreeSWITCH asks what to do with a call (CONTRACT §5).

mod basic;

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::WWW_AUTHENTICATE;
use actix_web::{HttpRequest, HttpResponse, web};
use scalelite_core::bbb::xml;
use scalelite_core::dialplan::{Dialplan, Prompts, Request};
use scalelite_core::state::{Located, StateError};
use url::Url;

use crate::app::App;
use crate::body::Body;
use crate::error::ApiError;
use crate::host;

/// Answers with a dialplan. An answer with another status than 200 lets FreeSWITCH try its next gateway.
pub(crate) async fn dial(app: web::Data<App>, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    if !basic::is_allowed(&app.config.voice.fsapi_password, &request) {
        let realm = app.config.http.url_host.as_deref().unwrap_or("scalelite");
        let challenge = (WWW_AUTHENTICATE, format!("Basic realm=\"{realm}\""));
        return HttpResponse::Unauthorized().insert_header(challenge).body("HTTP Basic: Access denied.\n");
    }
    match answer(&app, &request, payload).await {
        Ok(document) => HttpResponse::Ok().content_type(xml::CONTENT_TYPE).body(document),
        Err(ApiError::State(error)) => {
            tracing::error!(%error, "a call is not answered: the live state cannot be used");
            HttpResponse::new(StatusCode::SERVICE_UNAVAILABLE)
        }
        Err(error) => HttpResponse::from_error(error),
    }
}

async fn answer(app: &App, request: &HttpRequest, payload: web::Payload) -> Result<String, ApiError> {
    let limit = app.config.http.max_form_bytes;
    let mut payload = payload.into_inner();
    let body = Body { request, payload: &mut payload, limit, shutdown: &app.shutdown }.whole().await?;
    let asked = Request::parse(request.query_string().as_bytes(), &body);
    let plan = |plan: Dialplan<'_>| Ok(plan.to_xml(prompts(app)));
    let Some(destination) = asked.destination() else {
        tracing::warn!("FreeSWITCH asked for something else than the dialplan of a number");
        return plan(Dialplan::NotFound);
    };
    let Some(scope) = Scope::of(app, request).await? else {
        tracing::warn!(host = host::of(request), "a call through the host of no tenant");
        return plan(Dialplan::NotFound);
    };
    let Some(pin) = asked.pin() else { return plan(Dialplan::Prompt { destination }) };
    let Some(found) = find(app, &asked, &scope).await? else {
        tracing::info!("the number that a caller entered is no meeting's");
        return plan(Dialplan::PromptAgain { destination });
    };
    let (meeting, server) = (&found.meeting, &found.server);
    let url = Url::parse(&server.url).ok();
    let Some(host) = url.as_ref().and_then(Url::host_str) else {
        tracing::error!(server = %server.id, "a caller cannot join: the server's URL has no host");
        return plan(Dialplan::PromptAgain { destination });
    };
    tracing::info!(meeting = meeting.id, server = %server.id, "a caller joins");
    let caller_id = asked.caller_id();
    plan(Dialplan::Bridge { destination, meeting_id: &meeting.id, caller_id: &caller_id, pin, host })
}

fn prompts(app: &App) -> Prompts {
    let voice = &app.config.voice;
    let longest = voice.fsapi_max_duration.map(|minutes| Duration::from_secs(60 * u64::from(minutes)));
    Prompts { least_digits: voice.min, most_digits: voice.max, longest_call: longest }
}

/// Whose meetings a call may join.
enum Scope {
    Everybodys,
    Tenants(String),
}

impl Scope {
    /// Through its own host a tenant's, through `URL_HOST` everybody's (CONTRACT §14); through any other none.
    async fn of(app: &App, request: &HttpRequest) -> Result<Option<Self>, StateError> {
        let host = host::of(request).unwrap_or_default();
        let url_host = app.config.http.url_host.as_deref();
        if !app.config.meetings.multitenancy || url_host.is_some_and(|own| host.eq_ignore_ascii_case(own)) {
            return Ok(Some(Self::Everybodys));
        }
        let tenant = app.tenants.of_host(&app.state, host).await?;
        Ok(tenant.map(|tenant| Self::Tenants(tenant.id.clone())))
    }

    fn tenant_id(&self) -> Option<&str> {
        match self {
            Self::Everybodys => None,
            Self::Tenants(id) => Some(id),
        }
    }
}

async fn find(app: &App, asked: &Request<'_>, scope: &Scope) -> Result<Option<Located>, StateError> {
    for number in asked.voice_bridges() {
        if let Some(found) = app.state.locate_voice_bridge(number, scope.tenant_id()).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
