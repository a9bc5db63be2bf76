//! Errors as clients of the API see them: a `messageKey` and a `message` (CONTRACT §2).

use std::borrow::Cow;

/// A `FAILED` answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct BbbError {
    /// `messageKey`: what front ends switch on.
    pub key: Cow<'static, str>,
    /// `message`: what people read.
    pub message: Cow<'static, str>,
}

impl BbbError {
    const fn fixed(key: &'static str, message: &'static str) -> Self {
        Self { key: Cow::Borrowed(key), message: Cow::Borrowed(message) }
    }

    /// The checksum is missing or wrong, or the tenant is unknown.
    pub const CHECKSUM: Self = Self::fixed("checksumError", "You did not pass the checksum security check");
    /// No such meeting.
    pub const NOT_FOUND: Self = Self::fixed(
        "notFound",
        "We could not find a meeting with that meeting ID - perhaps the meeting is not yet running?",
    );
    /// The call needs a `meetingID`.
    pub const MISSING_MEETING_ID: Self =
        Self::fixed("missingParamMeetingID", "You must specify a meeting ID for the meeting.");
    /// No such call, or not by this method.
    pub const UNSUPPORTED_REQUEST: Self = Self::fixed("unsupportedRequest", "This request is not supported.");
    /// The body of a POST is of a type that the call does not take.
    pub const UNSUPPORTED_CONTENT_TYPE: Self =
        Self::fixed("unsupportedContentType", "POST request Content-Type is missing or unsupported");
    /// The meeting's server takes nobody in.
    pub const SERVER_UNAVAILABLE: Self =
        Self::fixed("serverUnavailable", "The server for this meeting is disabled/offline.");
    /// No recording of that ID.
    pub const NO_RECORDINGS: Self = Self::fixed("notFound", "We could not find recordings");

    /// The call needs a `recordID`.
    pub const MISSING_RECORD_ID: Self = Self::fixed("missingParamRecordID", "You must specify a recordID.");
    /// The call needs a `publish`.
    pub const MISSING_PUBLISH: Self =
        Self::fixed("missingParamPublish", "You must specify a publish value true or false.");
    /// `getRecordings` needs IDs here (`GET_RECORDINGS_API_FILTERED`).
    pub const MISSING_RECORDINGS_FILTER: Self =
        Self::fixed("missingParameters", "param meetingID or recordID must be included.");

    /// Something failed here or on the way to a server.
    #[must_use]
    pub fn internal(message: impl Into<Cow<'static, str>>) -> Self {
        Self { key: Cow::Borrowed("internalError"), message: message.into() }
    }

    /// No available server carries a tag that the request insists on.
    #[must_use]
    pub fn server_tag_unavailable(tag: &str) -> Self {
        Self {
            key: Cow::Borrowed("serverTagUnavailable"),
            message: Cow::Owned(format!("There is no available server with the required tag={tag}.")),
        }
    }

    /// The tenant has as many meetings at once as it may have.
    #[must_use]
    pub fn max_meetings(most: u32) -> Self {
        let message = match most {
            0 => "This tenant may have no meetings.".to_owned(),
            1 => "This tenant may have 1 meeting at once, and has it.".to_owned(),
            most => format!("This tenant may have {most} meetings at once, and has them."),
        };
        Self { key: Cow::Borrowed("maxMeetings"), message: Cow::Owned(message) }
    }

    /// The request insists on a server tag that the tenant may not use.
    #[must_use]
    pub fn server_tag_not_allowed(tag: &str) -> Self {
        Self {
            key: Cow::Borrowed("serverTagNotAllowed"),
            message: Cow::Owned(format!("This tenant may not use servers with the required tag={tag}.")),
        }
    }

    /// The parameters of the request cannot be read.
    #[must_use]
    pub fn bad_parameters(reason: impl std::fmt::Display) -> Self {
        Self {
            key: Cow::Borrowed("invalidParameters"),
            message: Cow::Owned(format!("Bad request: {reason}.")),
        }
    }
}
