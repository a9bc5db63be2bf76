//! Small answers of our own, written as XML.

use std::fmt::Write;

use super::error::BbbError;

/// The `Content-Type` of every XML answer.
pub const CONTENT_TYPE: &str = "application/xml; charset=utf-8";

const DECLARATION: &str = "<?xml version=\"1.0\"?>\n";

/// A `<response>` of `SUCCESS` with these simple elements.
#[must_use]
pub fn success(elements: &[(&str, &str)]) -> String {
    response("SUCCESS", elements, "")
}

/// A `<response>` of `FAILED`.
#[must_use]
pub fn failed(error: &BbbError) -> String {
    response("FAILED", &[("messageKey", &error.key), ("message", &error.message)], "")
}

/// The answer of `getMeetings` when there are none (CONTRACT §4).
#[must_use]
pub fn no_meetings() -> String {
    let message = "no meetings were found on this server";
    response("SUCCESS", &[("messageKey", "noMeetings"), ("message", message)], "<meetings/>")
}

/// The answer of `getRecordings` when there are none (CONTRACT §6).
#[must_use]
pub fn no_recordings() -> String {
    let message = "There are not recordings for the meetings";
    let mut xml = format!("{DECLARATION}<response><returncode>SUCCESS</returncode><recordings/>");
    element(&mut xml, "messageKey", "noRecordings");
    element(&mut xml, "message", message);
    xml.push_str("</response>\n");
    xml
}

/// What stands before the meetings of a merged `getMeetings` answer.
pub const MEETINGS_HEAD: &str =
    "<?xml version=\"1.0\"?>\n<response><returncode>SUCCESS</returncode><meetings>";
/// What stands after them.
pub const MEETINGS_TAIL: &str = "</meetings></response>\n";

fn response(returncode: &str, elements: &[(&str, &str)], rest: &str) -> String {
    let mut xml = String::with_capacity(160);
    xml.push_str(DECLARATION);
    xml.push_str("<response>");
    element(&mut xml, "returncode", returncode);
    for (name, text) in elements {
        element(&mut xml, name, text);
    }
    xml.push_str(rest);
    xml.push_str("</response>\n");
    xml
}

fn element(xml: &mut String, name: &str, text: &str) {
    // Writing to a String cannot fail.
    let _ = write!(xml, "<{name}>{}</{name}>", escape(text));
}

/// Text as it may stand in an element: markup escaped, characters that XML 1.0 cannot hold replaced.
#[must_use]
pub fn escape(text: &str) -> std::borrow::Cow<'_, str> {
    if text.chars().all(allowed) {
        return quick_xml::escape::partial_escape(text);
    }
    let clean: String = text.chars().map(|c| if allowed(c) { c } else { '\u{FFFD}' }).collect();
    quick_xml::escape::partial_escape(clean).into_owned().into()
}

/// Whether an element can have this name. Colons are left out: they would make namespaces.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let starts = |c: char| c == '_' || c.is_alphabetic();
    let goes_on = |c: char| starts(c) || c.is_numeric() || matches!(c, '-' | '.');
    text.starts_with(starts) && text.chars().all(|c| goes_on(c) && allowed(c))
}

fn allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_the_three_elements() {
        assert_eq!(
            failed(&BbbError::internal("a < b & \u{1}")),
            "<?xml version=\"1.0\"?>\n<response><returncode>FAILED</returncode>\
             <messageKey>internalError</messageKey><message>a &lt; b &amp; \u{FFFD}</message></response>\n"
        );
    }

    #[test]
    fn none_found() {
        assert!(
            no_meetings().ends_with(
                "<message>no meetings were found on this server</message><meetings/></response>\n"
            )
        );
        assert!(no_recordings().contains("<recordings/><messageKey>noRecordings</messageKey>"));
    }
}
