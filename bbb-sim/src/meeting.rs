//! One meeting and the people in it.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use sha1::{Digest, Sha1};

/// What to make a meeting of; `NewMeeting::new("id")` or just `"id"`, the rest has BBB's defaults.
#[derive(Clone, Debug, Default)]
pub struct NewMeeting {
    /// The ID the front end chose (`meetingID`).
    pub meeting_id: String,
    /// Its name; the ID if empty.
    pub name: String,
    /// The attendees' password, random if not given.
    pub attendee_pw: Option<String>,
    /// The moderators' password, random if not given.
    pub moderator_pw: Option<String>,
    /// The voice bridge, a random number of five digits if not given.
    pub voice_bridge: Option<String>,
    /// The number to dial in; `613-555-1234` if not given.
    pub dial_number: Option<String>,
    /// The most participants, 0 for no limit.
    pub max_users: u32,
    /// The longest duration in minutes, 0 for no limit. The simulator ends nothing by itself.
    pub duration: u32,
    /// Whether it is to be recorded.
    pub recording: bool,
    /// When it was made, in ms since 1970; now if not given.
    pub create_time: Option<u64>,
    /// The `meta_…` parameters, names without `meta_` and in lower case.
    pub metadata: BTreeMap<String, String>,
    /// Set for a breakout room.
    pub breakout: Option<Breakout>,
}

/// Where a breakout room belongs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Breakout {
    /// The parent's ID: internal or external, as it was given.
    pub parent_meeting_id: String,
    /// The room's number.
    pub sequence: u32,
    /// Whether users may choose it.
    pub free_join: bool,
}

impl NewMeeting {
    /// A meeting with defaults for all but its ID.
    pub fn new(meeting_id: impl Into<String>) -> Self {
        Self { meeting_id: meeting_id.into(), ..Self::default() }
    }

    /// Makes it a breakout room of `parent_meeting_id`.
    pub fn breakout_of(mut self, parent_meeting_id: impl Into<String>, sequence: u32) -> Self {
        self.breakout =
            Some(Breakout { parent_meeting_id: parent_meeting_id.into(), sequence, free_join: false });
        self
    }

    /// Adds metadata.
    pub fn meta(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// Says when it was made, in ms since 1970.
    pub fn created_at(mut self, create_time: u64) -> Self {
        self.create_time = Some(create_time);
        self
    }
}

impl From<&str> for NewMeeting {
    fn from(meeting_id: &str) -> Self {
        Self::new(meeting_id)
    }
}

impl From<String> for NewMeeting {
    fn from(meeting_id: String) -> Self {
        Self::new(meeting_id)
    }
}

/// A meeting as it is at one moment, for assertions and `GET /sim/meetings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MeetingInfo {
    /// The ID the front end chose.
    pub meeting_id: String,
    /// BBB's own ID: SHA-1 of the meeting's ID, a dash, the create time.
    pub internal_meeting_id: String,
    /// Its name.
    pub name: String,
    /// The attendees' password.
    pub attendee_pw: String,
    /// The moderators' password.
    pub moderator_pw: String,
    /// The voice bridge.
    pub voice_bridge: String,
    /// The number to dial in.
    pub dial_number: String,
    /// In ms since 1970.
    pub create_time: u64,
    /// The longest duration in minutes, 0 for no limit.
    pub duration: u32,
    /// Whether it is to be recorded.
    pub recording: bool,
    /// Whether somebody is in it.
    pub running: bool,
    /// Whether somebody has ever been in it.
    pub has_user_joined: bool,
    /// All in it, moderators too.
    pub participants: u32,
    /// The moderators in it.
    pub moderators: u32,
    /// The cameras that are on.
    pub videos: u32,
    /// Metadata, names in lower case.
    pub metadata: BTreeMap<String, String>,
    /// Set for a breakout room.
    pub breakout: Option<Breakout>,
    /// Names or URLs of the slides that came with `create` and `insertDocument`, in order.
    pub documents: Vec<String>,
    /// What `sendChatMessage` brought, in order: sender and text. The latest 100.
    pub chat: Vec<(String, String)>,
}

pub(crate) struct Meeting {
    pub(crate) new: NewMeeting,
    pub(crate) internal_id: String,
    pub(crate) attendee_pw: String,
    pub(crate) moderator_pw: String,
    pub(crate) voice_bridge: String,
    pub(crate) create_time: u64,
    pub(crate) users: Vec<User>,
    pub(crate) moderators: u32,
    pub(crate) videos: u32,
    pub(crate) has_user_joined: bool,
    pub(crate) session_tokens: Vec<String>,
    pub(crate) breakout_rooms: Vec<String>,
    pub(crate) documents: Vec<String>,
    pub(crate) chat: Vec<(String, String)>,
}

/// One who has joined. Small, for a load test has many: what is not given is derived from `id`.
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) full_name: Option<Box<str>>,
    pub(crate) external_id: Option<Box<str>>,
    pub(crate) moderator: bool,
    pub(crate) video: bool,
}

impl User {
    pub(crate) fn anonymous(moderator: bool) -> Self {
        Self { id: rand::random(), full_name: None, external_id: None, moderator, video: false }
    }

    /// BBB's own ID of a web user, such as `w_2wzzszfaptsp`.
    pub(crate) fn internal_id(&self) -> String {
        format!("w_{}", alphanumeric(self.id, 12))
    }

    pub(crate) fn role(&self) -> &'static str {
        if self.moderator { "MODERATOR" } else { "VIEWER" }
    }
}

impl Meeting {
    pub(crate) fn new(mut new: NewMeeting) -> Self {
        if new.name.is_empty() {
            new.name.clone_from(&new.meeting_id);
        }
        let create_time = new.create_time.unwrap_or_else(now);
        let password = |given: Option<String>| given.unwrap_or_else(|| alphanumeric(rand::random(), 8));
        Self {
            internal_id: format!("{}-{create_time}", hex::encode(Sha1::digest(new.meeting_id.as_bytes()))),
            attendee_pw: password(new.attendee_pw.take()),
            moderator_pw: password(new.moderator_pw.take()),
            voice_bridge: new.voice_bridge.take().unwrap_or_default(),
            create_time,
            users: Vec::new(),
            moderators: 0,
            videos: 0,
            has_user_joined: false,
            session_tokens: Vec::new(),
            breakout_rooms: Vec::new(),
            documents: Vec::new(),
            chat: Vec::new(),
            new,
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.new.meeting_id
    }

    /// As BBB: nobody in it, not running.
    pub(crate) fn is_running(&self) -> bool {
        !self.users.is_empty()
    }

    pub(crate) fn dial_number(&self) -> &str {
        self.new.dial_number.as_deref().unwrap_or("613-555-1234")
    }

    pub(crate) fn participants(&self) -> u32 {
        u32::try_from(self.users.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn join(&mut self, user: User) {
        self.has_user_joined = true;
        self.moderators += u32::from(user.moderator);
        self.videos += u32::from(user.video);
        self.users.push(user);
    }

    /// The one who joined last leaves.
    pub(crate) fn leave(&mut self) -> bool {
        let Some(user) = self.users.pop() else { return false };
        self.moderators -= u32::from(user.moderator);
        self.videos -= u32::from(user.video);
        true
    }

    /// Adds attendees and moderators without names, and turns on the cameras of the first `videos` users
    /// who have none yet.
    pub(crate) fn add_users(&mut self, attendees: u32, moderators: u32, videos: u32) {
        self.users.reserve(attendees as usize + moderators as usize);
        (0..moderators).for_each(|_| self.join(User::anonymous(true)));
        (0..attendees).for_each(|_| self.join(User::anonymous(false)));
        for user in self.users.iter_mut().filter(|user| !user.video).take(videos as usize) {
            user.video = true;
            self.videos += 1;
        }
    }

    pub(crate) fn say(&mut self, sender: String, text: String) {
        if self.chat.len() >= 100 {
            self.chat.remove(0);
        }
        self.chat.push((sender, text));
    }

    pub(crate) fn info(&self) -> MeetingInfo {
        MeetingInfo {
            meeting_id: self.new.meeting_id.clone(),
            internal_meeting_id: self.internal_id.clone(),
            name: self.new.name.clone(),
            attendee_pw: self.attendee_pw.clone(),
            moderator_pw: self.moderator_pw.clone(),
            voice_bridge: self.voice_bridge.clone(),
            dial_number: self.dial_number().to_owned(),
            create_time: self.create_time,
            duration: self.new.duration,
            recording: self.new.recording,
            running: self.is_running(),
            has_user_joined: self.has_user_joined,
            participants: self.participants(),
            moderators: self.moderators,
            videos: self.videos,
            metadata: self.new.metadata.clone(),
            breakout: self.new.breakout.clone(),
            documents: self.documents.clone(),
            chat: self.chat.clone(),
        }
    }
}

/// The present in ms since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// `seed` as that many lower-case letters and digits; up to 12 of them differ for different seeds.
pub(crate) fn alphanumeric(mut seed: u64, length: usize) -> String {
    (0..length)
        .map(|_| {
            let digit = u32::try_from(seed % 36).unwrap_or_default();
            seed /= 36;
            char::from_digit(digit, 36).unwrap_or('0')
        })
        .collect()
}
