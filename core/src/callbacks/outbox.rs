//! Callbacks as rows of the outbox, in either database.

use super::Message;

pub(crate) const RECORDING_READY: &str = "recording-ready";
pub(crate) const ANALYTICS: &str = "analytics";
pub(crate) const MEETING_ENDED: &str = "meeting-ended";

/// The columns that say what a callback tells.
pub(crate) struct Row {
    pub(crate) kind: String,
    pub(crate) record_id: Option<String>,
    /// Of the body, in bytes.
    pub(crate) bytes: i64,
    pub(crate) recording_marks: Option<bool>,
}

impl Row {
    /// What it tells; none if only a newer version of this program knows.
    pub(crate) fn message(self) -> Option<Message> {
        match self.kind.as_str() {
            RECORDING_READY => Some(Message::RecordingReady { record_id: self.record_id? }),
            ANALYTICS => Some(Message::Analytics { bytes: usize::try_from(self.bytes).unwrap_or(0) }),
            MEETING_ENDED => Some(Message::MeetingEnded { recording_marks: self.recording_marks }),
            _ => None,
        }
    }
}
