//! Reading a `metadata.xml`: what one playback format tells of itself and of its recording (CONTRACT §6).
//!
//! [`parse`] takes the shapes that BigBlueButton has written over the years. It is bounded in size, depth and
//! number of things, and expands nothing but XML's own entities: the file comes from outside. What is missing or
//! no number is left out where the original does no harm with it; what the database could not hold is refused.

mod elements;
mod values;

#[cfg(test)]
mod tests;

use elements::{Elements, Image};
use values::{int32, minutes, path, path_and_query, time};

use super::model::{NewRecording, PlaybackFormat, Thumbnail};

/// Largest document, in bytes.
pub const LARGEST: u64 = 10_000_000;
/// Elements nested deeper than this are no metadata of BigBlueButton's.
pub const DEEPEST: usize = 64;
/// Most elements of `meta`, and most thumbnails.
pub const MOST: usize = 1000;
/// Longest ID and longest key, in bytes: the database indexes them.
pub const LONGEST: usize = 1024;

/// What a recording can be in.
const STATES: [&str; 5] = ["processing", "processed", "published", "unpublished", "deleted"];
/// What `meta` holds beside metadata.
const NOT_STORED: [&str; 3] = ["isBreakout", "meetingId", "meetingName"];

/// Why a `metadata.xml` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    /// It is larger than [`LARGEST`].
    #[error("it has {0} bytes; more than {LARGEST} are not read")]
    TooLarge(u64),
    /// It is not UTF-8.
    #[error("it is not UTF-8: {0}")]
    NotUtf8(#[from] std::str::Utf8Error),
    /// It is not well-formed.
    #[error("it is not XML: {reason} (at byte {position})")]
    NotXml {
        /// How many bytes before are well-formed.
        position: u64,
        /// Why the next are not.
        reason: Box<quick_xml::Error>,
    },
    /// It ends inside an element.
    #[error("it is not XML: it ends before its elements do")]
    Unfinished,
    /// It has a document type.
    #[error("a document type is not allowed in it")]
    DocumentType,
    /// It is nested deeper than [`DEEPEST`].
    #[error("its elements are nested more than {DEEPEST} deep")]
    TooDeep,
    /// Its root is another element.
    #[error("it has no element `recording`")]
    NoRecording,
    /// Something is missing.
    #[error("it has no {0}")]
    Missing(&'static str),
    /// There is too much of something.
    #[error("it has more than {MOST} elements in `{0}`")]
    TooMany(&'static str),
    /// An ID or a key is longer than [`LONGEST`].
    #[error("its `{0}` is longer than {LONGEST} bytes")]
    TooLong(&'static str),
    /// A text holds what XML and the database cannot.
    #[error("its `{0}` holds a NUL character")]
    Nul(&'static str),
    /// The name of an element of `meta` is not one that an answer could hold.
    #[error("{0:?} cannot be the name of an element of `meta`")]
    Key(String),
    /// A number is larger, or smaller, than any that makes sense.
    #[error("its `{element}` is out of range: {value}")]
    OutOfRange {
        /// The element or attribute.
        element: &'static str,
        /// Its value, as far as it is a number.
        value: i64,
    },
    /// A state that recordings do not have.
    #[error("its `state` is {0:?}, which is none that a recording can be in")]
    State(String),
    /// A link that is no web address.
    #[error("its `{element}` is no web address: {value:?}")]
    Link {
        /// The element.
        element: &'static str,
        /// Its value.
        value: String,
    },
}

/// Reads a document.
///
/// # Errors
///
/// It is no metadata of a recording, or it tells something that cannot be stored.
pub fn parse(document: &[u8]) -> Result<NewRecording, MetadataError> {
    let size = u64::try_from(document.len()).unwrap_or(u64::MAX);
    if size > LARGEST {
        return Err(MetadataError::TooLarge(size));
    }
    interpret(elements::collect(std::str::from_utf8(document)?)?)
}

fn interpret(elements: Elements) -> Result<NewRecording, MetadataError> {
    let stated = |key: &str| elements.meta.iter().find(|(known, _)| known == key).map(|(_, value)| value);
    let meeting_id =
        given(stated("meetingId").cloned()).or_else(|| given(elements.meeting_external_id.clone()));
    let name = given(stated("meetingName").cloned()).or_else(|| given(elements.meeting_name.clone()));
    let record_id = trimmed(elements.id).or_else(|| trimmed(elements.meeting_id));
    Ok(NewRecording {
        record_id: short("id", record_id, "`id`")?,
        meeting_id: short("meetingId", meeting_id, "`meta/meetingId` and no `externalId` of a `meeting`")?,
        name,
        published: trimmed(elements.published).as_deref() == Some("true"),
        state: state(trimmed(elements.state))?,
        participants: int32("participants", elements.participants.as_deref())?,
        start: time("start_time", elements.start_time.as_deref())?,
        end: time("end_time", elements.end_time.as_deref())?,
        metadata: metadata(elements.meta)?,
        format: PlaybackFormat {
            format: short("playback/format", trimmed(elements.format), "`playback/format`")?,
            url: path_and_query(
                "link",
                elements.link.ok_or(MetadataError::Missing("`playback/link`"))?.trim(),
            )?,
            length: minutes("duration", elements.duration.as_deref())?,
            processing_time: int32("processing_time", elements.processing_time.as_deref())?,
            thumbnails: elements.images.into_iter().map(thumbnail).collect::<Result<_, _>>()?,
        },
    })
}

/// A text that is not empty.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// A text without the space around it, if anything is left of it then.
fn trimmed(text: Option<String>) -> Option<String> {
    given(text).map(|text| text.trim().to_owned())
}

fn short(element: &'static str, text: Option<String>, what: &'static str) -> Result<String, MetadataError> {
    let text = text.ok_or(MetadataError::Missing(what))?;
    if text.len() > LONGEST { Err(MetadataError::TooLong(element)) } else { Ok(text) }
}

/// `available` is what BigBlueButton says of screenshares that are published.
fn state(state: Option<String>) -> Result<Option<String>, MetadataError> {
    match state {
        Some(state) if state == "available" => Ok(Some("published".to_owned())),
        Some(state) if !STATES.contains(&state.as_str()) => Err(MetadataError::State(state)),
        state => Ok(state),
    }
}

/// What is stored: of several values of one key the last.
fn metadata(meta: Vec<(String, String)>) -> Result<Vec<(String, String)>, MetadataError> {
    let mut stored: Vec<(String, String)> = Vec::with_capacity(meta.len());
    for (key, value) in meta {
        if NOT_STORED.contains(&key.as_str()) {
            continue;
        }
        if key.len() > LONGEST {
            return Err(MetadataError::TooLong("meta"));
        }
        match stored.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) => *old = value,
            None => stored.push((key, value)),
        }
    }
    Ok(stored)
}

fn thumbnail(image: Image) -> Result<Thumbnail, MetadataError> {
    Ok(Thumbnail {
        width: int32("image/@width", image.width.as_deref())?,
        height: int32("image/@height", image.height.as_deref())?,
        alt: image.alt,
        url: path("image", image.text.trim())?,
    })
}
