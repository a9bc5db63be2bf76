//! Picks the elements that matter out of a document, as text.

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::{DEEPEST, MOST, MetadataError};

/// The texts of a document; what it has twice is taken from the first.
#[derive(Debug, Default)]
pub(super) struct Elements {
    pub(super) id: Option<String>,
    pub(super) state: Option<String>,
    pub(super) published: Option<String>,
    pub(super) start_time: Option<String>,
    pub(super) end_time: Option<String>,
    pub(super) participants: Option<String>,
    pub(super) meeting_id: Option<String>,
    pub(super) meeting_external_id: Option<String>,
    pub(super) meeting_name: Option<String>,
    pub(super) meta: Vec<(String, String)>,
    pub(super) format: Option<String>,
    pub(super) link: Option<String>,
    pub(super) duration: Option<String>,
    pub(super) processing_time: Option<String>,
    pub(super) images: Vec<Image>,
}

/// A thumbnail.
#[derive(Debug, Default)]
pub(super) struct Image {
    pub(super) width: Option<String>,
    pub(super) height: Option<String>,
    pub(super) alt: Option<String>,
    pub(super) text: String,
}

/// Where in the document an element stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Document,
    Recording,
    Meeting,
    Meta,
    Playback,
    Extensions,
    Preview,
    Images,
    /// Its text matters.
    Text(Text),
    /// It is a part of such a text.
    InText,
    Elsewhere,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    Id,
    State,
    Published,
    StartTime,
    EndTime,
    Participants,
    MetaItem,
    Format,
    Link,
    Duration,
    ProcessingTime,
    Image,
}

impl Place {
    fn child(self, name: &str) -> Self {
        match (self, name) {
            (Self::Document, "recording") => Self::Recording,
            (Self::Recording, "id") => Self::Text(Text::Id),
            (Self::Recording, "state") => Self::Text(Text::State),
            (Self::Recording, "published") => Self::Text(Text::Published),
            (Self::Recording, "start_time") => Self::Text(Text::StartTime),
            (Self::Recording, "end_time") => Self::Text(Text::EndTime),
            (Self::Recording, "participants") => Self::Text(Text::Participants),
            (Self::Recording, "meeting") => Self::Meeting,
            (Self::Recording, "meta") => Self::Meta,
            (Self::Recording, "playback") => Self::Playback,
            (Self::Meta, _) => Self::Text(Text::MetaItem),
            (Self::Playback, "format") => Self::Text(Text::Format),
            (Self::Playback, "link") => Self::Text(Text::Link),
            (Self::Playback, "duration") => Self::Text(Text::Duration),
            (Self::Playback, "processing_time") => Self::Text(Text::ProcessingTime),
            (Self::Playback, "extensions") => Self::Extensions,
            (Self::Extensions, "preview") => Self::Preview,
            (Self::Preview, "images") => Self::Images,
            (Self::Images, _) => Self::Text(Text::Image),
            (Self::Text(_) | Self::InText, _) => Self::InText,
            _ => Self::Elsewhere,
        }
    }
}

impl Text {
    /// For messages.
    fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::State => "state",
            Self::Published => "published",
            Self::StartTime => "start_time",
            Self::EndTime => "end_time",
            Self::Participants => "participants",
            Self::MetaItem => "meta",
            Self::Format => "format",
            Self::Link => "link",
            Self::Duration => "duration",
            Self::ProcessingTime => "processing_time",
            Self::Image => "image",
        }
    }
}

/// Goes through a document.
pub(super) fn collect(document: &str) -> Result<Elements, MetadataError> {
    let mut reader = Reader::from_str(document);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().allow_dangling_amp = true;
    let mut collector = Collector::default();
    loop {
        let event = reader.read_event();
        let position = reader.error_position();
        let event = event.map_err(|reason| MetadataError::NotXml { position, reason: Box::new(reason) })?;
        match event {
            Event::Start(start) => collector.open(&start)?,
            Event::End(_) => collector.close()?,
            Event::Text(text) => collector.text(&text.xml10_content()),
            Event::CData(text) => collector.text(&text.xml10_content()),
            Event::GeneralRef(reference) => collector.reference(&reference),
            Event::DocType(_) => return Err(MetadataError::DocumentType),
            Event::Eof => break,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    collector.finish()
}

#[derive(Default)]
struct Collector {
    /// The open elements.
    places: Vec<Place>,
    /// The text of the element that is being read, …
    text: String,
    /// … its name, if it is one of `meta`, …
    key: String,
    /// … and its attributes, if it is a thumbnail.
    image: Image,
    has_recording: bool,
    elements: Elements,
}

impl Collector {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), MetadataError> {
        if self.places.len() >= DEEPEST {
            return Err(MetadataError::TooDeep);
        }
        let above = self.places.last().copied().unwrap_or(Place::Document);
        let place = above.child(start.name().0);
        match place {
            Place::Recording => self.has_recording = true,
            Place::Meeting => {
                let elements = &mut self.elements;
                first(&mut elements.meeting_id, attribute(start, "id")?);
                first(&mut elements.meeting_external_id, attribute(start, "externalId")?);
                first(&mut elements.meeting_name, attribute(start, "name")?);
            }
            Place::Text(text) => {
                self.text.clear();
                if text == Text::MetaItem {
                    self.key = key(start.name().0)?;
                } else if text == Text::Image {
                    let (width, height) = (attribute(start, "width")?, attribute(start, "height")?);
                    self.image = Image { width, height, alt: attribute(start, "alt")?, text: String::new() };
                }
            }
            _ => {}
        }
        self.places.push(place);
        Ok(())
    }

    fn close(&mut self) -> Result<(), MetadataError> {
        let Some(Place::Text(text)) = self.places.pop() else { return Ok(()) };
        let value = std::mem::take(&mut self.text);
        if value.contains('\0') {
            return Err(MetadataError::Nul(text.name()));
        }
        let elements = &mut self.elements;
        let place = match text {
            Text::Id => &mut elements.id,
            Text::State => &mut elements.state,
            Text::Published => &mut elements.published,
            Text::StartTime => &mut elements.start_time,
            Text::EndTime => &mut elements.end_time,
            Text::Participants => &mut elements.participants,
            Text::Format => &mut elements.format,
            Text::Link => &mut elements.link,
            Text::Duration => &mut elements.duration,
            Text::ProcessingTime => &mut elements.processing_time,
            Text::MetaItem => {
                elements.meta.push((std::mem::take(&mut self.key), value));
                return bounded(text, elements.meta.len());
            }
            Text::Image => {
                elements.images.push(Image { text: value, ..std::mem::take(&mut self.image) });
                return bounded(text, elements.images.len());
            }
        };
        first(place, Some(value));
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(Place::Text(_) | Place::InText) = self.places.last() {
            self.text.push_str(text);
        }
    }

    /// A reference to what XML does not know stays as it is.
    fn reference(&mut self, reference: &BytesRef<'_>) {
        let known = match reference.resolve_char_ref() {
            Ok(Some(character)) => Some(character.to_string()),
            _ => resolve_xml_entity(reference).map(str::to_owned),
        };
        self.text(&known.unwrap_or_else(|| format!("&{};", &**reference)));
    }

    fn finish(self) -> Result<Elements, MetadataError> {
        if !self.places.is_empty() {
            return Err(MetadataError::Unfinished);
        }
        if self.has_recording { Ok(self.elements) } else { Err(MetadataError::NoRecording) }
    }
}

fn first(place: &mut Option<String>, value: Option<String>) {
    if place.is_none() {
        *place = value;
    }
}

fn bounded(text: Text, number: usize) -> Result<(), MetadataError> {
    if number > MOST { Err(MetadataError::TooMany(text.name())) } else { Ok(()) }
}

fn attribute(start: &BytesStart<'_>, name: &'static str) -> Result<Option<String>, MetadataError> {
    // One that is not well-formed counts as none: nothing that must be there depends on it alone.
    let mut attributes = start.attributes();
    let found = attributes.with_checks(false).flatten().find(|attribute| attribute.key.0 == name);
    let Some(found) = found else { return Ok(None) };
    let value = found.normalized_value(XmlVersion::Implicit1_0).unwrap_or(found.value);
    if value.contains('\0') { Err(MetadataError::Nul(name)) } else { Ok(Some(value.into_owned())) }
}

/// The reader takes more for a name than an answer may hold.
fn key(name: &str) -> Result<String, MetadataError> {
    let begins = |c: char| c.is_alphabetic() || matches!(c, '_' | ':');
    let goes_on = |c: char| begins(c) || c.is_numeric() || matches!(c, '-' | '.' | '\u{b7}');
    if name.starts_with(begins) && name.chars().all(goes_on) {
        Ok(name.to_owned())
    } else {
        Err(MetadataError::Key(name.chars().take(80).collect()))
    }
}
