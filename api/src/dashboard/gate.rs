//! Where the dashboard answers at all, and what every answer of it says to browsers.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::app::App;
use crate::host;

/// Nothing from elsewhere, nothing inside a page that runs or styles, and no page inside another one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Lets a request through to the dashboard if there is one here.
pub(super) async fn pass(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let app = request.app_data::<web::Data<App>>().cloned();
    let here = match app {
        Some(app) if app.dashboard.is_some() => is_here(&app, request.request()).await,
        _ => false,
    };
    let mut answer = if here {
        next.call(request).await?.map_into_boxed_body()
    } else {
        let nothing = HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("Not found\n");
        request.into_response(nothing)
    };
    guard(answer.headers_mut());
    Ok(answer)
}

/// No tenant's host leads here: what it shows is of all tenants. Where `URL_HOST` is not known, a host that is no
/// tenant's will do.
async fn is_here(app: &App, request: &HttpRequest) -> bool {
    if !app.config.meetings.multitenancy {
        return true;
    }
    let host = host::of(request).unwrap_or_default();
    match &app.config.http.url_host {
        Some(expected) => host.eq_ignore_ascii_case(expected),
        None => matches!(app.tenants.of_host(&app.state, host).await, Ok(None)),
    }
}

fn guard(headers: &mut HeaderMap) {
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_FRAME_OPTIONS, "DENY"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // What is shown is for one pair of eyes; the assets say otherwise.
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
