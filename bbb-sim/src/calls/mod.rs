//! The API's calls: who may ask, and who answers.

mod content;
mod create;
mod join;
mod meetings;
mod sessions;

use std::borrow::Cow;

use crate::answers::{self, Answer};
use crate::checksum;
use crate::params::Params;
use crate::server::Server;

/// A call as it came in.
pub(crate) struct Call<'a> {
    pub(crate) name: &'a str,
    pub(crate) is_post: bool,
    pub(crate) query: &'a str,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) body: &'a [u8],
    /// The `Host` the client asked for, to send browsers to.
    pub(crate) host: Cow<'a, str>,
}

/// What goes back.
pub(crate) enum Reply {
    Fixed(&'static str),
    Xml(String),
    Json(String),
    Redirect(String),
    /// BBB would have thrown an exception.
    Broken,
}

impl Reply {
    fn failed(message_key: &str, message: &str) -> Self {
        Self::Xml(Answer::failed(message_key, message))
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Media {
    Form,
    Xml,
    Other,
}

impl Call<'_> {
    /// What kind of body came with a POST; none if it is empty.
    fn media(&self) -> Option<Media> {
        if !self.is_post || self.body.is_empty() {
            return None;
        }
        let essence = self.content_type.unwrap_or("").split(';').next().unwrap_or("").trim();
        Some(match essence.to_ascii_lowercase().as_str() {
            "application/x-www-form-urlencoded" | "multipart/form-data" => Media::Form,
            "application/xml" | "text/xml" => Media::Xml,
            _ => Media::Other,
        })
    }

    fn params(&self) -> Params<'_> {
        // The fields of a multipart body are not read, nobody who talks to a BBB server sends one.
        Params::new(self.query, if self.media() == Some(Media::Form) { self.body } else { &[] })
    }

    /// The meeting's ID, which most calls need.
    fn meeting_id<'a>(&self, params: &Params<'a>) -> Result<Cow<'a, str>, Reply> {
        params.get("meetingID").ok_or_else(|| {
            Reply::failed("missingParamMeetingID", "You must specify a meeting ID for the meeting.")
        })
    }

    fn is_signed(&self, params: &Params<'_>, server: &Server) -> bool {
        let (secret, accepted) = (&server.secret, &server.algorithms);
        if checksum::verify(self.name, self.query, secret, accepted) {
            return true;
        }
        // A form may carry it in its body: over the query string, or over the rest of the form.
        let Some(form) =
            (self.media() == Some(Media::Form)).then(|| str::from_utf8(self.body).ok()).flatten()
        else {
            return false;
        };
        let in_form = params.get("checksum").unwrap_or_default();
        checksum::verify_detached(&in_form, self.name, self.query, secret, accepted)
            || checksum::verify(self.name, form, secret, accepted)
    }
}

/// Carries a call out.
pub(crate) fn answer(server: &Server, call: &Call<'_>) -> Reply {
    if call.name == "index" {
        return index(server, call);
    }
    let Some(answer) = find(call.name) else {
        return Reply::failed("unsupportedRequest", "This request is not supported.");
    };
    let params = call.params();
    // These know a browser by its session and need no checksum; one that is given must be right.
    let by_session = matches!(call.name, "getJoinUrl" | "learningDashboard" | "feedback");
    let may_ask = by_session && params.get("checksum").is_none() || call.is_signed(&params, server);
    if !may_ask {
        return Reply::Fixed(answers::CHECKSUM_ERROR);
    }
    let supported = match (call.name, call.media()) {
        (_, None) => true,
        ("create", Some(media)) => media != Media::Other,
        ("insertDocument", Some(media)) => media == Media::Xml,
        ("feedback", _) => true,
        (_, Some(media)) => media == Media::Form,
    };
    if !supported {
        let message = "POST request Content-Type is missing or unsupported";
        return Reply::failed("unsupportedContentType", message);
    }
    answer(server, call, &params).unwrap_or_else(|reply| reply)
}

/// A call's answer; an error is one too, found out on the way.
type Handler = fn(&Server, &Call<'_>, &Params<'_>) -> Result<Reply, Reply>;

fn find(name: &str) -> Option<Handler> {
    Some(match name {
        "create" => create::create,
        "join" => join::join,
        "isMeetingRunning" => meetings::is_meeting_running,
        "getMeetingInfo" => meetings::get_meeting_info,
        "getMeetings" => meetings::get_meetings,
        "end" => meetings::end,
        "insertDocument" => content::insert_document,
        "sendChatMessage" => content::send_chat_message,
        "getJoinUrl" => sessions::get_join_url,
        "learningDashboard" => sessions::learning_dashboard,
        "feedback" => sessions::feedback,
        "getRecordings" => |_, _, _| Ok(Reply::Fixed(answers::NO_RECORDINGS)),
        _ => return None,
    })
}

/// The API's top level, which needs no checksum.
fn index(server: &Server, call: &Call<'_>) -> Reply {
    let mut answer = Answer::success();
    answer
        .text("version", "2.0")
        .text("apiVersion", "2.0")
        .text("bbbVersion", &server.bbb_version)
        .text("graphqlWebsocketUrl", &format!("ws://{}/graphql", call.host))
        .text("graphqlApiUrl", &format!("http://{}/api/rest", call.host));
    Reply::Xml(answer.finish())
}

fn not_found() -> Reply {
    Reply::failed("notFound", "A meeting with that ID does not exist")
}
