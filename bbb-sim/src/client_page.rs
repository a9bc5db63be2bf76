//! What a browser sees after `join`, so that a demo can be clicked through.

use crate::answers::escape;
use crate::params::Params;
use crate::server::Server;

/// The page for the session token in the query; it says so if there is no such session.
pub(crate) fn page(server: &Server, query: &str) -> String {
    let token = Params::new(query, &[]).get("sessionToken");
    let mut lines = Vec::new();
    {
        let meetings = server.meetings();
        let session = token.and_then(|token| meetings.session(&token));
        if let Some((session, meeting)) = session.and_then(|s| Some((s, meetings.get(&s.meeting_id)?))) {
            lines.push(format!("You are in meeting “{}”", meeting.new.name));
            lines.push(format!("on simulated server {} ({})", server.number + 1, server.address));
            let role = if session.moderator { "a moderator" } else { "an attendee" };
            lines.push(format!("as {}, {role},", session.full_name));
            lines.push(format!("one of {} participants.", meeting.participants()));
        } else {
            lines.push("This session is over".to_owned());
            lines.push(format!("on simulated server {} ({}).", server.number + 1, server.address));
        }
    }
    let mut html = String::from(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Simulated BigBlueButton</title>\n\
         <style>body{font:1.2rem/1.6 system-ui,sans-serif;display:grid;place-content:center;min-height:90vh;\
         text-align:center;background:#06172a;color:#f3f6f9}h1{font-size:1.8rem}p{margin:0}</style></head>\n<body>\n",
    );
    for (number, line) in lines.iter().enumerate() {
        let tag = if number == 0 { "h1" } else { "p" };
        html.push_str(&format!("<{tag}>"));
        escape(&mut html, line);
        html.push_str(&format!("</{tag}>\n"));
    }
    html.push_str("</body>\n</html>\n");
    html
}
