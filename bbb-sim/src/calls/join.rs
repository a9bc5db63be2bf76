//! `join`.

use super::{Call, Reply, not_found};
use crate::answers::Answer;
use crate::meeting::{Meeting, User, alphanumeric};
use crate::params::Params;
use crate::server::Server;

/// The user is in at once; a real one would be when the browser has loaded the client.
pub(super) fn join(server: &Server, call: &Call<'_>, params: &Params<'_>) -> Result<Reply, Reply> {
    let id = call.meeting_id(params)?;
    let full_name = params.get("fullName").ok_or_else(|| {
        let message = "You must specify a name for the attendee who will be joining the meeting.";
        Reply::failed("missingParamFullName", message)
    })?;
    let mut meetings = server.meetings();
    let meeting = meetings.get(&id).ok_or_else(not_found)?;
    if params.get("createTime").is_some() && params.number("createTime") != Some(meeting.create_time) {
        let message = "The createTime parameter submitted mismatches with the current meeting.";
        return Err(Reply::failed("mismatchCreateTimeParam", message));
    }
    let moderator = is_moderator(meeting, params)?;
    if meeting.new.max_users > 0 && meeting.participants() >= meeting.new.max_users {
        let message = "The number of participants allowed for this meeting has been reached.";
        return Err(Reply::failed("maxParticipantsReached", message));
    }
    let internal_id = meeting.internal_id.clone();
    let user = User {
        full_name: Some(full_name.into()),
        external_id: params.get("userID").map(Into::into),
        ..User::anonymous(moderator)
    };
    let user_id = user.internal_id();
    let token = meetings.join(&id, user).ok_or_else(not_found)?;
    drop(meetings);

    let url = format!("http://{}/html5client/?sessionToken={token}", call.host);
    if params.get("redirect").is_none_or(|value| value.eq_ignore_ascii_case("true")) {
        return Ok(Reply::Redirect(url));
    }
    let mut answer = Answer::success();
    answer
        .text("messageKey", "successfullyJoined")
        .text("message", "You have joined successfully.")
        .text("meeting_id", &internal_id)
        .text("user_id", &user_id)
        .text("auth_token", &alphanumeric(rand::random(), 12))
        .text("session_token", &token)
        .text("guestStatus", "ALLOW")
        .text("url", &url);
    Ok(Reply::Xml(answer.finish()))
}

/// A valid `role` decides, else the password.
fn is_moderator(meeting: &Meeting, params: &Params<'_>) -> Result<bool, Reply> {
    match params.get("role") {
        Some(role) if role.eq_ignore_ascii_case("moderator") => return Ok(true),
        Some(role) if role.eq_ignore_ascii_case("viewer") => return Ok(false),
        _ => {}
    }
    match params.get("password") {
        Some(password) if password == meeting.moderator_pw => Ok(true),
        Some(password) if password == meeting.attendee_pw => Ok(false),
        Some(_) => Err(Reply::failed("Params required", "You must enter a valid password")),
        None => {
            let message = "You must either send the valid role of the user, or the password, should the meeting has one.";
            Err(Reply::failed("Params required", message))
        }
    }
}
