//! The management API: servers, tenants and their settings in JSON, for who has a load-balancer secret (CONTRACT §13).
//!
//! [`operations`] is its whole surface. Both the routes and the [document](document) are made of it.

mod audit;
mod document;
mod inputs;
mod operation;
mod refusal;
mod request;
mod servers;
mod tenant_settings;
mod tenants;

use std::rc::Rc;

use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::web::{Bytes, ServiceConfig, get, head, resource, scope, to};
use actix_web::{HttpRequest, HttpResponse, middleware, web};

use crate::request_log;
use operation::Operation;
use refusal::Refusal;

/// Where it is.
const PATH: &str = "/scalelite/api";
/// Where its document is, below.
const DOCUMENT: &str = "/openapi.json";

fn operations() -> Vec<Operation> {
    [servers::operations(), tenants::operations(), tenant_settings::operations()]
        .into_iter()
        .flatten()
        .collect()
}

/// Registers every path.
pub(crate) fn configure(config: &mut ServiceConfig) {
    let operations = operations();
    let mut all = scope(PATH).wrap(middleware::from_fn(request_log::log));
    let document = Bytes::from(document::document(&operations).to_string());
    let document = move || {
        let document = document.clone();
        async move { request::json(HttpResponse::Ok()).body(document) }
    };
    let place = resource(DOCUMENT).route(get().to(document.clone())).route(head().to(document));
    all = all.service(place.default_service(to(|| wrong_method("GET, HEAD"))));
    for operation in operations.into_iter().map(Rc::new) {
        let (name, method) = (operation.name, operation.method.clone());
        let allowed = if method == Method::GET { "GET" } else { "POST" };
        let answer = move |request: HttpRequest, payload: web::Payload| {
            request::answer(Rc::clone(&operation), request, payload)
        };
        for path in [format!("/{name}"), format!("/{name}/")] {
            let place = resource(path).default_service(to(move || wrong_method(allowed)));
            all = all.service(place.route(web::method(method.clone()).to(answer.clone())));
        }
    }
    config.service(all.default_service(to(|| async { Refusal::Unsupported.answer() })));
}

#[cfg(test)]
pub(crate) fn names() -> Vec<&'static str> {
    operations().iter().map(|operation| operation.name).collect()
}

async fn wrong_method(allowed: &'static str) -> HttpResponse {
    let mut answer = Refusal::WrongMethod.answer();
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    answer
}
