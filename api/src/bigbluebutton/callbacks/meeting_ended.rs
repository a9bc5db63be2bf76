//! A server tells that a meeting is over.

use actix_web::{HttpResponse, web};
use scalelite_core::bbb::params::Params;
use scalelite_core::bbb::xml;

use super::super::answer;
use super::in_time;
use crate::app::App;

/// Longer tokens are none of ours.
const LONGEST_TOKEN: usize = 64;

/// Queues the callbacks of the meeting's front end. The token tells which meeting it is, and that it is its server
/// that calls. It is used up by that; one that is not known any more is no error, for servers would try again.
pub(crate) async fn receive(app: web::Data<App>, request: actix_web::HttpRequest) -> HttpResponse {
    let params = Params::parse(request.query_string()).unwrap_or_default();
    let token = params.get("token").filter(|token| (1..=LONGEST_TOKEN).contains(&token.len()));
    let (Some(token), Some(catalog)) = (token, &app.catalog) else {
        return HttpResponse::NotFound().finish();
    };
    let marks = params.get("recordingmarks") == Some("true");
    match in_time(catalog.end_told(token, marks)).await {
        Ok(awaited) => {
            tracing::debug!(awaited, meeting = params.get("meetingID"), "a server tells of an end");
            answer(xml::success(&[]))
        }
        Err(error) => {
            tracing::error!(%error, "a server tells of an end, which cannot be noted");
            HttpResponse::ServiceUnavailable().finish()
        }
    }
}
