//! Requests as the metrics tell them: by call and by what came of them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use metrics::{Counter, Histogram};

use crate::error::ApiError;
use crate::metrics::{REQUEST_SECONDS, REQUESTS};
use crate::{dashboard, uploads};

/// Calls that are told by their names; whatever else is asked for is [`UNKNOWN`].
const CALLS: [&str; 34] = [
    "addServer",
    "addTenant",
    "addTenantSetting",
    "analytics_callback",
    "create",
    "deleteRecordings",
    "deleteServer",
    "deleteTenant",
    "deleteTenantSetting",
    "end",
    "feedback",
    "getJoinUrl",
    "getMeetingInfo",
    "getMeetings",
    "getRecordingTextTracks",
    "getRecordings",
    "getServerInfo",
    "getServers",
    "getTenantInfo",
    "getTenantSettings",
    "getTenants",
    "insertDocument",
    "isMeetingRunning",
    "join",
    "learningDashboard",
    "meeting_ended_callback",
    "openapi.json",
    "panicServer",
    "publishRecordings",
    "putRecordingTextTrack",
    "sendChatMessage",
    "updateRecordings",
    "updateServer",
    "updateTenant",
];
const UNKNOWN: &str = "unknown";
/// All requests of uploads of recordings.
const UPLOAD: &str = "upload";
/// All requests of the dashboard; what follows its path is no call, whatever it is named.
const DASHBOARD: &str = "dashboard";

/// By call and result.
type Kept = HashMap<(&'static str, &'static str), (Counter, Histogram)>;

thread_local! {
    /// Found once by each worker: looking them up costs more than counting.
    static KEPT: RefCell<Kept> = RefCell::default();
}

/// A request has been answered.
pub(crate) fn answered<B: MessageBody>(response: &ServiceResponse<B>, took: Duration) {
    let (call, result) = (call(response.request().path()), result(response));
    KEPT.with_borrow_mut(|kept| {
        let (count, seconds) = kept.entry((call, result)).or_insert_with(|| {
            let count = metrics::counter!(REQUESTS, "call" => call, "result" => result);
            (count, metrics::histogram!(REQUEST_SECONDS, "call" => call))
        });
        count.increment(1);
        seconds.record(took);
    });
}

fn call(path: &str) -> &'static str {
    if path.starts_with(uploads::PATH) {
        return UPLOAD;
    }
    if path.starts_with(dashboard::PATH) {
        return DASHBOARD;
    }
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    CALLS.binary_search(&name).map_or(UNKNOWN, |at| CALLS[at])
}

fn result<B: MessageBody>(response: &ServiceResponse<B>) -> &'static str {
    match response.response().error() {
        Some(error) => {
            error.as_error::<ApiError>().map_or_else(|| of_status(response.status()), ApiError::result)
        }
        None => of_status(response.status()),
    }
}

fn of_status(status: StatusCode) -> &'static str {
    if status.is_server_error() {
        "internalError"
    } else if status.is_client_error() {
        "refused"
    } else {
        "success"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_are_not_known_have_one_name() {
        assert!(CALLS.is_sorted());
        assert_eq!(call("/bigbluebutton/api/create"), "create");
        assert_eq!(call("/bigbluebutton/api/getMeetings/"), "getMeetings");
        assert_eq!(call("/scalelite/spool/a.tar"), UPLOAD);
        for path in ["/scalelite/dashboard", "/scalelite/dashboard/", "/scalelite/dashboard/join"] {
            assert_eq!(call(path), DASHBOARD, "{path}");
        }
        for path in
            ["/bigbluebutton/api/Create", "/bigbluebutton/api/create/x", "/bigbluebutton/api", "/", ""]
        {
            assert_eq!(call(path), UNKNOWN, "{path}");
        }
    }

    #[test]
    fn the_management_calls_are_known() {
        for name in crate::management::names() {
            assert_eq!(call(&format!("/scalelite/api/{name}")), name);
        }
    }
}
