//! What FreeSWITCH asks.

use std::borrow::Cow;

use super::caller_id;
use super::escape::is_printable;

/// The longest number that can be called, in bytes.
const LONGEST_NUMBER: usize = 256;
/// Breakout rooms have their meeting's number and one digit more; numbers of this length or less are no breakout's.
const LONGEST_WITHOUT_BREAKOUT: usize = 5;

/// A request of FreeSWITCH's `mod_xml_curl`: the channel's variables as a form. What is no UTF-8 is replaced; a
/// caller may have chosen it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request<'a> {
    section: Cow<'a, str>,
    destination: Cow<'a, str>,
    pin: Cow<'a, str>,
    caller_name: Cow<'a, str>,
    hide_name: bool,
    hide_number: bool,
}

impl<'a> Request<'a> {
    /// Reads the query and the body; of a name in both the body's value counts, of a repeated one the last.
    #[must_use]
    pub fn parse(query: &'a [u8], body: &'a [u8]) -> Self {
        let mut request = Self::default();
        for (name, value) in form_urlencoded::parse(query).chain(form_urlencoded::parse(body)) {
            match name.as_ref() {
                "section" => request.section = value,
                "Caller-Destination-Number" => request.destination = value,
                "variable_pin" => request.pin = value,
                "Caller-Caller-ID-Name" => request.caller_name = value,
                "Caller-Privacy-Hide-Name" => request.hide_name = value == "true",
                "Caller-Privacy-Hide-Number" => request.hide_number = value == "true",
                _ => {}
            }
        }
        request
    }

    /// The number that was called, if the request is about a call, and one to a number that there can be.
    #[must_use]
    pub fn destination(&self) -> Option<&str> {
        let number = self.destination.as_ref();
        let can_be = !number.trim().is_empty() && number.len() <= LONGEST_NUMBER && is_printable(number);
        (self.section == "dialplan" && can_be).then_some(number)
    }

    /// What the caller has entered; none before the prompt.
    #[must_use]
    pub fn pin(&self) -> Option<&str> {
        Some(self.pin.as_ref()).filter(|pin| !pin.trim().is_empty())
    }

    /// The voice bridge numbers that the caller may mean, in their order: what was entered and, as it may be a
    /// breakout room's, the same without its last digit.
    pub fn voice_bridges(&self) -> impl Iterator<Item = &str> {
        // Whatever else comes here was not entered at a telephone.
        let digits = self.pin().filter(|pin| pin.bytes().all(|b| b.is_ascii_digit()));
        let shorter = digits.filter(|pin| pin.len() > LONGEST_WITHOUT_BREAKOUT);
        digits.into_iter().chain(shorter.map(|pin| &pin[..pin.len() - 1]))
    }

    /// The name to show for the caller.
    #[must_use]
    pub fn caller_id(&self) -> String {
        caller_id::shown(&self.caller_name, self.hide_name, self.hide_number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> Request<'_> {
        Request::parse(b"", body.as_bytes())
    }

    #[test]
    fn the_number_called() {
        let called = |body| of(body).destination().map(str::to_owned);
        assert_eq!(called("section=dialplan&Caller-Destination-Number=%2B1555").as_deref(), Some("+1555"));
        for body in [
            "",
            "section=directory&Caller-Destination-Number=1",
            "section=dialplan",
            "section=dialplan&Caller-Destination-Number=",
            "section=dialplan&Caller-Destination-Number=+",
            "section=dialplan&Caller-Destination-Number=1%0A2",
            "section=dialplan&Caller-Destination-Number=1%00",
        ] {
            assert_eq!(called(body), None, "{body}");
        }
        assert_eq!(called(&format!("section=dialplan&Caller-Destination-Number={}", "1".repeat(257))), None);
    }

    #[test]
    fn the_body_counts_more_than_the_query() {
        let request =
            Request::parse(b"section=x&variable_pin=1", b"section=dialplan&Caller-Destination-Number=5");
        assert_eq!((request.destination(), request.pin()), (Some("5"), Some("1")));
    }

    #[test]
    fn numbers_that_may_be_meant() {
        let numbers = |pin: &str| {
            of(&format!("variable_pin={pin}")).voice_bridges().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(numbers("12345"), ["12345"]);
        assert_eq!(numbers("123456"), ["123456", "12345"]);
        assert!(numbers("").is_empty());
        assert!(numbers("12a456").is_empty());
        assert!(numbers("%D9%A1%D9%A2%D9%A3%D9%A4%D9%A5%D9%A6").is_empty());
        assert!(numbers("123456@evil").is_empty());
    }

    #[test]
    fn what_is_no_utf_8_is_no_reason_to_hang_up() {
        let request =
            of("section=dialplan&Caller-Destination-Number=5&Caller-Caller-ID-Name=Jos%E9&other=%FF");
        assert_eq!(request.destination(), Some("5"));
        assert_eq!(request.caller_id(), "Jos\u{FFFD}");
    }
}
