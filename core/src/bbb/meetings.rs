//! Reading a server's `getMeetings` answer: each `<meeting>` as a slice of the bytes it came in,
//! with the few numbers that matter (CONTRACT §4, §11).

use std::ops::Range;

use super::error::BbbError;
use super::markup::{AnswerError, Markup, Scanner, unescape};

/// A meeting in a `getMeetings` answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedMeeting {
    /// Where the whole `<meeting>…</meeting>` stands in the answer.
    pub span: Range<usize>,
    /// `meetingID`.
    pub id: String,
    /// `meetingName`.
    pub name: String,
    /// `participantCount`; moderators are among them.
    pub participants: u64,
    /// `moderatorCount`.
    pub moderators: u64,
    /// `videoCount`.
    pub videos: u64,
    /// `createTime`, in milliseconds since 1970.
    pub created_ms: u64,
    /// `isBreakout`.
    pub breakout: bool,
    /// `metadata/tenant-id`, empty if there is none.
    pub tenant_id: String,
}

/// The meetings of a `getMeetings` answer, or the server's own error.
pub fn list(xml: &[u8]) -> Result<Result<Vec<ListedMeeting>, BbbError>, AnswerError> {
    let mut scanner = Scanner::of(xml)?;
    let mut listing = Listing::default();
    while let Some(piece) = scanner.next()? {
        if listing.reading.is_some() {
            unescape(piece.text, &mut listing.text)?;
        }
        match piece.markup {
            Markup::Open(name) => listing.open(name, scanner.depth(), piece.start)?,
            Markup::Close => listing.close(scanner.depth(), piece.end),
            Markup::Empty(name) if scanner.depth() == 0 && name != "response" => {
                return Err(AnswerError::NoReturncode);
            }
            Markup::Literal(text) if listing.reading.is_some() => listing.text.push_str(text),
            Markup::Empty(_) | Markup::Literal(_) | Markup::Aside => {}
        }
    }
    match listing.returncode.as_deref().map(str::trim) {
        None => Err(AnswerError::NoReturncode),
        Some("SUCCESS") => Ok(Ok(listing.meetings)),
        Some(_) => Ok(Err(BbbError { key: listing.key.into(), message: listing.message.into() })),
    }
}

/// The elements whose text is read.
#[derive(Debug, Clone, Copy)]
enum Field {
    Returncode,
    MessageKey,
    Message,
    Id,
    Name,
    Participants,
    Moderators,
    Videos,
    Created,
    Breakout,
    Tenant,
}

#[derive(Default)]
struct Listing {
    in_meetings: bool,
    in_metadata: bool,
    meeting: Option<ListedMeeting>,
    reading: Option<Field>,
    text: String,
    returncode: Option<String>,
    key: String,
    message: String,
    meetings: Vec<ListedMeeting>,
}

impl Listing {
    fn open(&mut self, name: &str, depth: usize, at: usize) -> Result<(), AnswerError> {
        match depth {
            1 if name != "response" => return Err(AnswerError::NoReturncode),
            2 if name == "meetings" => self.in_meetings = true,
            2 => self.read(match name {
                "returncode" => Field::Returncode,
                "messageKey" => Field::MessageKey,
                "message" => Field::Message,
                _ => return Ok(()),
            }),
            3 if self.in_meetings && name == "meeting" => {
                self.meeting = Some(ListedMeeting { span: at..at, ..ListedMeeting::default() });
            }
            4 if self.meeting.is_some() => self.read(match name {
                "meetingID" => Field::Id,
                "meetingName" => Field::Name,
                "participantCount" => Field::Participants,
                "moderatorCount" => Field::Moderators,
                "videoCount" => Field::Videos,
                "createTime" => Field::Created,
                "isBreakout" => Field::Breakout,
                "metadata" => {
                    self.in_metadata = true;
                    return Ok(());
                }
                _ => return Ok(()),
            }),
            5 if self.in_metadata && name == "tenant-id" => self.read(Field::Tenant),
            _ => {}
        }
        Ok(())
    }

    fn read(&mut self, field: Field) {
        self.reading = Some(field);
        self.text.clear();
    }

    fn close(&mut self, depth: usize, after: usize) {
        if let Some(field) = self.reading.take() {
            self.take(field);
        }
        match depth {
            1 => self.in_meetings = false,
            2 => {
                if let Some(mut meeting) = self.meeting.take() {
                    meeting.span.end = after;
                    self.meetings.push(meeting);
                }
            }
            3 => self.in_metadata = false,
            _ => {}
        }
    }

    fn take(&mut self, field: Field) {
        let text = self.text.trim();
        let number = || text.parse().unwrap_or(0);
        match (field, &mut self.meeting) {
            (Field::Returncode, _) => self.returncode = Some(text.to_owned()),
            (Field::MessageKey, _) => text.clone_into(&mut self.key),
            (Field::Message, _) => text.clone_into(&mut self.message),
            (_, None) => {}
            (Field::Id, Some(meeting)) => self.text.clone_into(&mut meeting.id),
            (Field::Name, Some(meeting)) => self.text.clone_into(&mut meeting.name),
            (Field::Participants, Some(meeting)) => meeting.participants = number(),
            (Field::Moderators, Some(meeting)) => meeting.moderators = number(),
            (Field::Videos, Some(meeting)) => meeting.videos = number(),
            (Field::Created, Some(meeting)) => meeting.created_ms = number(),
            (Field::Breakout, Some(meeting)) => meeting.breakout = text == "true",
            (Field::Tenant, Some(meeting)) => text.clone_into(&mut meeting.tenant_id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANSWER: &str = "<response><returncode>SUCCESS</returncode><meetings>\
        <meeting><meetingName>A &amp; B</meetingName><meetingID>m1</meetingID><createTime>1700000000000</createTime>\
        <participantCount>3</participantCount><moderatorCount>1</moderatorCount><videoCount>2</videoCount>\
        <isBreakout>false</isBreakout><attendees><attendee><meetingID>no</meetingID></attendee></attendees>\
        <metadata><tenant-id>t1</tenant-id><x><![CDATA[</meeting>]]></x></metadata></meeting>\
        <meeting><meetingID> m2</meetingID><isBreakout>true</isBreakout><metadata/></meeting>\
        </meetings></response>";

    #[test]
    fn finds_each_meeting_and_its_bytes() {
        let meetings = list(ANSWER.as_bytes()).unwrap().unwrap();
        assert_eq!(meetings.len(), 2);
        let first = &meetings[0];
        assert_eq!((first.id.as_str(), first.name.as_str()), ("m1", "A & B"));
        assert_eq!((first.participants, first.moderators, first.videos), (3, 1, 2));
        assert_eq!(first.created_ms, 1_700_000_000_000);
        assert_eq!(first.tenant_id, "t1");
        assert!(!first.breakout);
        let bytes = &ANSWER[first.span.clone()];
        assert!(bytes.starts_with("<meeting><meetingName>") && bytes.ends_with("</metadata></meeting>"));
        assert_eq!(meetings[1].id, " m2");
        assert!(meetings[1].breakout && meetings[1].tenant_id.is_empty());
    }

    #[test]
    fn none_and_failure() {
        let none = b"<response><returncode>SUCCESS</returncode><meetings/><messageKey>noMeetings</messageKey></response>";
        assert_eq!(list(none).unwrap().unwrap(), []);
        let failed = b"<response><returncode>FAILED</returncode><messageKey>k</messageKey></response>";
        assert_eq!(list(failed).unwrap().unwrap_err().key, "k");
        assert!(list(b"<response><meetings/></response>").is_err());
        assert!(list(b"<html/>").is_err());
        assert!(list(&ANSWER.as_bytes()[..200]).is_err());
    }

    proptest! {
        #[test]
        fn never_panics(cut in 0..1000_usize, noise in "[<>&;/a-z]{0,6}") {
            let cut = cut.min(ANSWER.len());
            if ANSWER.is_char_boundary(cut) {
                let text = format!("{}{noise}{}", &ANSWER[..cut], &ANSWER[cut..]);
                let _ = list(text.as_bytes());
            }
        }
    }
}
