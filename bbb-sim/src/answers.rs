//! The answers' XML. Everything that comes from outside is escaped here.

use std::fmt::{Display, Write as _};

use crate::meeting::Meeting;

pub(crate) const RUNNING: &str =
    "<response>\n<returncode>SUCCESS</returncode>\n<running>true</running>\n</response>";
pub(crate) const NOT_RUNNING: &str =
    "<response>\n<returncode>SUCCESS</returncode>\n<running>false</running>\n</response>";
pub(crate) const NO_MEETINGS: &str = "<response>\n<returncode>SUCCESS</returncode>\n<meetings/>\n\
    <messageKey>noMeetings</messageKey>\n<message>no meetings were found on this server</message>\n</response>";
pub(crate) const NO_RECORDINGS: &str = "<response>\n<returncode>SUCCESS</returncode>\n<recordings/>\n\
    <messageKey>noRecordings</messageKey>\n\
    <message>There are no recordings for the meeting(s).</message>\n</response>";
pub(crate) const CHECKSUM_ERROR: &str = "<response>\n<returncode>FAILED</returncode>\n\
    <messageKey>checksumError</messageKey>\n<message>Checksums do not match</message>\n</response>";

/// An XML document being written.
pub(crate) struct Answer(String);

impl Answer {
    /// Begins a response with that `returncode`.
    pub(crate) fn new(returncode: &str) -> Self {
        let mut answer = Self(String::with_capacity(1024));
        answer.0.push_str("<response>\n");
        answer.text("returncode", returncode);
        answer
    }

    pub(crate) fn success() -> Self {
        Self::new("SUCCESS")
    }

    pub(crate) fn failed(message_key: &str, message: &str) -> String {
        let mut answer = Self::new("FAILED");
        answer.text("messageKey", message_key).text("message", message);
        answer.finish()
    }

    pub(crate) fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.tag(name, "<", ">");
        escape(&mut self.0, text);
        self.tag(name, "</", ">\n")
    }

    /// A number or a truth value, which needs no escaping.
    pub(crate) fn plain(&mut self, name: &str, value: impl Display) -> &mut Self {
        self.tag(name, "<", ">");
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{value}");
        self.tag(name, "</", ">\n")
    }

    pub(crate) fn open(&mut self, name: &str) -> &mut Self {
        self.tag(name, "<", ">\n")
    }

    pub(crate) fn close(&mut self, name: &str) -> &mut Self {
        self.tag(name, "</", ">\n")
    }

    pub(crate) fn finish(mut self) -> String {
        self.0.push_str("</response>");
        self.0
    }

    /// What `getMeetingInfo` says of a meeting, and `getMeetings` of each.
    pub(crate) fn meeting(&mut self, meeting: &Meeting) -> &mut Self {
        let new = &meeting.new;
        self.text("meetingName", &new.name)
            .text("meetingID", &new.meeting_id)
            .text("internalMeetingID", &meeting.internal_id)
            .plain("createTime", meeting.create_time)
            .plain("createDate", JavaDate(meeting.create_time))
            .text("voiceBridge", &meeting.voice_bridge)
            .text("dialNumber", meeting.dial_number())
            .text("attendeePW", &meeting.attendee_pw)
            .text("moderatorPW", &meeting.moderator_pw)
            .plain("running", meeting.is_running())
            .plain("duration", new.duration)
            .plain("hasUserJoined", meeting.has_user_joined)
            .plain("recording", new.recording)
            .plain("hasBeenForciblyEnded", false)
            .plain("startTime", meeting.create_time + 9)
            .plain("endTime", 0)
            .plain("participantCount", meeting.participants())
            .plain("listenerCount", 0)
            .plain("voiceParticipantCount", meeting.participants())
            .plain("videoCount", meeting.videos)
            .plain("maxUsers", new.max_users)
            .plain("moderatorCount", meeting.moderators)
            .open("attendees");
        for (number, user) in meeting.users.iter().enumerate() {
            self.open("attendee");
            match &user.external_id {
                Some(id) => self.text("userID", id),
                None => self.plain("userID", user.internal_id()),
            };
            match &user.full_name {
                Some(name) => self.text("fullName", name),
                None => self.plain("fullName", format_args!("User {}", number + 1)),
            };
            self.text("role", user.role())
                .plain("isPresenter", number == 0 && user.moderator)
                .plain("isListeningOnly", false)
                .plain("hasJoinedVoice", true)
                .plain("hasVideo", user.video)
                .text("clientType", "HTML5")
                .close("attendee");
        }
        self.close("attendees").open("metadata");
        for (name, value) in new.metadata.iter().filter(|(name, _)| is_metadata_name(name)) {
            self.text(name, value);
        }
        self.close("metadata").plain("isBreakout", new.breakout.is_some());
        if let Some(room) = &new.breakout {
            self.text("parentMeetingID", &room.parent_meeting_id)
                .plain("sequence", room.sequence)
                .plain("freeJoin", room.free_join);
        }
        if !meeting.breakout_rooms.is_empty() {
            self.open("breakoutRooms");
            for room in &meeting.breakout_rooms {
                self.text("breakout", room);
            }
            self.close("breakoutRooms");
        }
        self
    }

    fn tag(&mut self, name: &str, before: &str, after: &str) -> &mut Self {
        self.0.push_str(before);
        self.0.push_str(name);
        self.0.push_str(after);
        self
    }
}

/// BBB takes letters, digits and dashes, beginning with a letter, so that each name is an element's name.
pub(crate) fn is_metadata_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Escapes for XML and HTML, in text and in attributes; characters XML cannot hold are left out.
pub(crate) fn escape(out: &mut String, text: &str) {
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let instead = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            b'\t' | b'\n' | b'\r' => continue,
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        out.push_str(instead);
        plain = at + 1;
    }
    out.push_str(&text[plain..]);
}

/// A time in ms since 1970 as Java prints it in UTC: `Fri Nov 21 05:29:00 UTC 2025`.
pub(crate) struct JavaDate(pub(crate) u64);

impl Display for JavaDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let seconds = self.0 / 1000;
        let (mut day, second) = (seconds / 86_400, seconds % 86_400);
        let weekday = WEEKDAYS[usize::try_from(day % 7).unwrap_or_default()];
        let is_leap =
            |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let mut year = 1970;
        while day >= 365 + u64::from(is_leap(year)) {
            day -= 365 + u64::from(is_leap(year));
            year += 1;
        }
        let lengths = [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut month = 0;
        while day >= lengths[month] {
            day -= lengths[month];
            month += 1;
        }
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{weekday} {} {:02} {hour:02}:{minute:02}:{second:02} UTC {year}", MONTHS[month], day + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_java_prints_them() {
        assert_eq!(JavaDate(0).to_string(), "Thu Jan 01 00:00:00 UTC 1970");
        assert_eq!(JavaDate(1_709_210_096_789).to_string(), "Thu Feb 29 12:34:56 UTC 2024");
        assert_eq!(JavaDate(1_763_702_940_000).to_string(), "Fri Nov 21 05:29:00 UTC 2025");
    }

    #[test]
    fn text_is_escaped() {
        let mut out = String::new();
        escape(&mut out, "a<b> & \"c\"\u{1} 'ñ\n");
        assert_eq!(out, "a&lt;b&gt; &amp; &quot;c&quot; &#39;ñ\n");
    }
}
