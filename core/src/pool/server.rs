//! A server of the pool, as the live state holds it (CONTRACT §9).

use std::fmt;

use secrecy::SecretString;

/// The ID of a server: a UUID, or its host name where `SERVER_ID_IS_HOSTNAME` is set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerId(String);

impl ServerId {
    /// The text of the ID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for ServerId {
    fn from(id: T) -> Self {
        Self(id.into())
    }
}

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the operator wants of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AdminState {
    /// It takes new meetings while it is online.
    Enabled,
    /// It keeps its meetings but gets no new ones; when they are over it becomes disabled.
    Cordoned,
    /// It is out of use; its numbers are still shown.
    Disabled,
}

impl AdminState {
    /// As it is written in the live state.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Cordoned => "cordoned",
            Self::Disabled => "disabled",
        }
    }

    /// Reads `enabled`, `cordoned` or `disabled`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Enabled, Self::Cordoned, Self::Disabled].into_iter().find(|state| state.as_str() == text)
    }
}

impl fmt::Display for AdminState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a call to a server, and a decision about it, needs to know.
#[derive(Debug, Clone)]
pub struct Route {
    /// Its ID.
    pub id: ServerId,
    /// Its API URL.
    pub url: String,
    /// The secret that signs calls to it.
    pub secret: SecretString,
    /// Its tag, if it serves a special purpose.
    pub tag: Option<String>,
    /// What the operator wants of it.
    pub state: AdminState,
    /// Whether it answered its last polls.
    pub online: bool,
}

/// Everything known of a server.
#[derive(Debug, Clone)]
pub struct Server {
    /// How it is reached and what it may be used for.
    pub route: Route,
    /// Its load: users, weighted by the multiplier. None while it is unavailable.
    pub load: Option<f64>,
    /// What one user counts on this server; more than 1 for a weaker one.
    pub load_multiplier: f64,
    /// What the last poll saw.
    pub usage: Usage,
    /// Polls answered in a row while offline.
    pub healthy_counter: u32,
    /// Polls failed in a row while online.
    pub unhealthy_counter: u32,
    /// The BigBlueButton version it told.
    pub bbb_version: Option<String>,
}

/// What a poll saw on a server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Meetings that run on it, breakout rooms among them.
    pub meetings: u64,
    /// Users in them.
    pub users: u64,
    /// Users in the largest of them.
    pub largest_meeting: u64,
    /// Cameras shared in them.
    pub videos: u64,
}
