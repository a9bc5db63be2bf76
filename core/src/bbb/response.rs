//! Reading a server's answer: bounded, streaming, no entity expansion (CONTRACT §2).

use super::error::BbbError;
pub use super::markup::AnswerError;
use super::markup::{Markup, Scanner, unescape};

/// The texts of the elements directly below `response` that are asked for.
///
/// The whole document is read, so that what is passed on is known to be well-formed. A document type
/// is refused: it could define entities for whoever reads the answer next.
pub fn top_level<const N: usize>(xml: &[u8], wanted: [&str; N]) -> Result<[Option<String>; N], AnswerError> {
    let mut scanner = Scanner::of(xml)?;
    let mut found: [Option<String>; N] = [const { None }; N];
    let mut current: Option<usize> = None;
    let mut rooted = false;
    while let Some(piece) = scanner.next()? {
        let text = current.and_then(|index| found[index].as_mut());
        if let Some(text) = text {
            unescape(piece.text, text)?;
            if let Markup::Literal(literal) = piece.markup {
                text.push_str(literal);
            }
        }
        match (piece.markup, scanner.depth()) {
            (Markup::Open("response"), 1) => rooted = true,
            (Markup::Open(_), 1) | (Markup::Empty(_), 0) => return Err(AnswerError::NoReturncode),
            (Markup::Open(name), 2) => {
                current = wanted.iter().position(|wanted| *wanted == name);
                if let Some(index) = current {
                    found[index].get_or_insert_default();
                }
            }
            (Markup::Close, ..=1) => current = None,
            _ => {}
        }
    }
    if rooted { Ok(found) } else { Err(AnswerError::NoReturncode) }
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
