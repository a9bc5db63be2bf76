//! Command over HTTP, for scripts in other languages: `/sim/…` on each server's own port, JSON both ways.
//!
//! | request | body | answer |
//! | --- | --- | --- |
//! | `POST /sim/fault` | `{"fault": NAME, "call": null, "delay_ms": 0, "for_ms": null}` | `{}` |
//! | `POST /sim/clear` | | ends all faults; `{}` |
//! | `POST /sim/latency` | `{"latency_ms": 50}` | `{}` |
//! | `POST /sim/meeting` | `{"meeting_id": ID}` | makes a meeting; `{}` |
//! | `POST /sim/users` | `{"meeting_id", "attendees", "moderators", "videos"}` | adds them; `{}` |
//! | `POST /sim/leave` | `{"meeting_id", "count"}` | `{"left": N}` |
//! | `POST /sim/end` | `{"meeting_id"}` | `{}` |
//! | `POST /sim/forget` | | forgets all meetings; `{}` |
//! | `GET /sim/meetings` | | a list of meetings |
//! | `GET /sim/counts` | | `{CALL: N}` |
//! | `GET /sim/requests` | | the latest requests, where a log is kept |
//!
//! Faults: `none` `down` `hang` `slow` (with `delay_ms`) `garbage` `truncated` `no_returncode` `http500`
//! `failing` (with `message_key`, `message`) `endless` `reset`. With `for_ms` the fault ends by itself.
//! Of attendees, moderators and videos one command may add 100,000 each.
//! `?server=N` (from 0) commands another server of the same process: the way to bring back one that is
//! `down`. Errors: 400 or 404 with `{"error": …}`.

use std::sync::Arc;
use std::time::Duration;

use actix_http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::meeting::{Meeting, NewMeeting};
use crate::meetings::Meetings;
use crate::params::Params;
use crate::server::Server;

#[derive(Deserialize)]
struct FaultCommand {
    fault: FaultName,
    call: Option<String>,
    #[serde(default)]
    delay_ms: u64,
    for_ms: Option<u64>,
    #[serde(default)]
    message_key: String,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum FaultName {
    None,
    Down,
    Hang,
    Slow,
    Garbage,
    Truncated,
    NoReturncode,
    Http500,
    Failing,
    Endless,
    Reset,
}

#[derive(Deserialize)]
struct LatencyCommand {
    latency_ms: u64,
}

#[derive(Deserialize)]
struct MeetingCommand {
    meeting_id: String,
    #[serde(default)]
    attendees: u32,
    #[serde(default)]
    moderators: u32,
    #[serde(default)]
    videos: u32,
    #[serde(default)]
    count: u32,
}

/// Of each kind, in one command: it is memory that is asked for.
const MOST_USERS: u32 = 100_000;

impl MeetingCommand {
    fn read(body: &[u8]) -> Result<Self, (StatusCode, String)> {
        let command: Self = read(body)?;
        if [command.attendees, command.moderators, command.videos].iter().any(|&count| count > MOST_USERS) {
            return Err((StatusCode::BAD_REQUEST, format!("at most {MOST_USERS} at once")));
        }
        Ok(command)
    }
}

type Answer = Result<Value, (StatusCode, String)>;

/// Carries out a command; called on a worker's thread.
pub(crate) fn answer(
    server: &Arc<Server>,
    method: &str,
    command: &str,
    query: &str,
    body: &[u8],
) -> (StatusCode, String) {
    let answer = match Params::new(query, &[]).number("server") {
        Some(number) => match server.sibling(number) {
            Some(server) => carry_out(&server, method, command, body),
            None => Err((StatusCode::NOT_FOUND, format!("there is no server {number}"))),
        },
        None => carry_out(server, method, command, body),
    };
    match answer {
        Ok(value) => (StatusCode::OK, value.to_string()),
        Err((status, error)) => (status, json!({ "error": error }).to_string()),
    }
}

fn carry_out(server: &Arc<Server>, method: &str, command: &str, body: &[u8]) -> Answer {
    match (method, command) {
        ("POST", "fault") => return set_fault(server, read(body)?),
        ("POST", "clear") => server.clear_faults(),
        ("POST", "latency") => {
            let command: LatencyCommand = read(body)?;
            server.set_latency(Duration::from_millis(command.latency_ms));
        }
        ("POST", "forget") => *server.meetings() = Meetings::default(),
        ("POST", "meeting") => {
            let command = MeetingCommand::read(body)?;
            let mut meetings = server.meetings();
            meetings.end(&command.meeting_id);
            // It asks for no voice bridge, so none can be taken.
            if let Ok(meeting) = meetings.add(NewMeeting::new(command.meeting_id)) {
                meeting.add_users(command.attendees, command.moderators, command.videos);
            }
        }
        ("POST", "users") => {
            let command = MeetingCommand::read(body)?;
            let mut meetings = server.meetings();
            let meeting = find(&mut meetings, &command.meeting_id)?;
            meeting.add_users(command.attendees, command.moderators, command.videos);
        }
        ("POST", "leave") => {
            let command = MeetingCommand::read(body)?;
            let mut meetings = server.meetings();
            let meeting = find(&mut meetings, &command.meeting_id)?;
            let left = (0..command.count).take_while(|_| meeting.leave()).count();
            return Ok(json!({ "left": left }));
        }
        ("POST", "end") => {
            let command = MeetingCommand::read(body)?;
            if !server.meetings().end(&command.meeting_id) {
                return Err(unknown(&command.meeting_id));
            }
        }
        ("GET", "meetings") => {
            return Ok(json!(server.meetings().iter().map(Meeting::info).collect::<Vec<_>>()));
        }
        ("GET", "counts") => return Ok(json!(server.journal.counts())),
        ("GET", "requests") => {
            let requests = server.journal.requests();
            return Ok(requests
                .iter()
                .map(|request| {
                    json!({
                        "call": request.call, "method": request.method, "path": request.path,
                        "query": request.query, "content_type": request.content_type,
                        "body": request.body_text(),
                    })
                })
                .collect());
        }
        _ => return Err((StatusCode::NOT_FOUND, format!("there is no command {method} {command}"))),
    }
    Ok(json!({}))
}

fn set_fault(server: &Arc<Server>, command: FaultCommand) -> Answer {
    let fault = match command.fault {
        FaultName::None => Fault::None,
        FaultName::Down => Fault::Down,
        FaultName::Hang => Fault::Hang,
        FaultName::Slow => Fault::Slow(Duration::from_millis(command.delay_ms)),
        FaultName::Garbage => Fault::Garbage,
        FaultName::Truncated => Fault::Truncated,
        FaultName::NoReturncode => Fault::NoReturncode,
        FaultName::Http500 => Fault::Http500,
        FaultName::Failing => Fault::Failing { message_key: command.message_key, message: command.message },
        FaultName::Endless => Fault::Endless,
        FaultName::Reset => Fault::Reset,
    };
    server.set_fault(command.call.as_deref(), fault);
    if let Some(millis) = command.for_ms {
        let server = Arc::clone(server);
        // Ends with the worker, if the process stops before the time is over.
        drop(tokio::task::spawn_local(async move {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            server.set_fault(command.call.as_deref(), Fault::None);
        }));
    }
    Ok(json!({}))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, (StatusCode, String)> {
    serde_json::from_slice(body).map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))
}

fn find<'a>(meetings: &'a mut Meetings, id: &str) -> Result<&'a mut Meeting, (StatusCode, String)> {
    meetings.get_mut(id).ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> (StatusCode, String) {
    (StatusCode::NOT_FOUND, format!("there is no meeting {id}"))
}
