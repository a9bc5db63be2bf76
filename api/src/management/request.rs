//! From a request to its answer: who asks, what the body says, what comes back.

use std::rc::Rc;

use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use scalelite_core::bbb::checksum;
use scalelite_core::bbb::params::Params;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tracing::Instrument;

use super::audit::Audit;
use super::operation::Operation;
use super::refusal::Refusal;
use crate::app::App;
use crate::body::{Body, has_body};

/// A request of somebody who has a load-balancer secret.
pub(super) struct Request {
    pub(super) app: Data<App>,
    query: Params,
}

impl Request {
    /// A parameter of the query; one that is missing is empty.
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.query.get(name).unwrap_or_default()
    }
}

/// The answer to a request for an operation.
pub(super) async fn answer(operation: Rc<Operation>, request: HttpRequest, payload: Payload) -> HttpResponse {
    match run(&operation, &request, payload).await {
        Ok(body) => json(HttpResponse::build(operation.done)).body(body),
        Err(refusal) => refusal.answer(),
    }
}

async fn run(operation: &Operation, request: &HttpRequest, payload: Payload) -> Result<Bytes, Refusal> {
    let app = request.app_data::<Data<App>>().ok_or(Refusal::Unsupported)?;
    let query = Params::parse(request.query_string())?;
    authenticate(app, operation.name, request.query_string(), &query)?;
    if operation.of_tenants && !app.config.meetings.multitenancy {
        return Err(Refusal::NoTenants);
    }
    if operation.method == Method::GET {
        return operation.run(Request { app: app.clone(), query }, Bytes::new()).await;
    }
    let body = body(app, request, payload).await?;
    let audit = Audit::of(app, operation.name, request.query_string(), &query, &body);
    let change = operation.run(Request { app: app.clone(), query }, body);
    let change = async move {
        let result = change.await;
        audit.note(&result).await;
        result
    };
    // A change is carried through even if the client goes away in the middle.
    match actix_web::rt::spawn(change.in_current_span()).await {
        Ok(result) => result,
        Err(error) => {
            tracing::error!(%error, "a call ended unexpectedly");
            Err(Refusal::Broken)
        }
    }
}

/// Only the load balancer's own secrets open this, also through the host of a tenant.
fn authenticate(app: &App, call: &str, query: &str, params: &Params) -> Result<(), Refusal> {
    let given = params.get("checksum").unwrap_or_default();
    let secrets = &app.config.secrets;
    match checksum::verify(call, query, given, &secrets.loadbalancer, &secrets.accepted) {
        true => Ok(()),
        false => Err(Refusal::Checksum),
    }
}

async fn body(app: &App, request: &HttpRequest, payload: Payload) -> Result<Bytes, Refusal> {
    if !has_body(request) {
        return Ok(Bytes::new());
    }
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::ContentType);
    }
    let limit = app.config.http.max_form_bytes;
    let mut payload = payload.into_inner();
    Ok(Body { request, payload: &mut payload, limit, shutdown: &app.shutdown }.whole().await?)
}

/// What the body says. IDs may stand in the query, too, and count before those of the body; without a body, that is all.
pub(super) fn input<I: DeserializeOwned>(request: &Request, body: &[u8]) -> Result<I, Refusal> {
    let mut said: Map<String, Value> = if body.is_empty() {
        Map::new()
    } else {
        serde_json::from_slice(body)
            .map_err(|error| Refusal::Bad(format!("The body is no JSON object: {error}")))?
    };
    for name in ["id", "tenant_id"] {
        if let Some(value) = request.query.get(name) {
            said.insert(name.to_owned(), value.into());
        }
    }
    serde_json::from_value(said.into())
        .map_err(|error| Refusal::Bad(format!("The body cannot be used: {error}")))
}

/// An answer's body.
pub(super) fn output<O: Serialize>(answer: &O) -> Result<Bytes, Refusal> {
    let body = serde_json::to_vec(answer).map_err(|error| {
        tracing::error!(%error, "an answer cannot be written");
        Refusal::Broken
    })?;
    Ok(body.into())
}

/// An answer in JSON. It is nobody else's: it may hold secrets.
pub(super) fn json(mut answer: HttpResponseBuilder) -> HttpResponseBuilder {
    answer.content_type("application/json; charset=utf-8").insert_header((CACHE_CONTROL, "no-store"));
    answer
}
