//! `create`: a meeting goes to its server, a new one to the least-loaded server (CONTRACT §3).

use actix_web::{HttpResponse, web};
use bytes::Bytes;
use rand::distr::{Alphanumeric, SampleString};
use scalelite_core::bbb::client::{Answer, CallError};
use scalelite_core::bbb::error::BbbError;
use scalelite_core::bbb::params::Params;
use scalelite_core::bbb::response;
use scalelite_core::pool::server::{AdminState, ServerId};
use scalelite_core::pool::voice_bridge;
use scalelite_core::state::{ForgetIf, Located, PlaceMeeting, Placement};

use super::parameters::{self, Placed};
use super::{answer, target};
use crate::app::App;
use crate::auth::Call;
use crate::error::ApiError;

/// How many servers one `create` may try.
const TRIES: usize = 3;
const NOT_CREATED: &str = "Unable to create meeting on server.";
const NO_SERVER: &str = "Could not find any available servers.";

/// Places the meeting and forwards the call; a server that was not reached is passed over.
pub(crate) async fn create(app: web::Data<App>, call: Call) -> Result<HttpResponse, ApiError> {
    let id = call.meeting_id()?;
    let moderator_pw = match call.params.present("moderatorPW") {
        Some(given) => given.to_owned(),
        None => Alphanumeric.sample_string(&mut rand::rng(), 8),
    };
    let voice = &app.config.voice;
    let requested = call.params.present("voiceBridge").filter(|_| voice.use_external);
    let voice_bridges = voice_bridge::candidates(id, voice.len, requested);
    let tags = parameters::wanted_tags(&call.params, &app.config.meetings, call.tenant.as_deref());
    let mut failed: Vec<ServerId> = Vec::new();
    let mut stale_checked = false;
    loop {
        let request = PlaceMeeting {
            meeting_id: id,
            tenant_id: call.tenant_id(),
            moderator_pw: &moderator_pw,
            voice_bridges: &voice_bridges,
            tags: &tags,
            ttl: app.config.meetings.ttl,
            failed: &failed,
        };
        let (located, new) = match app.state.place_meeting(&request).await? {
            Placement::Created(located) => (located, true),
            Placement::Existing(located) => (located, false),
            refused => return Err(refusal(&refused, &tags.text(), &failed).into()),
        };
        let on = &located.server;
        let check_stale =
            !new && on.state == AdminState::Cordoned && !std::mem::replace(&mut stale_checked, true);
        if check_stale && !is_running(&app, &located).await {
            tracing::info!(meeting = id, server = %on.id, "no longer on its cordoned server: placed anew");
            let only = ForgetIf { on_server: Some(&on.id), not_placed_since: None };
            app.state.forget_meeting(id, only).await?;
            continue;
        }
        match forward(&app, &call, &located, new).await {
            Ok(created) => {
                tracing::info!(meeting = id, server = %on.id, new, "created");
                confirm(&app, id);
                return Ok(answer(created.body));
            }
            Err(CallError::NotSent(error)) if new && failed.len() + 1 < TRIES => {
                tracing::warn!(meeting = id, server = %on.id, %error, "not reached: trying the next best server");
                failed.push(located.server.id);
            }
            Err(error) => {
                if new && matches!(error, CallError::NotSent(_)) {
                    app.state.release_meeting(id, &on.id).await?;
                }
                return Err(ApiError::of_call(NOT_CREATED)(error));
            }
        }
    }
}

/// Notes that the server knows the meeting now. The client need not wait for it: without the note the
/// meeting is only kept a little longer than needed when it ends at once.
fn confirm(app: &web::Data<App>, id: &str) {
    let (app, id) = (app.clone(), id.to_owned());
    actix_web::rt::spawn(async move {
        if let Err(error) = app.state.confirm_meeting(&id).await {
            tracing::debug!(meeting = id, %error, "not confirmed");
        }
    });
}

async fn forward(app: &App, call: &Call, located: &Located, new: bool) -> Result<Answer, CallError> {
    let placed = Placed {
        moderator_pw: new.then_some(located.meeting.moderator_pw.as_str()),
        voice_bridge: &located.meeting.voice_bridge,
        server_tag: located.server.tag.as_deref(),
    };
    let params = parameters::for_create(&call.params, &placed, &app.config.meetings, call.tenant.as_deref());
    let server = target(&located.server);
    match &call.document {
        Some(document) if !document.is_empty() => {
            app.client.post_xml(server, "create", &params, Bytes::clone(document)).await
        }
        _ => app.client.get(server, "create", &params).await,
    }
}

/// Whether the meeting's server says that it runs; no answer is a no.
async fn is_running(app: &App, located: &Located) -> bool {
    let params = Params::from([("meetingID", located.meeting.id.as_str())]);
    match app.client.get(target(&located.server), "isMeetingRunning", &params).await {
        Ok(told) => {
            let running = response::top_level(&told.body, ["running"]);
            running.is_ok_and(|[running]| running.is_some_and(|text| text.trim() == "true"))
        }
        Err(error) => {
            tracing::warn!(meeting = located.meeting.id, server = %located.server.id, %error, "cannot ask its cordoned server");
            false
        }
    }
}

fn refusal(placement: &Placement, wanted: &str, failed: &[ServerId]) -> BbbError {
    match placement {
        // Servers were found, but none of them was reached.
        Placement::NoServer | Placement::TagUnavailable if !failed.is_empty() => {
            BbbError::internal(NOT_CREATED)
        }
        Placement::TagUnavailable => BbbError::server_tag_unavailable(wanted),
        Placement::OtherTenant => BbbError::internal("The meeting ID is in use by another tenant."),
        Placement::NoVoiceBridge => {
            BbbError::internal("All voice bridge numbers that were tried for this meeting are taken.")
        }
        Placement::NoServer | Placement::Created(_) | Placement::Existing(_) => BbbError::internal(NO_SERVER),
    }
}
