//! The whole surface of the front end.

use actix_web::http::Method;
use actix_web::web::{ServiceConfig, get, head, method, post, resource, scope, to};
use actix_web::{Route, middleware};
use scalelite_core::config::RecordingsConfig;

use crate::bigbluebutton::{self as bbb, unsupported};
use crate::playback::{follow, show};
use crate::{dashboard, fsapi, health, management, request_log, uploads};

/// Registers every path (CONTRACT §2). Whatever is not here is an unsupported request.
pub(crate) fn configure(config: &mut ServiceConfig, recordings: &RecordingsConfig) {
    let api = "/bigbluebutton/api";
    at(config, api, || [get(), head(), post()].map(|route| route.to(bbb::top::answer_version)).into());
    let calls = scope(api).wrap(middleware::from_fn(request_log::log)).configure(calls);
    config.service(calls.default_service(to(unsupported)));
    management::configure(config);
    dashboard::configure(config);
    uploads::configure(config);
    let health_check =
        || [get(), head(), post(), method(Method::PUT)].map(|route| route.to(health::check)).into();
    at(config, "", health_check);
    at(config, "/health_check", health_check);
    at(config, "/fsapi", || vec![post().to(fsapi::dial)]);
    if !recordings.disabled {
        playback(config, &recordings.playback_formats);
    }
    config.default_service(to(unsupported));
}

fn playback(config: &mut ServiceConfig, formats: &[String]) {
    at(config, "/recording/{record_id}/{format}", || [get(), head()].map(|route| route.to(follow)).into());
    for format in formats {
        let below = resource(format!("/{format}/{{path:.*}}")).default_service(to(unsupported));
        config.service(below.route(get().to(show)).route(head().to(show)));
    }
}

fn calls(config: &mut ServiceConfig) {
    at(config, "/create", || vec![get().to(bbb::create::create), post().to(bbb::create::create)]);
    at(config, "/join", || vec![get().to(bbb::join::join)]);
    let is_meeting_running = bbb::forward::is_meeting_running;
    at(config, "/isMeetingRunning", || vec![get().to(is_meeting_running), post().to(is_meeting_running)]);
    let get_meeting_info = bbb::forward::get_meeting_info;
    at(config, "/getMeetingInfo", || vec![get().to(get_meeting_info), post().to(get_meeting_info)]);
    let get_meetings = bbb::get_meetings::get_meetings;
    at(config, "/getMeetings", || vec![get().to(get_meetings), post().to(get_meetings)]);
    at(config, "/end", || vec![get().to(bbb::end::end), post().to(bbb::end::end)]);
    at(config, "/insertDocument", || vec![post().to(bbb::insert_document::insert_document)]);
    at(config, "/sendChatMessage", || vec![get().to(bbb::forward::whole), post().to(bbb::forward::whole)]);
    for call in ["/getJoinUrl", "/learningDashboard", "/feedback"] {
        let routable = bbb::forward::whole_if_routable;
        at(config, call, || vec![get().to(routable), post().to(routable)]);
    }
    at(config, "/analytics_callback", || vec![post().to(bbb::callbacks::receive_analytics)]);
    at(config, "/meeting_ended_callback", || vec![get().to(bbb::callbacks::receive_end)]);
    let recordings = bbb::recordings::list;
    at(config, "/getRecordings", || vec![get().to(recordings), post().to(recordings)]);
    at(config, "/publishRecordings", || vec![get().to(bbb::recordings::publish)]);
    let update = bbb::recordings::update;
    at(config, "/updateRecordings", || vec![get().to(update), post().to(update)]);
    at(config, "/deleteRecordings", || vec![get().to(bbb::recordings::delete)]);
    let text_tracks = bbb::text_tracks::get;
    at(config, "/getRecordingTextTracks", || vec![get().to(text_tracks), post().to(text_tracks)]);
    at(config, "/putRecordingTextTrack", || vec![post().to(bbb::text_tracks::put)]);
}

/// A path, with and without a slash at its end. Each is a pattern of its own: a plain text is compared,
/// where a list of patterns would be a regular expression.
fn at(config: &mut ServiceConfig, path: &str, routes: impl Fn() -> Vec<Route>) {
    for path in [path.to_owned(), format!("{path}/")] {
        let place = resource(path).default_service(to(unsupported));
        config.service(routes().into_iter().fold(place, actix_web::Resource::route));
    }
}
