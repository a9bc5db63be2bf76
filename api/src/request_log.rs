//! A request's ID, and one log line and its place in the metrics when it is answered.
//!
//! Query strings are never logged: they hold checksums, passwords and names.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use tracing::Instrument;

use crate::requests;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A longer ID from outside is not taken over.
const MAX_ID_LENGTH: usize = 128;

/// Takes over the proxy's `X-Request-Id` or makes one, gives it back in the answer, and logs.
pub(crate) async fn log<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let started = Instant::now();
    let id = id_of(&request);
    let span = tracing::info_span!("request", id = id.to_str().unwrap_or_default());
    let method = request.method().clone();
    async move {
        let mut response = next.call(request).await?;
        let took = started.elapsed();
        requests::answered(&response, took);
        let microseconds = took.as_micros();
        let (path, status) = (response.request().path(), response.status().as_u16());
        if is_question(path) {
            tracing::debug!(%method, path, status, microseconds, "answered");
        } else {
            tracing::info!(%method, path, status, microseconds, "answered");
        }
        response.headers_mut().insert(REQUEST_ID, id);
        Ok(response)
    }
    .instrument(span)
    .await
}

/// Whether a call only asks. Front ends do that all the time; it is not worth a line each.
fn is_question(path: &str) -> bool {
    path.ends_with("isMeetingRunning") || path.rsplit('/').next().is_some_and(|call| call.starts_with("get"))
}

fn id_of(request: &ServiceRequest) -> HeaderValue {
    let given = request.headers().get(REQUEST_ID).filter(|id| {
        let id = id.as_bytes();
        (1..=MAX_ID_LENGTH).contains(&id.len())
            && id.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    });
    given.cloned().unwrap_or_else(|| {
        let made = format!("{:032x}", rand::random::<u128>());
        HeaderValue::from_str(&made).unwrap_or(HeaderValue::from_static("-"))
    })
}
