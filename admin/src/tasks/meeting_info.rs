//! `meetings:info`: what its server knows of one meeting.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::Event;
use scalelite_core::bbb::client::CallError;
use scalelite_core::bbb::params::Params;
use scalelite_core::bbb::response::{self, AnswerError};
use scalelite_core::pool::server::Route;

use super::{Context, TaskError};
use crate::cli::{MeetingArg, given};
use crate::output::{Output, complain};

/// The metadata that is shown, in this order.
const METADATA: [&str; 12] = [
    "bbb-context-name",
    "analytics-callback-url",
    "bbb-recording-tags",
    "bbb-origin-server-common-name",
    "bbb-context-label",
    "bbb-origin",
    "bbb-context",
    "bbb-context-id",
    "bbb-recording-name",
    "bbb-origin-server-name",
    "bbb-recording-description",
    "bbb-origin-tag",
];

/// `meetings:info`
pub(super) async fn show(context: &mut Context, arguments: &MeetingArg) -> Result<(), TaskError> {
    let id = given(arguments.id.as_ref()).ok_or(TaskError::NoMeetingId)?;
    let located = context.state.locate_meeting(id, None).await?;
    let server = located.ok_or_else(|| TaskError::NoInfo(id.to_owned()))?.server;
    let params = Params::from([("meetingID", id)]);
    let answer = context.client.get((&server).into(), "getMeetingInfo", &params).await;
    let printed = answer.and_then(|answer| Ok(read(&answer.body)?));
    match printed {
        Ok(info) => print(&mut context.out, &server, &info),
        Err(error) => {
            // As in the original, this is no failure of the task.
            warn(id, &error);
            Ok(())
        }
    }
}

fn warn(id: &str, error: &CallError) {
    complain(format_args!("WARNING: Could not get info for meeting id={id}: {error}"));
}

/// What is shown of an answer.
#[derive(Debug, Default, PartialEq, Eq)]
struct Info {
    /// `meetingID`, `meetingName`, `internalMeetingID`, `createDate`, `recording`.
    fields: [String; 5],
    metadata: HashMap<String, String>,
}

fn read(xml: &[u8]) -> Result<Info, AnswerError> {
    let names = ["meetingID", "meetingName", "internalMeetingID", "createDate", "recording"];
    let fields = response::top_level(xml, names)?.map(Option::unwrap_or_default);
    Ok(Info { fields, metadata: metadata(xml)? })
}

/// The texts of the elements directly below `response/metadata`.
fn metadata(xml: &[u8]) -> Result<HashMap<String, String>, AnswerError> {
    let not_xml = |error: &dyn std::fmt::Display| AnswerError::NotXml(error.to_string());
    let text = std::str::from_utf8(xml).map_err(|error| not_xml(&error))?;
    let mut reader = Reader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    let mut found: HashMap<String, String> = HashMap::new();
    loop {
        let event = reader.read_event().map_err(|error| not_xml(&error))?;
        let piece = match event {
            Event::Start(start) => {
                path.push(start.local_name().as_ref().to_owned());
                continue;
            }
            Event::End(_) => {
                path.pop();
                continue;
            }
            Event::Text(text) => text.to_string(),
            Event::CData(data) => data.to_string(),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(c)) => c.to_string(),
                _ => quick_xml::escape::resolve_xml_entity(&reference).unwrap_or_default().to_owned(),
            },
            Event::Eof => return Ok(found),
            _ => continue,
        };
        if let [root, parent, name] = path.as_slice()
            && root == "response"
            && parent == "metadata"
        {
            found.entry(name.clone()).or_default().push_str(&piece);
        }
    }
}

fn print(out: &mut Output, server: &Route, info: &Info) -> Result<(), TaskError> {
    let [id, name, internal_id, created, recording] = &info.fields;
    out.line(format!("\nMeeting ID: {id}"))?;
    out.line(format!("\tMeeting Name: {name}"))?;
    out.line(format!("\tInternal MeetingID: {internal_id}"))?;
    out.line(format!("\tCreated Date: {created}"))?;
    out.line(format!("\tRecording Enabled: {recording}"))?;
    out.line(format!("\tServer id: {}", server.id))?;
    // Misspelt like this in the original, which scripts may have come to rely on.
    out.line(format!("\tSerevr url: {}", server.url))?;
    out.line("\tMetaData:")?;
    for name in METADATA {
        let value = info.metadata.get(name).map(String::as_str).unwrap_or_default();
        out.line(format!("\t\t{name}: {value}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_fields_and_metadata() {
        let xml = b"<response><returncode>SUCCESS</returncode><meetingName>A &amp; B</meetingName>\
            <meetingID>m</meetingID><recording>true</recording><attendees><attendee><meetingID>no</meetingID>\
            </attendee></attendees><metadata><bbb-origin><![CDATA[x<y]]></bbb-origin>\
            <bbb-context>c&#33;</bbb-context><empty/></metadata></response>";
        let info = read(xml).unwrap();
        assert_eq!(info.fields, ["m", "A & B", "", "", "true"]);
        assert_eq!(info.metadata["bbb-origin"], "x<y");
        assert_eq!(info.metadata["bbb-context"], "c!");
        assert!(!info.metadata.contains_key("meetingID"));
        assert!(read(b"<html/>").is_err());
    }
}
