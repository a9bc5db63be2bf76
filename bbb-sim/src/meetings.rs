//! All meetings of one server, and the browser sessions of their users.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::meeting::{Meeting, NewMeeting, User, alphanumeric};

#[derive(Default)]
pub(crate) struct Meetings {
    /// Sorted, so that answers come in a stable order.
    by_id: BTreeMap<String, Meeting>,
    voice_bridges: HashSet<String>,
    sessions: HashMap<String, Session>,
}

/// What a session token stands for.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) meeting_id: String,
    pub(crate) full_name: String,
    pub(crate) user_id: String,
    pub(crate) moderator: bool,
}

/// Another meeting has the voice bridge.
pub(crate) struct VoiceBridgeTaken;

impl Meetings {
    pub(crate) fn get(&self, id: &str) -> Option<&Meeting> {
        self.by_id.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Meeting> {
        self.by_id.get_mut(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Meeting> {
        self.by_id.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Adds a meeting; one with the same ID must be gone.
    pub(crate) fn add(&mut self, new: NewMeeting) -> Result<&mut Meeting, VoiceBridgeTaken> {
        let mut meeting = Meeting::new(new);
        if meeting.voice_bridge.is_empty() {
            // As BBB: a few tries; a server so full that they all fail may have a number twice.
            for _ in 0..10 {
                meeting.voice_bridge = rand::random_range(10_000..=99_998_u32).to_string();
                if !self.voice_bridges.contains(&meeting.voice_bridge) {
                    break;
                }
            }
        } else if self.voice_bridges.contains(&meeting.voice_bridge) {
            return Err(VoiceBridgeTaken);
        }
        self.voice_bridges.insert(meeting.voice_bridge.clone());
        if let Some(parent) = meeting.new.breakout.as_ref().map(|room| room.parent_meeting_id.clone()) {
            let found = self.by_id.values_mut().find(|m| m.id() == parent || m.internal_id == parent);
            if let Some(found) = found {
                found.breakout_rooms.push(meeting.internal_id.clone());
            }
        }
        let id = meeting.id().to_owned();
        Ok(self.by_id.entry(id).insert_entry(meeting).into_mut())
    }

    /// Ends a meeting and its breakout rooms.
    pub(crate) fn end(&mut self, id: &str) -> bool {
        let Some(meeting) = self.by_id.remove(id) else { return false };
        self.voice_bridges.remove(&meeting.voice_bridge);
        for token in &meeting.session_tokens {
            self.sessions.remove(token);
        }
        if !meeting.breakout_rooms.is_empty() {
            let rooms = self.by_id.values().filter(|m| meeting.breakout_rooms.contains(&m.internal_id));
            for room in rooms.map(|m| m.id().to_owned()).collect::<Vec<_>>() {
                self.end(&room);
            }
        }
        true
    }

    /// Lets a user in and opens a session, whose token it gives; none if there is no such meeting.
    pub(crate) fn join(&mut self, id: &str, user: User) -> Option<String> {
        let meeting = self.by_id.get_mut(id)?;
        let user_id = user.external_id.as_deref().map_or_else(|| user.internal_id(), str::to_owned);
        let full_name = user.full_name.as_deref().unwrap_or_default().to_owned();
        let session = Session { meeting_id: id.to_owned(), full_name, user_id, moderator: user.moderator };
        meeting.join(user);
        let token = alphanumeric(rand::random(), 8) + &alphanumeric(rand::random(), 8);
        meeting.session_tokens.push(token.clone());
        self.sessions.insert(token.clone(), session);
        Some(token)
    }

    pub(crate) fn session(&self, token: &str) -> Option<&Session> {
        self.sessions.get(token)
    }
}
