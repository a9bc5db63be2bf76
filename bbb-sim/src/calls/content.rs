//! What comes into a meeting from outside: slides and chat messages.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::{Call, Reply, not_found};
use crate::answers::Answer;
use crate::params::Params;
use crate::server::Server;

pub(super) fn insert_document(server: &Server, call: &Call<'_>, params: &Params<'_>) -> Result<Reply, Reply> {
    let id = call.meeting_id(params)?;
    let documents = documents(call.body).map_err(|_| Reply::Broken)?;
    let mut meetings = server.meetings();
    meetings.get_mut(&id).ok_or_else(not_found)?.documents.extend(documents);
    let mut answer = Answer::success();
    answer.text("message", "Presentation is being uploaded");
    Ok(Reply::Xml(answer.finish()))
}

pub(super) fn send_chat_message(
    server: &Server,
    call: &Call<'_>,
    params: &Params<'_>,
) -> Result<Reply, Reply> {
    let id = call.meeting_id(params)?;
    let message =
        params.get("message").filter(|message| message.chars().count() <= 500).ok_or_else(|| {
            Reply::failed("validationError", "A message of 1 to 500 characters must be provided")
        })?;
    let sender = params.get("userName").unwrap_or("System".into());
    let mut meetings = server.meetings();
    meetings.get_mut(&id).ok_or_else(not_found)?.say(sender.into_owned(), message.into_owned());
    let mut answer = Answer::success();
    answer.text("messageKey", "").text("message", "");
    Ok(Reply::Xml(answer.finish()))
}

/// The names (or URLs) of the slides in `<modules><module name="presentation"><document …/>…`.
pub(super) fn documents(body: &[u8]) -> Result<Vec<String>, quick_xml::Error> {
    let mut reader = Reader::from_reader(body);
    let (mut found, mut depth) = (Vec::new(), 0_usize);
    loop {
        match reader.read_event()? {
            Event::Start(element) => {
                depth += 1;
                found.extend(document(&element)?);
            }
            Event::Empty(element) => found.extend(document(&element)?),
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Eof if depth == 0 => return Ok(found),
            Event::Eof => {
                return Err(quick_xml::errors::IllFormedError::MissingEndTag("modules".to_owned()).into());
            }
            _ => {}
        }
    }
}

fn document(element: &BytesStart<'_>) -> Result<Option<String>, quick_xml::Error> {
    if element.name().as_ref() != "document" {
        return Ok(None);
    }
    let mut name = None;
    for wanted in ["url", "filename", "name"] {
        if let Some(attribute) = element.try_get_attribute(wanted)? {
            name = Some(attribute.normalized_value(XmlVersion::Implicit1_0)?.into_owned());
        }
    }
    Ok(name)
}
