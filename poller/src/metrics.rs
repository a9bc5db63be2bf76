//! What the poller counts, and what it tells of the servers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use scalelite_core::monitoring::{MEETINGS_FORGOTTEN, servers};
use scalelite_core::pool::server::{AdminState, Server, ServerId};

scalelite_core::metrics_list! {
    PASSES: counter "scalelite_poll_passes_total" [result] "Passes over all servers: `done`, or `cut_short` as the live state could not be used.";
    PASS_SECONDS: duration "scalelite_poll_pass_seconds" [] "How long a pass over all servers took.";
    LAST_PASS: gauge "scalelite_poll_last_pass_timestamp_seconds" [] "When the last pass ended that was not cut short, in seconds since 1970.";
    POLLS: counter "scalelite_polls_total" [server, result] "Polls of servers: `answered` or `failed`.";
    CHANGES: counter "scalelite_server_changes_total" [server, change] "Servers that came `online`, went `offline`, or were `drained` (cordoned, and disabled now that they are empty).";
    MEETINGS: gauge "scalelite_meetings" [] "Meetings that are known to the load balancer.";
    ONLINE: gauge "scalelite_server_online" [server] "1 if the server answers its polls, else 0.";
    STATE: gauge "scalelite_server_state" [server, state] "1 for the state that the operator has given it (`enabled`, `cordoned`, `disabled`), 0 for the others.";
    LOAD: gauge "scalelite_server_load" [server] "Its load: users, weighted by the multiplier. 0 if it is not available.";
    SERVER_MEETINGS: gauge "scalelite_server_meetings" [server] "Meetings on it, breakout rooms among them.";
    USERS: gauge "scalelite_server_users" [server] "Users on it.";
    LARGEST: gauge "scalelite_server_largest_meeting_users" [server] "Users in the largest of its meetings.";
    VIDEOS: gauge "scalelite_server_videos" [server] "Cameras shared on it.";
}

/// A poll of a server was recorded.
pub(crate) fn polled(server: &ServerId, answered: bool) {
    let result = if answered { "answered" } else { "failed" };
    metrics::counter!(POLLS, "server" => servers::label(server), "result" => result).increment(1);
}

/// Something became of a server by a poll.
pub(crate) fn changed(server: &ServerId, change: &'static str) {
    metrics::counter!(CHANGES, "server" => servers::label(server), "change" => change).increment(1);
}

/// A meeting was forgotten.
pub(crate) fn forgotten(reason: &'static str) {
    metrics::counter!(MEETINGS_FORGOTTEN, "reason" => reason).increment(1);
}

/// A pass has ended.
pub(crate) fn passed(done: bool, took: Duration) {
    metrics::counter!(PASSES, "result" => if done { "done" } else { "cut_short" }).increment(1);
    metrics::histogram!(PASS_SECONDS).record(took);
    if done {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        metrics::gauge!(LAST_PASS).set(now.as_secs_f64());
    }
}

/// So many meetings are known.
#[expect(clippy::cast_precision_loss, reason = "nothing here comes near 2^53")]
pub(crate) fn known(meetings: usize) {
    metrics::gauge!(MEETINGS).set(meetings as f64);
}

/// What is true of the servers now. Those of a server that is not set any more are not told any more.
#[expect(clippy::cast_precision_loss, reason = "nothing here comes near 2^53")]
pub(crate) fn tell(servers: &[Server]) {
    for server in servers {
        let label = || server.route.id.to_string();
        let usage = &server.usage;
        metrics::gauge!(ONLINE, "server" => label()).set(f64::from(server.route.online));
        for state in [AdminState::Enabled, AdminState::Cordoned, AdminState::Disabled] {
            let is = f64::from(server.route.state == state);
            metrics::gauge!(STATE, "server" => label(), "state" => state.as_str()).set(is);
        }
        metrics::gauge!(LOAD, "server" => label()).set(server.load.unwrap_or(0.0));
        metrics::gauge!(SERVER_MEETINGS, "server" => label()).set(usage.meetings as f64);
        metrics::gauge!(USERS, "server" => label()).set(usage.users as f64);
        metrics::gauge!(LARGEST, "server" => label()).set(usage.largest_meeting as f64);
        metrics::gauge!(VIDEOS, "server" => label()).set(usage.videos as f64);
    }
}
