//! What the texts mean: numbers, times, links.

use url::Url;

use super::MetadataError;
use crate::recordings::model::Micros;

/// The last millisecond of the year 9999: what comes later is no time.
const LAST_MILLISECOND: i64 = 253_402_300_799_999;

/// The number that a text begins with, as Ruby's `to_i` reads it; none where there is none, or no text.
fn number(text: Option<&str>) -> Option<i64> {
    let text = text?.trim_start();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut digits = digits.bytes().take_while(u8::is_ascii_digit).peekable();
    digits.peek()?;
    let value =
        digits.fold(0_i64, |value, digit| value.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    Some(if negative { -value } else { value })
}

/// A number that the database holds in 32 bits.
pub(super) fn int32(element: &'static str, text: Option<&str>) -> Result<Option<i32>, MetadataError> {
    let Some(value) = number(text) else { return Ok(None) };
    let value = i32::try_from(value).map_err(|_| MetadataError::OutOfRange { element, value })?;
    Ok(Some(value))
}

/// A moment, from milliseconds since 1970.
pub(super) fn time(element: &'static str, text: Option<&str>) -> Result<Option<Micros>, MetadataError> {
    match number(text) {
        Some(value) if !(0..=LAST_MILLISECOND).contains(&value) => {
            Err(MetadataError::OutOfRange { element, value })
        }
        value => Ok(value.map(Micros::from_millis)),
    }
}

/// Minutes, rounded, from milliseconds.
pub(super) fn minutes(element: &'static str, text: Option<&str>) -> Result<Option<i32>, MetadataError> {
    const MINUTE: i64 = 60_000;
    let Some(value) = number(text) else { return Ok(None) };
    // Half a minute counts as one, and half a minute less than none as one less.
    let rounded = value.saturating_add(value.signum() * MINUTE / 2) / MINUTE;
    let rounded = i32::try_from(rounded).map_err(|_| MetadataError::OutOfRange { element, value })?;
    Ok(Some(rounded))
}

/// Path and query of a link; none where there is no link.
pub(super) fn path_and_query(element: &'static str, link: &str) -> Result<Option<String>, MetadataError> {
    Ok(web_address(element, link)?.map(|url| match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }))
}

/// The path of a link; none where there is no link.
pub(super) fn path(element: &'static str, link: &str) -> Result<Option<String>, MetadataError> {
    Ok(web_address(element, link)?.map(|url| url.path().to_owned()))
}

/// The host does not matter, so it may be missing.
fn web_address(element: &'static str, link: &str) -> Result<Option<Url>, MetadataError> {
    if link.is_empty() {
        return Ok(None);
    }
    let wrong = || MetadataError::Link { element, value: link.chars().take(200).collect() };
    let parsed = match Url::parse(link) {
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            Url::parse("http://any.invalid/").and_then(|any| any.join(link))
        }
        parsed => parsed,
    };
    let url = parsed.map_err(|_| wrong())?;
    if matches!(url.scheme(), "http" | "https") { Ok(Some(url)) } else { Err(wrong()) }
}
