//! A scanner for the markup of an answer: where elements begin and end, nothing more.
//!
//! `getMeetings` reads megabytes to find a few dozen numbers. This does it with less work than a
//! full reader, which took more than half of the processor time there, and keeps what matters: tags must match, entities must be XML's own, document types are
//! refused. A property test holds it against quick-xml.

use std::borrow::Cow;

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
pub(super) const MAX_DEPTH: usize = 64;

/// What stands between two pieces of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Markup<'a> {
    /// `<name …>`
    Open(&'a str),
    /// `</name>`
    Close,
    /// `<name …/>`
    Empty(&'a str),
    /// `<![CDATA[…]]>`, with what is in it.
    Literal(&'a str),
    /// A comment or a processing instruction.
    Aside,
}

/// A piece of markup, where it stands, and the text before it (not unescaped).
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    pub(super) markup: Markup<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Goes through a document from tag to tag.
pub(super) struct Scanner<'a> {
    document: &'a str,
    at: usize,
    open: Vec<&'a str>,
    has_references: bool,
    rooted: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn of(document: &'a [u8]) -> Result<Self, AnswerError> {
        let document = std::str::from_utf8(document).map_err(|error| malformed(error.to_string()))?;
        let has_references = memchr::memchr(b'&', document.as_bytes()).is_some();
        let at = if document.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        Ok(Self { document, at, open: Vec::with_capacity(16), has_references, rooted: false })
    }

    /// How many elements are open after the last piece.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The next piece; none at the end of a well-formed document.
    pub(super) fn next(&mut self) -> Result<Option<Piece<'a>>, AnswerError> {
        let from = self.at;
        let rest = &self.document.as_bytes()[from..];
        let Some(offset) = memchr::memchr(b'<', rest) else {
            self.check_text(&self.document[from..])?;
            return if self.open.is_empty() { Ok(None) } else { Err(malformed("it ends too early")) };
        };
        let start = from + offset;
        let text = &self.document[from..start];
        self.check_text(text)?;
        let tag = &self.document[start..];
        let (markup, length) = match tag.as_bytes().get(1) {
            Some(b'/') => self.close(tag)?,
            Some(b'!') => self.special(tag)?,
            Some(b'?') => (Markup::Aside, until(tag, "?>")?),
            _ => self.open(tag)?,
        };
        self.at = start + length;
        Ok(Some(Piece { text, markup, start, end: self.at }))
    }

    fn open(&mut self, tag: &'a str) -> Result<(Markup<'a>, usize), AnswerError> {
        let end = end_of_tag(tag).ok_or_else(|| malformed("a tag does not end"))?;
        let inside = &tag[1..end];
        let (inside, empty) = match inside.strip_suffix('/') {
            Some(inside) => (inside, true),
            None => (inside, false),
        };
        let name_end = inside.bytes().position(|byte| byte.is_ascii_whitespace()).unwrap_or(inside.len());
        let name = &inside[..name_end];
        let begins_a_name =
            |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':') || *byte >= 0x80;
        if !name.as_bytes().first().is_some_and(begins_a_name) {
            return Err(malformed("a tag without a name"));
        }
        if self.open.is_empty() && std::mem::replace(&mut self.rooted, true) {
            return Err(malformed("more than one root element"));
        }
        if empty {
            return Ok((Markup::Empty(name), end + 1));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(malformed("nested too deep"));
        }
        self.open.push(name);
        Ok((Markup::Open(name), end + 1))
    }

    fn close(&mut self, tag: &'a str) -> Result<(Markup<'a>, usize), AnswerError> {
        let end = memchr::memchr(b'>', tag.as_bytes()).ok_or_else(|| malformed("a tag does not end"))?;
        let name = tag[2..end].trim_ascii_end();
        if self.open.pop() == Some(name) {
            Ok((Markup::Close, end + 1))
        } else {
            Err(malformed("tags do not match"))
        }
    }

    fn special(&self, tag: &'a str) -> Result<(Markup<'a>, usize), AnswerError> {
        if let Some(comment) = tag.strip_prefix("<!--") {
            return Ok((Markup::Aside, "<!--".len() + until(comment, "-->")?));
        }
        match tag.strip_prefix("<![CDATA[") {
            Some(content) if !self.open.is_empty() => {
                let length = until(content, "]]>")?;
                Ok((Markup::Literal(&content[..length - "]]>".len()]), "<![CDATA[".len() + length))
            }
            _ => Err(malformed("a document type or the like is not allowed")),
        }
    }

    fn check_text(&self, text: &str) -> Result<(), AnswerError> {
        if self.open.is_empty() && !text.trim_ascii().is_empty() {
            return Err(malformed("text outside the root element"));
        }
        if self.has_references {
            unescape_with(text, |_| {})?;
        }
        Ok(())
    }
}

/// Text with its references replaced.
pub(super) fn unescape(text: &str, into: &mut String) -> Result<(), AnswerError> {
    unescape_with(text, |part| into.push_str(part))
}

fn unescape_with(text: &str, mut push: impl FnMut(&str)) -> Result<(), AnswerError> {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        push(&rest[..at]);
        let reference = &rest[at + 1..];
        let end = memchr::memchr(b';', reference.as_bytes()).ok_or_else(|| malformed("an open reference"))?;
        let resolved = resolve(&reference[..end]).ok_or_else(|| malformed("an unknown entity"))?;
        push(&resolved);
        rest = &reference[end + 1..];
    }
    push(rest);
    Ok(())
}

/// One of XML's five own entities, or a character reference.
fn resolve(name: &str) -> Option<Cow<'static, str>> {
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

/// Where the `>` of a start tag stands; one in an attribute's value is none.
fn end_of_tag(tag: &str) -> Option<usize> {
    let bytes = tag.as_bytes();
    let mut at = 1;
    loop {
        at += memchr::memchr3(b'>', b'"', b'\'', &bytes[at..])?;
        if bytes[at] == b'>' {
            return Some(at);
        }
        at += 2 + memchr::memchr(bytes[at], &bytes[at + 1..])?;
    }
}

fn until(text: &str, end: &str) -> Result<usize, AnswerError> {
    text.find(end).map(|at| at + end.len()).ok_or_else(|| malformed("it ends too early"))
}

fn malformed(reason: impl Into<String>) -> AnswerError {
    AnswerError::NotXml(reason.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::*;

    fn scan(document: &str) -> Result<Vec<(String, String)>, AnswerError> {
        let mut scanner = Scanner::of(document.as_bytes())?;
        let mut pieces = Vec::new();
        while let Some(piece) = scanner.next()? {
            let mut text = String::new();
            unescape(piece.text, &mut text)?;
            pieces.push((text, format!("{:?}", piece.markup)));
        }
        Ok(pieces)
    }

    /// Well-formed by quick-xml and by the rules that it leaves to its callers.
    fn oracle(document: &str) -> bool {
        let mut reader = Reader::from_str(document);
        let (mut depth, mut roots) = (0_usize, 0_usize);
        loop {
            match reader.read_event() {
                Err(_) | Ok(Event::DocType(_)) => return false,
                Ok(Event::Start(_)) => {
                    roots += usize::from(depth == 0);
                    depth += 1;
                }
                Ok(Event::Empty(_)) => roots += usize::from(depth == 0),
                Ok(Event::End(_)) => depth -= 1,
                Ok(Event::Text(text)) if depth == 0 && !text.trim_ascii().is_empty() => return false,
                Ok(Event::CData(_)) if depth == 0 => return false,
                Ok(Event::GeneralRef(name)) if depth == 0 || resolve(&name).is_none() => return false,
                Ok(Event::Eof) => return depth == 0 && roots <= 1,
                Ok(_) => {}
            }
        }
    }

    #[test]
    fn finds_tags_and_texts() {
        let pieces =
            scan("<?xml version='1.0'?><a x='>' y=\">/\">1 &lt; 2<b/><![CDATA[</a>]]>z<!-- <c> --></a >\n")
                .unwrap();
        let markup: Vec<&str> = pieces.iter().map(|(_, markup)| markup.as_str()).collect();
        assert_eq!(markup, ["Aside", "Open(\"a\")", "Empty(\"b\")", "Literal(\"</a>\")", "Aside", "Close"]);
        assert_eq!(pieces[2].0, "1 < 2");
        assert_eq!(pieces[4].0, "z");
    }

    #[test]
    fn refuses_what_is_not_well_formed() {
        for bad in [
            "<a>",
            "<a></b>",
            "</a>",
            "a",
            "<a/>b",
            "<a/><b/>",
            "<a>&x;</a>",
            "<a>&</a>",
            "<",
            "<a",
            "<a '",
            "< a/>",
            "<!DOCTYPE a><a/>",
            "<![CDATA[x]]>",
            "<a><!-- </a>",
            "<a><![CDATA[</a>",
        ] {
            assert!(scan(bad).is_err(), "{bad}");
        }
        assert!(scan(&"<a>".repeat(100)).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn agrees_with_quick_xml(parts in proptest::collection::vec(
            prop_oneof![
                Just("<a>"), Just("</a>"), Just("<b c='>'>"), Just("</b>"), Just("<d/>"), Just("x"), Just(" "),
                Just("&amp;"), Just("&#65;"), Just("&no;"), Just("<!-- - -->"), Just("<![CDATA[<a>]]>"),
                Just("<?p i?>"), Just("ñ"), Just("<!DOCTYPE a>"),
            ],
            0..14,
        )) {
            let document = parts.concat();
            prop_assert_eq!(scan(&document).is_ok(), oracle(&document), "{}", document);
        }

        #[test]
        fn never_panics(text in "[<>/!?&;'\"\\[\\]a-b -]{0,30}") {
            let _ = scan(&text);
        }
    }
}
