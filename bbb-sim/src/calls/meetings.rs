//! Calls that look at meetings, and `end`.

use super::{Call, Reply, not_found};
use crate::answers::{self, Answer};
use crate::meeting::Meeting;
use crate::params::Params;
use crate::server::Server;

pub(super) fn is_meeting_running(
    server: &Server,
    call: &Call<'_>,
    params: &Params<'_>,
) -> Result<Reply, Reply> {
    let id = call.meeting_id(params)?;
    let running = server.meetings().get(&id).is_some_and(Meeting::is_running);
    Ok(Reply::Fixed(if running { answers::RUNNING } else { answers::NOT_RUNNING }))
}

pub(super) fn get_meeting_info(
    server: &Server,
    call: &Call<'_>,
    params: &Params<'_>,
) -> Result<Reply, Reply> {
    let id = call.meeting_id(params)?;
    let meetings = server.meetings();
    let mut answer = Answer::success();
    answer.meeting(meetings.get(&id).ok_or_else(not_found)?);
    Ok(Reply::Xml(answer.finish()))
}

pub(super) fn get_meetings(server: &Server, _: &Call<'_>, _: &Params<'_>) -> Result<Reply, Reply> {
    let meetings = server.meetings();
    if meetings.len() == 0 {
        return Ok(Reply::Fixed(answers::NO_MEETINGS));
    }
    let mut answer = Answer::success();
    answer.open("meetings");
    for meeting in meetings.iter() {
        answer.open("meeting").meeting(meeting).close("meeting");
    }
    answer.close("meetings");
    Ok(Reply::Xml(answer.finish()))
}

/// As BBB since 2.4, a password is not looked at: whoever can sign may end.
pub(super) fn end(server: &Server, call: &Call<'_>, params: &Params<'_>) -> Result<Reply, Reply> {
    let id = call.meeting_id(params)?;
    if !server.meetings().end(&id) {
        return Err(not_found());
    }
    let mut answer = Answer::success();
    answer.text("messageKey", "sentEndMeetingRequest").text(
        "message",
        "A request to end the meeting was sent.  Please wait a few seconds, and then use the getMeetingInfo \
         or isMeetingRunning API calls to verify that it was ended.",
    );
    Ok(Reply::Xml(answer.finish()))
}
