//! What the front end counts.

scalelite_core::metrics_list! {
    REQUESTS: counter "scalelite_requests_total" [call, result] "Requests to the API, the management API and the dashboard. `call` is a known call, `upload`, `dashboard` or `unknown`; `result` is `success`, the `messageKey` of an error that the load balancer found, `serverFailed` (the server's own error, passed on), `serverUnreachable`, `stateUnavailable`, `databaseUnavailable` or `refused`.";
    REQUEST_SECONDS: latency "scalelite_request_seconds" [call] "How long requests took, until the first byte of the answer could be sent.";
    PLACEMENTS: counter "scalelite_placements_total" [result] "Where `create` went: `created`, `existing`, `no_server`, `tag_unavailable`, `other_tenant`, `too_many_meetings`, `no_voice_bridge`.";
    FAILOVERS: counter "scalelite_failovers_total" [] "New meetings that were given to another server, as the one before did not answer.";
    SERVERS_LEFT_OUT: counter "scalelite_get_meetings_servers_left_out_total" [server] "Servers that an answer of `getMeetings` did without, as they failed or were too slow.";
}
