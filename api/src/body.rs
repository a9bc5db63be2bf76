//! Bodies of POST requests: which types a call takes, and reading them within limits (CONTRACT §2).

use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use scalelite_core::bbb::error::BbbError;
use scalelite_core::bbb::params::{MAX_PARAMS, Params, ParamsError};
use tokio_util::sync::CancellationToken;

use crate::error::ApiError;

/// What a POST may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accepts {
    /// Form parameters.
    Form,
    /// Form parameters, and a file beside them.
    FormWithFile,
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
        Accepts::Form | Accepts::FormWithFile => kind != Kind::Xml,
        Accepts::Xml => kind == Kind::Xml,
        Accepts::FormOrXml => true,
    };
    if accepted { Ok(kind) } else { Err(BbbError::UNSUPPORTED_CONTENT_TYPE.into()) }
}

/// Whether there is a body.
pub(crate) fn has_body(request: &HttpRequest) -> bool {
    let headers = request.headers();
    headers.contains_key(TRANSFER_ENCODING) || headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0")
}

/// How long a body may take in all, and how long it may stand still.
const WHOLE: Duration = Duration::from_secs(120);
const STILL: Duration = Duration::from_secs(10);

/// The body of one request, read within its limits.
pub(crate) struct Body<'a> {
    pub(crate) request: &'a HttpRequest,
    pub(crate) payload: &'a mut Payload,
    pub(crate) limit: usize,
    /// A body that is still on its way is not waited for when the process is to end.
    pub(crate) shutdown: &'a CancellationToken,
}

/// What a form holds.
#[derive(Debug, Default)]
pub(crate) struct Form {
    pub(crate) params: Params,
    /// Its first part of the name `file`, where that is to be a file.
    pub(crate) file: Option<Bytes>,
}

impl Body<'_> {
    /// The parameters of a form, and its file, if it may have one.
    pub(crate) async fn form(self, kind: Kind, takes_file: bool) -> Result<Form, ApiError> {
        let headers = self.request.headers();
        let body = self.whole().await?;
        if kind == Kind::Multipart {
            return multipart(Multipart::new(headers, stream::iter([Ok(body)])), takes_file).await;
        }
        let text = std::str::from_utf8(&body).map_err(|error| ApiError::Body(error.to_string()))?;
        Ok(Form { params: Params::parse(text)?, file: None })
    }

    /// The whole body.
    pub(crate) async fn whole(self) -> Result<Bytes, ApiError> {
        let announced = self.request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        if announced.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > self.limit)
        {
            return Err(ApiError::BodyTooLarge(self.limit));
        }
        let reading = tokio::time::timeout(WHOLE, read(self.payload, self.limit));
        match self.shutdown.run_until_cancelled(reading).await {
            Some(Ok(read)) => read,
            Some(Err(_)) => Err(ApiError::BodyTooSlow),
            None => Err(ApiError::Stopping),
        }
    }
}

async fn read(body: &mut Payload, limit: usize) -> Result<Bytes, ApiError> {
    let mut whole = BytesMut::new();
    while let Some(chunk) =
        tokio::time::timeout(STILL, body.next()).await.map_err(|_| ApiError::BodyTooSlow)?
    {
        let chunk = chunk.map_err(|error| ApiError::Body(error.to_string()))?;
        if whole.len() + chunk.len() > limit {
            return Err(ApiError::BodyTooLarge(limit));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}

async fn multipart(mut parts: Multipart, takes_file: bool) -> Result<Form, ApiError> {
    let mut form = Form::default();
    let mut count = 0;
    while let Some(part) = parts.next().await {
        count += 1;
        if count > MAX_PARAMS {
            return Err(ParamsError::TooMany.into());
        }
        let mut part = part.map_err(|error| ApiError::Body(error.to_string()))?;
        let name = part.name().unwrap_or_default().to_owned();
        let mut value = BytesMut::new();
        while let Some(chunk) = part.next().await {
            value.extend_from_slice(&chunk.map_err(|error| ApiError::Body(error.to_string()))?);
        }
        if takes_file && name == "file" {
            form.file.get_or_insert(value.freeze());
            continue;
        }
        let text = std::str::from_utf8(&value).map_err(|error| ApiError::Body(error.to_string()))?;
        form.params.push(&name, text)?;
    }
    Ok(form)
}
