//! What came back: status, headers and XML.

use reqwest::header::HeaderMap;

/// An answer of the front end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: String,
}

impl Answer {
    /// The text of the first element of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<String> {
        texts(&self.body, name).into_iter().next()
    }

    /// The texts of all elements of that name.
    #[must_use]
    pub fn fields(&self, name: &str) -> Vec<String> {
        texts(&self.body, name)
    }

    /// The text of an element that must be there.
    #[must_use]
    #[track_caller]
    pub fn text(&self, name: &str) -> String {
        self.field(name).unwrap_or_else(|| panic!("no <{name}> in {self:?}"))
    }

    /// One header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether it is a `SUCCESS`.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.field("returncode").as_deref() == Some("SUCCESS")
    }

    /// It is a `SUCCESS`, in well-formed XML.
    #[track_caller]
    pub fn assert_success(&self) -> &Self {
        self.assert_xml();
        assert!(self.is_success(), "no SUCCESS: {self:?}");
        self
    }

    /// The first element of that name has this text.
    #[track_caller]
    pub fn assert_text(&self, name: &str, expected: &str) {
        assert_eq!(self.text(name), expected, "<{name}> in {self:?}");
    }

    /// It is a `FAILED` of that key and message, in well-formed XML and nothing else.
    #[track_caller]
    pub fn assert_failed(&self, key: &str, message: &str) {
        self.assert_xml();
        let told = ["returncode", "messageKey", "message"].map(|name| self.text(name));
        assert_eq!(told, ["FAILED", key, message], "{self:?}");
    }

    /// It is well-formed XML in an answer as all are (CONTRACT §2).
    #[track_caller]
    pub fn assert_xml(&self) {
        assert_eq!(self.status, 200, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/xml; charset=utf-8"), "{self:?}");
        assert_well_formed(&self.body);
    }

    /// The redirect's target.
    #[track_caller]
    pub fn location(&self) -> &str {
        assert_eq!(self.status, 302, "{self:?}");
        self.header("location").unwrap_or_else(|| panic!("no Location: {self:?}"))
    }
}

/// The texts of all elements of that name, entities resolved.
#[must_use]
pub fn texts(xml: &str, name: &str) -> Vec<String> {
    let (open, close, empty) = (format!("<{name}>"), format!("</{name}>"), format!("<{name}/>"));
    let mut found = Vec::new();
    let mut rest = xml;
    loop {
        let (full, none) = (rest.find(&open), rest.find(&empty));
        match (full, none) {
            (Some(at), none) if none.is_none_or(|none| at < none) => {
                let inner = &rest[at + open.len()..];
                let Some(end) = inner.find(&close) else { return found };
                found.push(plain(&inner[..end]));
                rest = &inner[end + close.len()..];
            }
            (_, Some(at)) => {
                found.push(String::new());
                rest = &rest[at + empty.len()..];
            }
            _ => return found,
        }
    }
}

fn plain(text: &str) -> String {
    match text.trim().strip_prefix("<![CDATA[").and_then(|text| text.strip_suffix("]]>")) {
        Some(literal) => literal.to_owned(),
        None => {
            quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
        }
    }
}

/// It is one whole XML document.
#[track_caller]
pub fn assert_well_formed(xml: &str) {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(xml);
    let (mut depth, mut roots) = (0_usize, 0_usize);
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) => {
                roots += usize::from(depth == 0);
                depth += 1;
            }
            Ok(Event::Empty(_)) => roots += usize::from(depth == 0),
            Ok(Event::End(_)) => depth -= 1,
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => panic!("no well-formed XML ({error}): {xml}"),
        }
    }
    assert_eq!((depth, roots), (0, 1), "not one whole XML document: {xml}");
}
