//! Bodies of POST requests: which types a call takes, and reading them within limits (CONTRACT §2).

use actix_multipart::Multipart;
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use scalelite_core::bbb::error::BbbError;
use scalelite_core::bbb::params::Params;

use crate::error::ApiError;

/// What a POST may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accepts {
    /// Form parameters.
    Form,
    /// An XML document.
    Xml,
    /// Either.
    FormOrXml,
}

/// What a POST carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    None,
    Urlencoded,
    Multipart,
    Xml,
}

/// The kind of a request's body, if the call takes it.
pub(crate) fn kind(request: &HttpRequest, accepts: Accepts) -> Result<Kind, ApiError> {
    if request.method() != Method::POST || !has_body(request) {
        return Ok(Kind::None);
    }
    let media_type =
        request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let kind = match media_type.as_str() {
        "application/x-www-form-urlencoded" => Kind::Urlencoded,
        "multipart/form-data" => Kind::Multipart,
        "application/xml" | "text/xml" => Kind::Xml,
        _ => return Err(BbbError::UNSUPPORTED_CONTENT_TYPE.into()),
    };
    let accepted = match accepts {
        Accepts::Form => kind != Kind::Xml,
        Accepts::Xml => kind == Kind::Xml,
        Accepts::FormOrXml => true,
    };
    if accepted { Ok(kind) } else { Err(BbbError::UNSUPPORTED_CONTENT_TYPE.into()) }
}

fn has_body(request: &HttpRequest) -> bool {
    let headers = request.headers();
    headers.contains_key(TRANSFER_ENCODING) || headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0")
}

/// The parameters of a form.
pub(crate) async fn form(
    request: &HttpRequest,
    payload: &mut Payload,
    kind: Kind,
    limit: usize,
) -> Result<Params, ApiError> {
    if kind == Kind::Multipart {
        return multipart(request, payload.take(), limit).await;
    }
    let body = read(payload, limit).await?;
    let text = std::str::from_utf8(&body).map_err(|error| ApiError::Body(error.to_string()))?;
    Ok(Params::parse(text)?)
}

/// The whole body.
pub(crate) async fn read<E: std::fmt::Display>(
    body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
    limit: usize,
) -> Result<Bytes, ApiError> {
    let mut whole = BytesMut::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| ApiError::Body(error.to_string()))?;
        if whole.len() + chunk.len() > limit {
            return Err(ApiError::BodyTooLarge(limit));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}

async fn multipart(request: &HttpRequest, payload: Payload, limit: usize) -> Result<Params, ApiError> {
    let mut parts = Multipart::new(request.headers(), payload);
    let mut params = Params::default();
    let mut left = limit;
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|error| ApiError::Body(error.to_string()))?;
        let name = part.name().unwrap_or_default().to_owned();
        let value = read(&mut part, left).await.map_err(|error| match error {
            ApiError::BodyTooLarge(_) => ApiError::BodyTooLarge(limit),
            error => error,
        })?;
        left = left.saturating_sub(value.len() + name.len());
        let text = std::str::from_utf8(&value).map_err(|error| ApiError::Body(error.to_string()))?;
        params.push(&name, text)?;
    }
    Ok(params)
}
