//! From an HTTP request to its answer: the log, the faults, the delay.

use std::borrow::Cow;
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_http::body::{BodySize, MessageBody};
use actix_http::h1::{ExpectHandler, H1Service, UpgradeHandler};
use actix_http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderValue, LOCATION};
use actix_http::{
    ConnectionType, HttpMessage, HttpServiceBuilder, KeepAlive, Payload, Request, Response, StatusCode,
};
use actix_service::{IntoServiceFactory, ServiceFactory, fn_service};
use bytes::Bytes;
use futures_util::StreamExt;

use crate::calls::{self, Call, Reply};
use crate::fault::Fault;
use crate::journal::RecordedRequest;
use crate::server::Server;
use crate::wire::{Connection, Wire};
use crate::{answers, client_page, control};

const XML: HeaderValue = HeaderValue::from_static("text/xml;charset=utf-8");
const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html;charset=utf-8");
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");

const GARBAGE: &str = "<!DOCTYPE html>\n<html><head><title>Welcome to nginx!</title><meta charset=utf-8></head>\
    <body><h1>Welcome to nginx!</h1><br></body></html>";
const TRUNCATED: &str =
    "<response>\n<returncode>SUCCESS</returncode>\n<meetings>\n<meeting>\n<meetingName>Trunc";
const NO_RETURNCODE: &str = "<response>\n<version>2.0</version>\n</response>";
const HTTP_500: &str = "<html><head><title>500 Internal Server Error</title></head>\
    <body><center><h1>500 Internal Server Error</h1></center></body></html>";
const NOT_FOUND: &str = "<html><head><title>404 Not Found</title></head>\
    <body><center><h1>404 Not Found</h1></center></body></html>";
const TOO_LARGE: &str = "<html><head><title>413 Request Entity Too Large</title></head>\
    <body><center><h1>413 Request Entity Too Large</h1></center></body></html>";

/// The service that runs on every connection.
pub(crate) fn service()
-> impl ServiceFactory<(Wire, Option<std::net::SocketAddr>), Config = (), InitError = (), Service: 'static> {
    let service: H1Service<Wire, _, Body, ExpectHandler, UpgradeHandler> =
        HttpServiceBuilder::<Wire, _, ExpectHandler, UpgradeHandler>::default()
            .keep_alive(KeepAlive::Os)
            .client_request_timeout(Duration::ZERO)
            .client_disconnect_timeout(Duration::from_secs(1))
            .on_connect_ext(|wire: &Wire, data| {
                data.insert(Rc::clone(&wire.connection));
            })
            .h1(fn_service(answer).into_factory());
    service
}

async fn answer(mut request: Request) -> Result<Response<Body>, Infallible> {
    let Some(connection) = request.conn_data::<Rc<Connection>>().cloned() else {
        return Ok(html(StatusCode::INTERNAL_SERVER_ERROR, HTTP_500.into()));
    };
    let server = &connection.server;
    if server.faults.is_down() {
        connection.end().await;
    }
    let Ok(body) = read_body(request.take_payload(), server.max_body).await else {
        let mut response = html(StatusCode::PAYLOAD_TOO_LARGE, TOO_LARGE.into());
        response.head_mut().set_connection_type(ConnectionType::Close);
        return Ok(response);
    };
    let path = request.path();
    if let Some(rest) = path.strip_prefix("/bigbluebutton/api") {
        match rest.strip_prefix('/').unwrap_or(rest) {
            "" => return Ok(api(&connection, &request, "index", &body).await),
            name if rest.starts_with('/') => return Ok(api(&connection, &request, name, &body).await),
            _ => {}
        }
    }
    if let Some(command) = path.strip_prefix("/sim/") {
        let query = request.uri().query().unwrap_or("");
        // The command may close the door behind its own connection.
        connection.spare(true);
        let (status, text) = control::answer(server, request.method().as_str(), command, query, &body);
        let mut response = respond(status, JSON, Body::from(text));
        if server.faults.is_down() {
            response.head_mut().set_connection_type(ConnectionType::Close);
        } else {
            connection.spare(false);
        }
        return Ok(response);
    }
    if path.starts_with("/html5client") {
        let page = client_page::page(server, request.uri().query().unwrap_or(""));
        return Ok(html(StatusCode::OK, page.into()));
    }
    Ok(html(StatusCode::NOT_FOUND, NOT_FOUND.into()))
}

/// Answers an API call, as well or badly as the server is to behave.
async fn api(connection: &Connection, request: &Request, name: &str, body: &[u8]) -> Response<Body> {
    let server = &connection.server;
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let call = Call {
        name,
        is_post: request.method() == actix_http::Method::POST,
        query: request.uri().query().unwrap_or(""),
        content_type: header(CONTENT_TYPE),
        body,
        host: header(HOST).map_or_else(|| Cow::Owned(server.address.to_string()), Cow::Borrowed),
    };
    server.journal.note(name, || RecordedRequest {
        call: name.to_owned(),
        method: request.method().as_str().to_owned(),
        path: request.path().to_owned(),
        query: call.query.to_owned(),
        content_type: call.content_type.map(str::to_owned),
        body: body.to_vec(),
    });
    let mut delay = server.latency();
    let response = match server.faults.of(name) {
        Fault::None => carry_out(server, &call),
        Fault::Slow(more) => {
            delay += more;
            carry_out(server, &call)
        }
        Fault::Down | Fault::Reset => connection.reset().await,
        Fault::Hang => {
            server.faults.changed().await;
            connection.end().await
        }
        Fault::Garbage => html(StatusCode::OK, GARBAGE.into()),
        Fault::Truncated => respond(StatusCode::OK, XML, TRUNCATED.into()),
        Fault::NoReturncode => respond(StatusCode::OK, XML, NO_RETURNCODE.into()),
        Fault::Http500 => html(StatusCode::INTERNAL_SERVER_ERROR, HTTP_500.into()),
        Fault::Failing { message_key, message } => {
            respond(StatusCode::OK, XML, answers::Answer::failed(&message_key, &message).into())
        }
        Fault::Endless => respond(StatusCode::OK, XML, Body::Endless { begun: false }),
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    response
}

fn carry_out(server: &Server, call: &Call<'_>) -> Response<Body> {
    match calls::answer(server, call) {
        Reply::Fixed(xml) => respond(StatusCode::OK, XML, xml.into()),
        Reply::Xml(xml) => respond(StatusCode::OK, XML, xml.into()),
        Reply::Json(json) => respond(StatusCode::OK, JSON, json.into()),
        Reply::Redirect(url) => {
            let mut response = respond(StatusCode::FOUND, HTML, "".into());
            if let Ok(url) = HeaderValue::try_from(url) {
                response.headers_mut().insert(LOCATION, url);
            }
            response
        }
        Reply::Broken => html(StatusCode::INTERNAL_SERVER_ERROR, HTTP_500.into()),
    }
}

fn html(status: StatusCode, page: Body) -> Response<Body> {
    respond(status, HTML, page)
}

fn respond(status: StatusCode, content_type: HeaderValue, body: Body) -> Response<Body> {
    let mut response = Response::with_body(status, body);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response.headers_mut().insert(CACHE_CONTROL, NO_CACHE);
    response
}

/// The body was larger than allowed, or broke off.
struct NoBody;

async fn read_body(mut payload: Payload, limit: usize) -> Result<Bytes, NoBody> {
    if matches!(payload, Payload::None) {
        return Ok(Bytes::new());
    }
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| NoBody)?;
        if body.len() + chunk.len() > limit {
            return Err(NoBody);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// What is sent back.
enum Body {
    Whole(Bytes),
    /// XML without end.
    Endless {
        begun: bool,
    },
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self::Whole(Bytes::from_static(text.as_bytes()))
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::Whole(text.into())
    }
}

impl MessageBody for Body {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        match self {
            Self::Whole(bytes) => BodySize::Sized(bytes.len() as u64),
            Self::Endless { .. } => BodySize::Stream,
        }
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        const MEETING: &str = "<meeting>\n<meetingName>And so on</meetingName>\n</meeting>\n";
        Poll::Ready(match &mut *self {
            Self::Whole(bytes) if bytes.is_empty() => None,
            Self::Whole(bytes) => Some(Ok(std::mem::take(bytes))),
            Self::Endless { begun } if !*begun => {
                *begun = true;
                Some(Ok(Bytes::from_static(b"<response>\n<returncode>SUCCESS</returncode>\n<meetings>\n")))
            }
            Self::Endless { .. } => Some(Ok(MEETING.repeat(100).into())),
        })
    }
}
