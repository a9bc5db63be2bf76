//! A server sends the learning analytics of a meeting; they are passed on to its front end.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse, web};
use scalelite_core::callbacks::{self, Analytics};
use scalelite_core::state::StateError;
use scalelite_core::tenant::Tenant;
use serde_json::value::RawValue;

use super::{NotInTime, in_time};
use crate::app::App;
use crate::body::Body;
use crate::error::ApiError;
use crate::host;

/// Analytics of more bytes are refused. A large meeting of a whole day has a few megabytes.
const LARGEST: usize = 16 * 1024 * 1024;
/// Who sends analytics of meetings without a tenant.
const NO_TENANT: &str = "scalelite";

/// Why analytics are not taken.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("no server has signed them")]
    NotSigned,
    #[error("{0}")]
    Body(#[from] ApiError),
    #[error("they are no JSON object with a meeting_id: {0}")]
    Json(#[from] serde_json::Error),
    #[error("they are no JSON object with a meeting_id")]
    NoMeeting,
    #[error("the live state cannot be used: {0}")]
    State(#[from] StateError),
    #[error("{0}")]
    Catalog(#[from] NotInTime),
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotSigned => StatusCode::UNAUTHORIZED,
            Self::Body(ApiError::BodyTooLarge(_)) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Body(_) | Self::Json(_) | Self::NoMeeting => StatusCode::BAD_REQUEST,
            Self::State(_) | Self::Catalog(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Takes analytics that a server has signed (Bearer JWT, HS512) and queues them for the front end. What nobody
/// wants to know is taken as well.
pub(crate) async fn receive(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    match pass_on(&app, &request, payload).await {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(refusal) => {
            tracing::warn!(error = %refusal, "learning analytics are refused");
            HttpResponse::new(refusal.status())
        }
    }
}

async fn pass_on(app: &App, request: &HttpRequest, payload: web::Payload) -> Result<(), Refusal> {
    let tenant = tenant(app, request).await?;
    // Who may not send them need not send megabytes.
    if !is_from_server(app, request).await? {
        return Err(Refusal::NotSigned);
    }
    let mut payload = payload.into_inner();
    let body =
        Body { request, payload: &mut payload, limit: LARGEST, shutdown: &app.shutdown }.whole().await?;
    let customer = tenant.as_ref().map_or(NO_TENANT, |tenant| tenant.name.as_str());
    let (meeting_id, body) = with_customer(&body, customer)?;
    let Some(catalog) = &app.catalog else { return Ok(()) };
    let tenant_id = tenant.as_ref().map(|tenant| tenant.id.as_str());
    let remembered = in_time(catalog.callbacks_of(&meeting_id, tenant_id)).await?;
    let Some(url) = remembered.and_then(|attributes| attributes.analytics_callback_url) else {
        tracing::info!(meeting = meeting_id, "nobody wants its learning analytics");
        return Ok(());
    };
    let analytics = Analytics { url: &url, meeting_id: &meeting_id, tenant_id, body: &body };
    in_time(catalog.queue_analytics(&analytics)).await?;
    tracing::info!(meeting = meeting_id, "learning analytics are passed on");
    Ok(())
}

/// The tenant whose host this is. Where there are tenants, other hosts have no meetings.
async fn tenant(app: &App, request: &HttpRequest) -> Result<Option<Arc<Tenant>>, Refusal> {
    if !app.config.meetings.multitenancy {
        return Ok(None);
    }
    let host = host::of(request).unwrap_or_default();
    let tenant = app.tenants.of_host(&app.state, host).await?;
    tenant.map(Some).ok_or(Refusal::NotSigned)
}

async fn is_from_server(app: &App, request: &HttpRequest) -> Result<bool, StateError> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(token) = header.and_then(|header| header.strip_prefix("Bearer ")) else { return Ok(false) };
    let servers = app.state.servers().await?;
    Ok(callbacks::is_signed_by_any(token.trim(), servers.iter().map(|server| &server.route.secret)))
}

/// The meeting that analytics are of, and they themselves with a `customer`; all else stays as it is.
fn with_customer(json: &[u8], customer: &str) -> Result<(String, String), Refusal> {
    let mut fields: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(json)?;
    let meeting_id = fields.get("meeting_id").ok_or(Refusal::NoMeeting)?;
    let meeting_id: String = serde_json::from_str(meeting_id.get())?;
    if meeting_id.is_empty() || meeting_id.contains('\0') {
        return Err(Refusal::NoMeeting);
    }
    fields.insert("customer".to_owned(), serde_json::value::to_raw_value(customer)?);
    Ok((meeting_id, serde_json::to_string(&fields)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_customer_is_added_and_nothing_is_changed() {
        let json = br#"{"version": "1.0","meeting_id":"m \u00fc","data":{"big":12345678901234567890123.50, "b":[1]},"customer":"x"}"#;
        let (meeting_id, body) = with_customer(json, "bank \"1\"").unwrap();
        assert_eq!(meeting_id, "m ü");
        let expected = r#"{"customer":"bank \"1\"","data":{"big":12345678901234567890123.50, "b":[1]},"meeting_id":"m \u00fc","version":"1.0"}"#;
        assert_eq!(body, expected);
    }

    #[test]
    fn what_is_no_analytics() {
        for json in [
            "",
            "[]",
            "1",
            "{}",
            "{\"meeting_id\":1}",
            "{\"meeting_id\":\"\"}",
            "{\"meeting_id\":\"\\u0000\"}",
            "{\"meeting_id\":\"m\"",
            "{\"meeting_id\":\"m\"}x",
        ] {
            let refused = with_customer(json.as_bytes(), "c").unwrap_err();
            assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{json}");
        }
        let deep = format!("{{\"meeting_id\":\"m\",\"d\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
        let _ = with_customer(deep.as_bytes(), "c");
    }
}
