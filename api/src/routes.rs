//! The whole surface of the front end.

use actix_web::web::{ServiceConfig, get, head, method, post, resource, scope, to};
use actix_web::{Resource, Route, middleware};

use crate::bigbluebutton::{self as bbb, unsupported};
use crate::{health, request_log};

/// Registers every path (CONTRACT §2). Whatever is not here is an unsupported request.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(probe(
            ["/bigbluebutton/api", "/bigbluebutton/api/"],
            [get(), post()].map(|r| r.to(bbb::top::answer_version)),
        ))
        .service(probe(["/", ""], health_check()))
        .service(probe(["/health_check", "/health_check/"], health_check()))
        .service(
            scope("/bigbluebutton/api")
                .wrap(middleware::from_fn(request_log::log))
                .service(call("create", [get(), post()].map(|r| r.to(bbb::create::create))))
                .service(call("join", [get().to(bbb::join::join)]))
                .service(call(
                    "isMeetingRunning",
                    [get(), post()].map(|r| r.to(bbb::forward::is_meeting_running)),
                ))
                .service(call(
                    "getMeetingInfo",
                    [get(), post()].map(|r| r.to(bbb::forward::get_meeting_info)),
                ))
                .service(call("getMeetings", [get(), post()].map(|r| r.to(bbb::get_meetings::get_meetings))))
                .service(call("end", [get(), post()].map(|r| r.to(bbb::end::end))))
                .service(call("insertDocument", [post().to(bbb::insert_document::insert_document)]))
                .service(call("sendChatMessage", [get(), post()].map(|r| r.to(bbb::forward::whole))))
                .service(call("getJoinUrl", [get(), post()].map(|r| r.to(bbb::forward::whole_if_routable))))
                .service(call(
                    "learningDashboard",
                    [get(), post()].map(|r| r.to(bbb::forward::whole_if_routable)),
                ))
                .service(call("feedback", [get(), post()].map(|r| r.to(bbb::forward::whole_if_routable))))
                .service(call("getRecordings", [get(), post()].map(|r| r.to(bbb::recordings::none))))
                .service(call("publishRecordings", [get().to(bbb::recordings::not_found)]))
                .service(call("updateRecordings", [get(), post()].map(|r| r.to(bbb::recordings::not_found))))
                .service(call("deleteRecordings", [get().to(bbb::recordings::not_found)]))
                .default_service(to(unsupported)),
        )
        .default_service(to(unsupported));
}

fn call<const N: usize>(name: &str, routes: [Route; N]) -> Resource {
    probe([format!("/{name}"), format!("/{name}/")], routes)
}

fn probe<const N: usize>(paths: [impl Into<String>; 2], routes: [Route; N]) -> Resource {
    let at = resource(paths.map(Into::into).to_vec()).default_service(to(unsupported));
    routes.into_iter().fold(at, Resource::route)
}

fn health_check() -> [Route; 4] {
    let any = method(actix_web::http::Method::PUT);
    [get(), head(), post(), any].map(|route| route.to(health::check))
}
