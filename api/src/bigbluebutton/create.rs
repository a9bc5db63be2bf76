//! `create`: a meeting goes to its server, a new one to the least-loaded server (CONTRACT §3).

use std::borrow::Cow;
use std::time::{Duration, Instant};

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use rand::distr::{Alphanumeric, SampleString};
use scalelite_core::bbb::client::{Answer, CallError};
use scalelite_core::bbb::error::BbbError;
use scalelite_core::bbb::params::Params;
use scalelite_core::bbb::response;
use scalelite_core::lrs;
use scalelite_core::monitoring::MEETINGS_FORGOTTEN;
use scalelite_core::pool::placement::TagRule;
use scalelite_core::pool::server::{AdminState, ServerId};
use scalelite_core::pool::voice_bridge;
use scalelite_core::state::{ForgetIf, Located, PlaceMeeting, Placement};

use super::callbacks::{self, Remembered, Wanted};
use super::parameters::{self, Placed};
use super::{answer, to_the_end};
use crate::app::App;
use crate::auth::Call;
use crate::error::ApiError;
use crate::metrics::{FAILOVERS, PLACEMENTS};

/// How many servers one `create` may try.
const TRIES: usize = 3;
/// A `create` without a password waits for another one of the same meeting that is on its way: the first
/// one carries the password that was made up for it, and must reach the server first.
const PENDING_PATIENCE: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const MADE_UP_PASSWORD_LENGTH: usize = 8;
const NOT_CREATED: &str = "Unable to create meeting on server.";
const NO_SERVER: &str = "Could not find any available servers.";

/// Places the meeting and forwards the call; a server that was not reached is passed over.
pub(crate) async fn create(
    app: web::Data<App>,
    request: HttpRequest,
    call: Call,
) -> Result<HttpResponse, ApiError> {
    let wanted = Wanted::of(&call.params);
    let own_url = match wanted.is_empty() {
        true => String::new(),
        false => callbacks::own_url(&app, &request, call.tenant.as_deref()),
    };
    to_the_end(place_and_create(app, call, wanted, own_url)).await
}

async fn place_and_create(
    app: web::Data<App>,
    call: Call,
    wanted: Wanted,
    own_url: String,
) -> Result<HttpResponse, ApiError> {
    let mut creation = Creation::of(&app, &call)?;
    let (mut located, mut new) = creation.settle().await?;
    count(if new { "created" } else { "existing" });
    let remembered = match wanted.is_empty() {
        true => Remembered::default(),
        false => callbacks::remember(&app, &call, &wanted, &own_url, new).await,
    };
    let mut attempt = 1;
    loop {
        let (id, on) = (creation.id, located.server.id.clone());
        let error = match forward(&app, &call, &located, new, &remembered).await {
            Ok(created) => {
                tracing::info!(meeting = id, server = %on, new, "created");
                confirm(&app, id, true);
                return Ok(answer(created.body));
            }
            Err(error) => error,
        };
        if matches!(error, CallError::Failed(_)) {
            // An answer, too: the server knows what it has.
            confirm(&app, id, false);
        }
        if error.not_sent() && attempt < TRIES {
            tracing::warn!(meeting = id, server = %on, %error, "not reached");
            if new {
                creation.failed.push(on.clone());
            }
            (located, new) = match creation.place().await {
                Ok(placed) => placed,
                Err(error) => {
                    remembered.withdraw(&app).await;
                    return Err(error);
                }
            };
            // A known meeting stays where it is; another call may just have moved it on.
            if located.server.id != on {
                metrics::counter!(FAILOVERS).increment(1);
                attempt += 1;
                continue;
            }
        } else if error.not_sent() && new {
            app.state.release_meeting(id, &on).await?;
            metrics::counter!(MEETINGS_FORGOTTEN, "reason" => "released").increment(1);
        }
        if error.not_sent() || matches!(error, CallError::Failed(_)) {
            remembered.withdraw(&app).await;
        }
        return Err(ApiError::of_call(NOT_CREATED)(error));
    }
}

/// One `create` on its way to a server.
struct Creation<'a> {
    app: &'a App,
    call: &'a Call,
    id: &'a str,
    moderator_pw: Cow<'a, str>,
    voice_bridges: Vec<String>,
    tags: TagRule,
    /// Why no server will do for a new meeting.
    tags_refused: Option<BbbError>,
    max_meetings: Option<u32>,
    failed: Vec<ServerId>,
}

impl<'a> Creation<'a> {
    fn of(app: &'a App, call: &'a Call) -> Result<Self, ApiError> {
        let id = call.meeting_id()?;
        let voice = &app.config.voice;
        let requested = call.params.present("voiceBridge").filter(|_| voice.use_external);
        let tenant = call.tenant.as_deref();
        let tags = parameters::wanted_tags(&call.params, &app.config.meetings, tenant);
        let (tags, tags_refused) = match tags {
            Ok(tags) => (tags, None),
            Err(refused) => (TagRule::nothing(), Some(refused)),
        };
        let made_up = || Cow::Owned(Alphanumeric.sample_string(&mut rand::rng(), MADE_UP_PASSWORD_LENGTH));
        Ok(Self {
            app,
            call,
            id,
            moderator_pw: call.params.present("moderatorPW").map_or_else(made_up, Cow::Borrowed),
            voice_bridges: voice_bridge::candidates(id, voice.len, requested),
            tags,
            tags_refused,
            max_meetings: tenant.and_then(|tenant| tenant.limits().max_meetings),
            failed: Vec::new(),
        })
    }

    /// The meeting's server, and whether the meeting is new there.
    async fn place(&self) -> Result<(Located, bool), ApiError> {
        let request = PlaceMeeting {
            meeting_id: self.id,
            tenant_id: self.call.tenant_id(),
            moderator_pw: &self.moderator_pw,
            voice_bridges: &self.voice_bridges,
            tags: &self.tags,
            ttl: self.app.config.meetings.ttl,
            max_meetings: self.max_meetings,
            failed: &self.failed,
        };
        match self.app.state.place_meeting(&request).await? {
            Placement::Created(located) => Ok((located, true)),
            Placement::Existing(located) => Ok((located, false)),
            refused => {
                count(name(&refused));
                Err(refusal(&refused, self).into())
            }
        }
    }

    /// Places the meeting, minding two cases in which the first answer is not the last word.
    async fn settle(&self) -> Result<(Located, bool), ApiError> {
        let started = Instant::now();
        let password_made_up = matches!(self.moderator_pw, Cow::Owned(_));
        let (mut located, mut new) = self.place().await?;
        let mut pause = FIRST_PAUSE;
        while located.pending && password_made_up && started.elapsed() < PENDING_PATIENCE {
            tokio::time::sleep(pause).await;
            pause *= 2;
            (located, new) = self.place().await?;
        }
        if new || located.server.state != AdminState::Cordoned || is_running(self.app, &located).await {
            return Ok((located, new));
        }
        let on = &located.server.id;
        tracing::info!(meeting = self.id, server = %on, "no longer on its cordoned server: placed anew");
        let only = ForgetIf { on_server: Some(on), not_placed_since: None };
        if self.app.state.forget_meeting(self.id, only).await? {
            metrics::counter!(MEETINGS_FORGOTTEN, "reason" => "moved").increment(1);
        }
        self.place().await
    }
}

/// Notes that the server knows the meeting now. The client need not wait for it: without the note the
/// meeting is only kept a little longer than needed when it ends at once.
fn confirm(app: &web::Data<App>, id: &str, made: bool) {
    let (app, id) = (app.clone(), id.to_owned());
    actix_web::rt::spawn(async move {
        if let Err(error) = app.state.confirm_meeting(&id, made).await {
            tracing::debug!(meeting = id, %error, "not confirmed");
        }
    });
}

async fn forward(
    app: &App,
    call: &Call,
    located: &Located,
    new: bool,
    remembered: &Remembered,
) -> Result<Answer, CallError> {
    let lrs_payload = lrs_payload(app, call, located).await;
    let placed = Placed {
        // Of a first create that was never answered nobody knows whether the server has the password.
        moderator_pw: (new || located.pending).then_some(located.meeting.moderator_pw.as_str()),
        voice_bridge: &located.meeting.voice_bridge,
        server_tag: located.server.tag.as_deref(),
        callbacks: &remembered.changes,
        lrs_payload: lrs_payload.as_deref(),
    };
    let params = parameters::for_create(&call.params, &placed, &app.config.meetings, call.tenant.as_deref());
    let server = (&located.server).into();
    match &call.document {
        Some(document) if !document.is_empty() => {
            app.client.post_xml(server, "create", &params, Bytes::clone(document)).await
        }
        _ => app.client.get(server, "create", &params).await,
    }
}

/// How the server gets to the tenant's learning record store; a meeting does without rather than not begin.
async fn lrs_payload(app: &App, call: &Call, located: &Located) -> Option<String> {
    let tenant = call.tenant.as_ref()?;
    match lrs::payload(&app.lrs_tokens, &tenant.lrs, &located.server.secret).await {
        Ok(payload) => payload,
        Err(error) => {
            let meeting = located.meeting.id.as_str();
            tracing::warn!(meeting, tenant = tenant.name, %error, "without its learning record store");
            None
        }
    }
}

/// Whether the meeting's server says that it runs; no answer is a no.
async fn is_running(app: &App, located: &Located) -> bool {
    let params = Params::from([("meetingID", located.meeting.id.as_str())]);
    match app.client.get((&located.server).into(), "isMeetingRunning", &params).await {
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

/// Counts where a `create` went: once each, wherever it goes on to.
fn count(result: &'static str) {
    metrics::counter!(PLACEMENTS, "result" => result).increment(1);
}

/// What the metrics call it that it went nowhere.
fn name(refused: &Placement) -> &'static str {
    match refused {
        Placement::TagUnavailable => "tag_unavailable",
        Placement::OtherTenant => "other_tenant",
        Placement::TooManyMeetings => "too_many_meetings",
        Placement::NoVoiceBridge => "no_voice_bridge",
        Placement::NoServer | Placement::Created(_) | Placement::Existing(_) => "no_server",
    }
}

fn refusal(placement: &Placement, creation: &Creation<'_>) -> BbbError {
    let (id, tenant) = (creation.id, creation.call.tenant_id().unwrap_or_default());
    match placement {
        // Servers were found, but none of them was reached.
        Placement::NoServer | Placement::TagUnavailable if !creation.failed.is_empty() => {
            BbbError::internal(NOT_CREATED)
        }
        Placement::TagUnavailable => match &creation.tags_refused {
            Some(refused) => refused.clone(),
            None => BbbError::server_tag_unavailable(&creation.tags.text()),
        },
        Placement::OtherTenant => {
            BbbError::internal(format!("Couldn't find Meeting with id={id} and tenant_id={tenant}"))
        }
        Placement::TooManyMeetings => BbbError::max_meetings(creation.max_meetings.unwrap_or_default()),
        Placement::NoVoiceBridge => {
            BbbError::internal("All voice bridge numbers that were tried for this meeting are taken.")
        }
        Placement::NoServer | Placement::Created(_) | Placement::Existing(_) => BbbError::internal(NO_SERVER),
    }
}
