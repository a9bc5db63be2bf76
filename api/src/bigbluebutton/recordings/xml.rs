//! A recording as `getRecordings` tells it (CONTRACT §6).

use std::fmt::Write;

use crate::playback::encode;
use scalelite_core::bbb::xml::{escape, is_name};
use scalelite_core::recordings::model::{PlaybackFormat, Recording, Thumbnail};

/// What stands before the first recording.
pub(super) const HEAD: &str =
    "<?xml version=\"1.0\"?>\n<response><returncode>SUCCESS</returncode><recordings>";

/// What stands after the last one; how many there are in all, if a page was asked for.
pub(super) fn tail(any: bool, total: Option<u64>) -> String {
    let mut xml = String::from("</recordings>");
    if !any {
        element(&mut xml, "messageKey", "noRecordings");
        element(&mut xml, "message", "There are not recordings for the meetings");
    }
    if let Some(total) = total {
        number(&mut xml, "totalElements", total);
    }
    xml.push_str("</response>\n");
    xml
}

/// Appends a recording. `origin` is the scheme and host of its URLs; `tokens` are for its formats, in their order,
/// where it is protected.
pub(super) fn recording(xml: &mut String, recording: &Recording, origin: &str, tokens: Option<&[String]>) {
    xml.push_str("<recording>");
    element(xml, "recordID", &recording.record_id);
    element(xml, "meetingID", &recording.meeting_id);
    element(xml, "internalMeetingID", &recording.record_id);
    element(xml, "name", recording.name.as_deref().unwrap_or_default());
    flag(xml, "published", recording.published);
    flag(xml, "protected", recording.protected);
    if let Some(state) = &recording.state {
        element(xml, "state", state);
    }
    number(xml, "startTime", recording.start.map_or(0, |start| start.millis()));
    number(xml, "endTime", recording.end.map_or(0, |end| end.millis()));
    if let Some(participants) = recording.participants {
        number(xml, "participants", participants);
    }
    xml.push_str("<metadata>");
    for (key, value) in recording.metadata.iter().filter(|(key, _)| is_name(key)) {
        if value.trim().is_empty() {
            // Some clients need a node of some kind in there.
            let _ = write!(xml, "<{key}><![CDATA[]]></{key}>");
        } else {
            element(xml, key, value);
        }
    }
    xml.push_str("</metadata><playback>");
    for (place, format) in recording.formats.iter().enumerate() {
        let token = tokens.map(|tokens| tokens.get(place).map_or("", String::as_str));
        playback(xml, recording, format, origin, token);
    }
    xml.push_str("</playback></recording>");
}

fn playback(
    xml: &mut String,
    recording: &Recording,
    format: &PlaybackFormat,
    origin: &str,
    token: Option<&str>,
) {
    xml.push_str("<format>");
    element(xml, "type", &format.format);
    match token {
        Some(token) => {
            let (id, name) = (encode(&recording.record_id), encode(&format.format));
            let _ = write!(xml, "<url>{origin}/recording/{id}/{name}?token={token}</url>");
        }
        None => {
            let url = format.url.as_deref().unwrap_or_default();
            let _ = write!(xml, "<url>{origin}{}</url>", escape(url));
        }
    }
    match format.length {
        Some(length) => number(xml, "length", length),
        None => xml.push_str("<length/>"),
    }
    if let Some(time) = format.processing_time {
        number(xml, "processingTime", time);
    }
    if token.is_none() && !format.thumbnails.is_empty() {
        xml.push_str("<preview><images>");
        for thumbnail in &format.thumbnails {
            image(xml, thumbnail, origin);
        }
        xml.push_str("</images></preview>");
    }
    xml.push_str("</format>");
}

fn image(xml: &mut String, thumbnail: &Thumbnail, origin: &str) {
    let alt = thumbnail.alt.as_deref().unwrap_or_default();
    let _ = write!(xml, "<image alt=\"{}\"", escape(alt).replace('"', "&quot;"));
    for (name, pixels) in [("width", thumbnail.width), ("height", thumbnail.height)] {
        if let Some(pixels) = pixels {
            let _ = write!(xml, " {name}=\"{pixels}\"");
        }
    }
    let url = thumbnail.url.as_deref().unwrap_or_default();
    let _ = write!(xml, ">{origin}{}</image>", escape(url));
}

fn element(xml: &mut String, name: &str, text: &str) {
    // Writing to a String cannot fail.
    let _ = write!(xml, "<{name}>{}</{name}>", escape(text));
}

fn number(xml: &mut String, name: &str, number: impl std::fmt::Display) {
    let _ = write!(xml, "<{name}>{number}</{name}>");
}

fn flag(xml: &mut String, name: &str, flag: bool) {
    number(xml, name, flag);
}

#[cfg(test)]
mod tests {
    use scalelite_core::recordings::model::Micros;

    use super::*;

    fn given() -> Recording {
        let thumbnail = |alt: Option<&str>, width| Thumbnail {
            width,
            height: Some(136),
            alt: alt.map(str::to_owned),
            url: Some("/t.png".to_owned()),
        };
        Recording {
            id: 1,
            record_id: "rec-1".to_owned(),
            meeting_id: "m & m".to_owned(),
            name: Some("<Name>".to_owned()),
            published: true,
            state: Some("published".to_owned()),
            participants: Some(3),
            start: Some(Micros(1_700_000_000_123_456)),
            end: Some(Micros::from_millis(1_700_000_060_000)),
            protected: false,
            metadata: [("a", "1"), ("empty", " "), ("not a name", "x"), ("bbb-origin", "]]>")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .to_vec(),
            formats: vec![PlaybackFormat {
                format: "presentation".to_owned(),
                url: Some("/playback?a=1&b=2".to_owned()),
                length: Some(1),
                processing_time: Some(7),
                thumbnails: vec![thumbnail(Some("\"a\" & b"), Some(176)), thumbnail(None, None)],
            }],
        }
    }

    fn told(given: &Recording, tokens: Option<&[String]>) -> String {
        let mut xml = String::new();
        recording(&mut xml, given, "https://bbb.example.com", tokens);
        xml
    }

    #[test]
    fn everything_in_its_order() {
        assert_eq!(
            told(&given(), None),
            "<recording><recordID>rec-1</recordID><meetingID>m &amp; m</meetingID>\
             <internalMeetingID>rec-1</internalMeetingID><name>&lt;Name&gt;</name><published>true</published>\
             <protected>false</protected><state>published</state><startTime>1700000000123</startTime>\
             <endTime>1700000060000</endTime><participants>3</participants><metadata><a>1</a>\
             <empty><![CDATA[]]></empty><bbb-origin>]]&gt;</bbb-origin></metadata><playback><format>\
             <type>presentation</type><url>https://bbb.example.com/playback?a=1&amp;b=2</url><length>1</length>\
             <processingTime>7</processingTime><preview><images>\
             <image alt=\"&quot;a&quot; &amp; b\" width=\"176\" height=\"136\">https://bbb.example.com/t.png</image>\
             <image alt=\"\" height=\"136\">https://bbb.example.com/t.png</image>\
             </images></preview></format></playback></recording>"
        );
    }

    #[test]
    fn a_protected_one_has_a_link_that_works_once_and_no_pictures() {
        let protected = Recording { protected: true, ..given() };
        let told = told(&protected, Some(&["t0ken".to_owned()]));
        assert!(
            told.contains("<url>https://bbb.example.com/recording/rec-1/presentation?token=t0ken</url>"),
            "{told}"
        );
        assert!(!told.contains("preview") && !told.contains("/playback?"), "{told}");
    }

    #[test]
    fn odd_names_are_encoded_in_links() {
        let odd = Recording { protected: true, record_id: "a b?#%&".to_owned(), ..given() };
        let told = told(&odd, Some(&["t".to_owned()]));
        assert!(told.contains("/recording/a%20b%3F%23%25%26/presentation?token=t<"), "{told}");
    }

    #[test]
    fn what_is_not_known() {
        let bare = Recording {
            name: None,
            state: None,
            participants: None,
            start: None,
            end: None,
            metadata: Vec::new(),
            formats: Vec::new(),
            ..given()
        };
        let told = told(&bare, None);
        assert!(
            told.contains(
                "<name></name><published>true</published><protected>false</protected><startTime>0<"
            )
        );
        assert!(told.ends_with("<metadata></metadata><playback></playback></recording>"), "{told}");
    }

    #[test]
    fn tails() {
        assert_eq!(tail(true, None), "</recordings></response>\n");
        assert_eq!(tail(true, Some(7)), "</recordings><totalElements>7</totalElements></response>\n");
        assert!(tail(false, Some(0)).contains("noRecordings</messageKey>"));
        assert!(tail(false, Some(0)).ends_with("<totalElements>0</totalElements></response>\n"));
    }
}
