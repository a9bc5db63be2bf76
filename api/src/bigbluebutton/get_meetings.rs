//! `getMeetings`: all servers are asked at the same time, and their meetings are passed on as they
//! came (CONTRACT §4).

use actix_web::body::{BodySize, MessageBody};
use actix_web::{HttpResponse, web};
use bytes::Bytes;
use scalelite_core::bbb::error::BbbError;
use scalelite_core::bbb::xml;

use super::answer;
use crate::app::App;
use crate::auth::Call;
use crate::error::ApiError;

/// Merges what the servers list.
pub(crate) async fn get_meetings(app: web::Data<App>, call: Call) -> Result<HttpResponse, ApiError> {
    if app.config.meetings.get_meetings_disabled {
        return Ok(answer(xml::no_meetings()));
    }
    let survey = app.surveys.next(&app).await?;
    if survey.listings.is_empty() && survey.asked > 0 {
        return Err(BbbError::internal("Unable to access server.").into());
    }
    let tenant = call.tenant_id().unwrap_or_default();
    let mut merged = Chunks::default();
    for (body, meetings) in &survey.listings {
        for meeting in meetings.iter().filter(|meeting| meeting.tenant_id == tenant) {
            merged.push(body.slice(meeting.span.clone()));
        }
    }
    if merged.is_empty() {
        return Ok(answer(xml::no_meetings()));
    }
    Ok(HttpResponse::Ok().content_type(xml::CONTENT_TYPE).body(merged.enclosed()))
}

/// A body of slices of the servers' answers, written without copying them together.
#[derive(Default)]
struct Chunks {
    chunks: Vec<Bytes>,
    bytes: u64,
}

impl Chunks {
    fn push(&mut self, chunk: Bytes) {
        self.bytes += chunk.len() as u64;
        self.chunks.push(chunk);
    }

    fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    fn enclosed(mut self) -> Self {
        self.push(Bytes::from_static(xml::MEETINGS_TAIL.as_bytes()));
        // Taken from the end.
        self.chunks.reverse();
        self.push(Bytes::from_static(xml::MEETINGS_HEAD.as_bytes()));
        self
    }
}

impl MessageBody for Chunks {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.bytes)
    }

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Bytes, Self::Error>>> {
        std::task::Poll::Ready(self.chunks.pop().map(Ok))
    }
}
