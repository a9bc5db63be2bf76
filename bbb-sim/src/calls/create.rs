//! `create`.

use std::collections::BTreeMap;

use super::{Call, Media, Reply, content};
use crate::answers::{Answer, JavaDate, is_metadata_name};
use crate::meeting::{Breakout, Meeting, NewMeeting};
use crate::params::Params;
use crate::server::Server;

pub(super) fn create(server: &Server, call: &Call<'_>, params: &Params<'_>) -> Result<Reply, Reply> {
    let id = call.meeting_id(params)?;
    let documents = match call.media() {
        Some(Media::Xml) => content::documents(call.body).map_err(|_| Reply::Broken)?,
        _ => Vec::new(),
    };
    let mut meetings = server.meetings();
    if let Some(existing) = meetings.get(&id) {
        return Ok(again(existing, params));
    }
    let new = NewMeeting { meeting_id: id.into_owned(), ..read(params)? };
    let Ok(meeting) = meetings.add(new) else {
        return Err(Reply::failed("nonUniqueVoiceBridge", "The selected voice bridge is already in use."));
    };
    meeting.documents = documents;
    Ok(Reply::Xml(answer(meeting, "", "")))
}

/// BBB takes a second `create` as the same if both passwords are the meeting's, or neither is given.
fn again(existing: &Meeting, params: &Params<'_>) -> Reply {
    let (attendee, moderator) = (params.get("attendeePW"), params.get("moderatorPW"));
    let none = attendee.is_none() && moderator.is_none();
    if none
        || attendee.as_deref() == Some(&existing.attendee_pw)
            && moderator.as_deref() == Some(&existing.moderator_pw)
    {
        let message = "This conference was already in existence and may currently be in progress.";
        Reply::Xml(answer(existing, "duplicateWarning", message))
    } else {
        let message = "A meeting already exists with that meeting ID.  Please use a different meeting ID.";
        Reply::failed("idNotUnique", message)
    }
}

fn read(params: &Params<'_>) -> Result<NewMeeting, Reply> {
    let text = |name| params.get(name).map(String::from);
    let metadata: BTreeMap<_, _> = params
        .pairs()
        .filter_map(|(name, value)| {
            let name = name.strip_prefix("meta_").filter(|name| is_metadata_name(name))?;
            Some((name.to_ascii_lowercase(), value.into_owned()))
        })
        .collect();
    let breakout = match (params.is_true("isBreakout"), text("parentMeetingID")) {
        (false, _) => None,
        (true, None) => {
            let message = "No parent meeting ID was provided for the breakout room";
            return Err(Reply::failed("parentMeetingIdMissing", message));
        }
        (true, Some(parent_meeting_id)) => Some(Breakout {
            parent_meeting_id,
            sequence: params.number("sequence").unwrap_or(0),
            free_join: params.is_true("freeJoin"),
        }),
    };
    Ok(NewMeeting {
        meeting_id: String::new(),
        name: text("name").unwrap_or_default(),
        attendee_pw: text("attendeePW"),
        moderator_pw: text("moderatorPW"),
        voice_bridge: text("voiceBridge"),
        dial_number: text("dialNumber"),
        max_users: params.number("maxParticipants").unwrap_or(0),
        duration: params.number("duration").unwrap_or(0),
        recording: params.is_true("record"),
        create_time: None,
        metadata,
        breakout,
    })
}

fn answer(meeting: &Meeting, message_key: &str, message: &str) -> String {
    let parent = meeting.new.breakout.as_ref().map_or("bbb-none", |room| &room.parent_meeting_id);
    let mut answer = Answer::success();
    answer
        .text("meetingID", meeting.id())
        .text("internalMeetingID", &meeting.internal_id)
        .text("parentMeetingID", parent)
        .text("attendeePW", &meeting.attendee_pw)
        .text("moderatorPW", &meeting.moderator_pw)
        .plain("createTime", meeting.create_time)
        .text("voiceBridge", &meeting.voice_bridge)
        .text("dialNumber", meeting.dial_number())
        .plain("createDate", JavaDate(meeting.create_time))
        .plain("hasUserJoined", meeting.has_user_joined)
        .plain("duration", meeting.new.duration)
        .plain("hasBeenForciblyEnded", false)
        .text("messageKey", message_key)
        .text("message", message);
    answer.finish()
}
