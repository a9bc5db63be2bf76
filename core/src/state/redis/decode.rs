//! Reading the scripts' replies.

use std::time::Duration;

use redis::Value;

use crate::pool::server::{AdminState, Route, Server, Usage};
use crate::state::{Located, Meeting, StateError};

/// The texts of a reply's list, taken one by one.
pub(super) struct Fields(std::vec::IntoIter<Value>);

impl Fields {
    pub(super) fn of(value: Value) -> Result<Self, StateError> {
        match value {
            Value::Array(items) => Ok(Self(items.into_iter())),
            _ => Err(StateError::Content("a script's reply is no list")),
        }
    }

    /// As [`of`](Self::of), but nil is none.
    pub(super) fn of_nullable(value: Value) -> Result<Option<Self>, StateError> {
        if value == Value::Nil { Ok(None) } else { Self::of(value).map(Some) }
    }

    pub(super) fn text(&mut self) -> Result<String, StateError> {
        match self.0.next() {
            Some(Value::BulkString(bytes)) => {
                String::from_utf8(bytes).map_err(|_| StateError::Content("a stored text is not UTF-8"))
            }
            Some(Value::SimpleString(text)) => Ok(text),
            _ => Err(StateError::Content("a script's reply lacks a text")),
        }
    }

    /// An empty text is none.
    pub(super) fn optional(&mut self) -> Result<Option<String>, StateError> {
        self.text().map(|text| Some(text).filter(|text| !text.is_empty()))
    }

    /// A number; what is none counts as 0, as the original reads it.
    pub(super) fn number<T: std::str::FromStr + Default>(&mut self) -> Result<T, StateError> {
        self.text().map(|text| text.parse().unwrap_or_default())
    }

    /// A time that has passed, in ms; empty: none.
    pub(super) fn since(&mut self) -> Result<Option<Duration>, StateError> {
        Ok(self.optional()?.and_then(|ms| ms.parse().ok()).map(Duration::from_millis))
    }

    /// The next text, if there is any.
    pub(super) fn next_text(&mut self) -> Result<Option<String>, StateError> {
        if self.0.len() == 0 { Ok(None) } else { self.text().map(Some) }
    }

    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, StateError> {
        match self.0.next() {
            Some(Value::BulkString(bytes)) => Ok(bytes),
            _ => Err(StateError::Content("a script's reply lacks bytes")),
        }
    }

    fn state(&mut self) -> Result<AdminState, StateError> {
        // An unknown state takes no meetings.
        self.text().map(|text| AdminState::parse(&text).unwrap_or(AdminState::Disabled))
    }

    /// A list within the list.
    pub(super) fn list(&mut self) -> Result<Vec<Self>, StateError> {
        match self.0.next() {
            Some(Value::Array(items)) => items.into_iter().map(Self::of).collect(),
            _ => Err(StateError::Content("a script's reply lacks a list")),
        }
    }

    /// All that is left, each a list.
    pub(super) fn lists(self) -> impl Iterator<Item = Result<Self, StateError>> {
        self.0.map(Self::of)
    }

    pub(super) fn meeting(&mut self) -> Result<Meeting, StateError> {
        let id = self.text()?;
        self.meeting_of(id)
    }

    fn meeting_of(&mut self, id: String) -> Result<Meeting, StateError> {
        Ok(Meeting {
            id,
            server_id: self.text()?.into(),
            moderator_pw: self.text()?,
            voice_bridge: self.text()?,
            tenant_id: self.optional()?,
        })
    }

    pub(super) fn located(mut self, id: &str) -> Result<Located, StateError> {
        let meeting = self.meeting_of(id.to_owned())?;
        let server = Route {
            id: meeting.server_id.clone(),
            url: self.text()?,
            secret: self.text()?.into(),
            tag: self.optional()?,
            state: self.state()?,
            online: self.text()? == "1",
        };
        Ok(Located { meeting, server, pending: false })
    }

    pub(super) fn server(&mut self) -> Result<Server, StateError> {
        Ok(Server {
            route: Route {
                id: self.text()?.into(),
                url: self.text()?,
                secret: self.text()?.into(),
                tag: self.optional()?,
                state: self.state()?,
                online: self.text()? == "1",
            },
            load_multiplier: self.number()?,
            load: self.optional()?.and_then(|load| load.parse().ok()),
            usage: Usage {
                meetings: self.number()?,
                users: self.number()?,
                largest_meeting: self.number()?,
                videos: self.number()?,
            },
            bbb_version: self.optional()?,
            healthy_counter: self.number()?,
            unhealthy_counter: self.number()?,
        })
    }
}
