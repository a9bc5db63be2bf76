//! Reading a server's answer: bounded, streaming, no entity expansion (CONTRACT §2).

use quick_xml::Reader;
use quick_xml::events::Event;
use std::borrow::Cow;

use super::error::BbbError;

/// An answer that is not a BigBlueButton response.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// Not well-formed XML, or XML with a document type.
    #[error("the answer is not XML: {0}")]
    NotXml(String),
    /// No `returncode` directly below the root element `response`.
    #[error("the answer has no returncode")]
    NoReturncode,
}

/// Elements nested deeper than this are no answer of a BigBlueButton server.
const MAX_DEPTH: usize = 64;

/// The texts of the elements directly below `response` that are asked for.
///
/// The whole document is read, so that what is passed on is known to be well-formed. A document type
/// is refused: it could define entities for whoever reads the answer next.
pub fn top_level<const N: usize>(xml: &[u8], wanted: [&str; N]) -> Result<[Option<String>; N], AnswerError> {
    let not_xml = |reason: String| AnswerError::NotXml(reason);
    let text = std::str::from_utf8(xml).map_err(|e| not_xml(e.to_string()))?;
    let mut reader = Reader::from_str(text);
    let mut found: [Option<String>; N] = [const { None }; N];
    let mut depth = 0_usize;
    let mut current: Option<usize> = None;
    let mut roots = 0_usize;
    loop {
        match reader.read_event().map_err(|e| not_xml(e.to_string()))? {
            Event::Start(start) => {
                depth += 1;
                match depth {
                    1 if roots > 0 || start.local_name().as_ref() != "response" => {
                        return Err(AnswerError::NoReturncode);
                    }
                    1 => roots += 1,
                    2 => {
                        let name = start.local_name();
                        current = wanted.iter().position(|wanted| *wanted == name.as_ref());
                        if let Some(index) = current {
                            found[index].get_or_insert_default();
                        }
                    }
                    MAX_DEPTH.. => return Err(not_xml(format!("nested deeper than {MAX_DEPTH}"))),
                    _ => {}
                }
            }
            Event::End(_) => {
                depth -= 1;
                if depth <= 1 {
                    current = None;
                }
            }
            Event::Text(text) if depth == 2 => {
                if let Some(slot) = current.and_then(|index| found[index].as_mut()) {
                    slot.push_str(&text);
                }
            }
            Event::CData(data) if depth == 2 => {
                if let Some(slot) = current.and_then(|index| found[index].as_mut()) {
                    slot.push_str(&data);
                }
            }
            Event::GeneralRef(reference) if depth == 2 => {
                if let Some(slot) = current.and_then(|index| found[index].as_mut()) {
                    slot.push_str(
                        &resolve(&reference)
                            .ok_or_else(|| not_xml(format!("unknown entity {}", &*reference)))?,
                    );
                }
            }
            Event::Text(text) if depth == 0 && !text.trim_ascii().is_empty() => {
                return Err(not_xml("text outside the root element".to_owned()));
            }
            Event::DocType(_) => return Err(not_xml("a document type is not allowed".to_owned())),
            Event::Eof if depth > 0 => return Err(not_xml("it ends too early".to_owned())),
            Event::Eof => break,
            _ => {}
        }
    }
    if roots == 0 { Err(AnswerError::NoReturncode) } else { Ok(found) }
}

/// One of XML's five own entities, or a character reference.
pub(crate) fn resolve(name: &str) -> Option<Cow<'static, str>> {
    if let Some(predefined) = quick_xml::escape::resolve_xml_entity(name) {
        return Some(Cow::Borrowed(predefined));
    }
    let number = name.strip_prefix('#')?;
    let code = match number.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code).map(|c| Cow::Owned(c.to_string()))
}

/// Whether the answer is a `SUCCESS`; a `FAILED` one gives its `messageKey` and `message`.
pub fn check(xml: &[u8]) -> Result<Result<(), BbbError>, AnswerError> {
    let [returncode, key, message] = top_level(xml, ["returncode", "messageKey", "message"])?;
    let returncode = returncode.ok_or(AnswerError::NoReturncode)?;
    if returncode.trim() == "SUCCESS" {
        return Ok(Ok(()));
    }
    Ok(Err(BbbError {
        key: key.unwrap_or_default().trim().to_owned().into(),
        message: message.unwrap_or_default().trim().to_owned().into(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn success_and_failure() {
        assert_eq!(check(b"<response><returncode>SUCCESS</returncode></response>").unwrap(), Ok(()));
        let failed = b"<?xml version='1.0'?><response><returncode>FAILED</returncode>\
            <messageKey>notFound</messageKey><message><![CDATA[a & b]]> &lt;&#33;</message></response>";
        let error = check(failed).unwrap().unwrap_err();
        assert_eq!((error.key.as_ref(), error.message.as_ref()), ("notFound", "a & b <!"));
    }

    #[test]
    fn only_elements_directly_below_the_root_count() {
        let nested = b"<response><meeting><returncode>SUCCESS</returncode></meeting></response>";
        assert!(matches!(check(nested), Err(AnswerError::NoReturncode)));
    }

    #[test]
    fn what_is_no_answer() {
        for bad in [
            &b"<html><returncode>SUCCESS</returncode></html>"[..],
            b"",
            b"plain text",
            b"{\"response\":{}}",
            b"<response><returncode>SUCCESS</returncode>",
            b"<response><returncode>SUCCESS</response>",
            b"<response><returncode>SUCCESS</returncode></response><response/>",
            b"<!DOCTYPE r [<!ENTITY a 'b'>]><response><returncode>SUCCESS</returncode></response>",
            b"<response><returncode>&x;</returncode></response>",
        ] {
            assert!(check(bad).is_err(), "{}", String::from_utf8_lossy(bad));
        }
        let deep = format!("<response>{}{}</response>", "<a>".repeat(100), "</a>".repeat(100));
        assert!(check(deep.as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = check(&bytes);
        }

        #[test]
        fn never_panics_on_markup(text in "(<response>|</response>|<returncode>|</returncode>|SUCCESS|&|;|<!|<\\?|]]>|<!\\[CDATA\\[|\"| ){0,12}") {
            let _ = check(text.as_bytes());
        }
    }
}
