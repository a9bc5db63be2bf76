//! What is uploaded becomes WebVTT, which browsers show. Pure.

use std::borrow::Cow;

use super::srt;

/// The largest file that is taken, and the largest that may become of one, in bytes.
pub const LARGEST: usize = 10 * 1024 * 1024;

/// Why a file is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is larger than [`LARGEST`], or would become so.
    #[error("the file is larger than 10 MiB")]
    TooLarge,
    /// It cannot be read as text.
    #[error("the file is no text in UTF-8, nor in UTF-16 with a byte order mark")]
    NotText,
    /// It is text of another kind.
    #[error("the file is neither WebVTT nor SubRip (SRT) with at least one cue")]
    NeitherKind,
}

/// A file as WebVTT in UTF-8. WebVTT stays as it is, SubRip is converted.
///
/// # Errors
///
/// It is neither, or too large.
pub fn webvtt(file: &[u8]) -> Result<String, Unreadable> {
    match file.len() {
        0 => return Err(Unreadable::Empty),
        1..=LARGEST => {}
        _ => return Err(Unreadable::TooLarge),
    }
    let text = decode(file).ok_or(Unreadable::NotText)?;
    let vtt = if is_webvtt(&text) {
        // As a browser would read it.
        text.replace('\0', "\u{fffd}")
    } else {
        srt::to_webvtt(&text).ok_or(Unreadable::NeitherKind)?
    };
    if vtt.len() > LARGEST { Err(Unreadable::TooLarge) } else { Ok(vtt) }
}

fn is_webvtt(text: &str) -> bool {
    let after = text.strip_prefix("WEBVTT").map(|after| after.chars().next());
    after.is_some_and(|next| next.is_none_or(|next| matches!(next, ' ' | '\t' | '\n' | '\r')))
}

/// The text without its byte order mark.
fn decode(file: &[u8]) -> Option<Cow<'_, str>> {
    match file {
        [0xff, 0xfe, text @ ..] => utf16(text, u16::from_le_bytes),
        [0xfe, 0xff, text @ ..] => utf16(text, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, text @ ..] | text => std::str::from_utf8(text).ok().map(Cow::Borrowed),
    }
}

fn utf16(text: &[u8], unit: fn([u8; 2]) -> u16) -> Option<Cow<'_, str>> {
    let (units, rest) = text.as_chunks();
    let decoded = char::decode_utf16(units.iter().copied().map(unit)).collect::<Result<String, _>>();
    decoded.ok().filter(|_| rest.is_empty()).map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VTT: &str = "WEBVTT\n\n00:01.000 --> 00:02.000\nñ\u{1F600}\n";

    #[test]
    fn webvtt_stays_as_it_is() {
        for text in [VTT, "WEBVTT", "WEBVTT - a title\r\n", "WEBVTT\tx", "WEBVTT\r"] {
            assert_eq!(webvtt(text.as_bytes()).as_deref(), Ok(text));
        }
        assert_eq!(webvtt(b"WEBVTT\0").as_deref(), Err(&Unreadable::NeitherKind));
        assert_eq!(webvtt(b"WEBVTT\n\0").as_deref(), Ok("WEBVTT\n\u{fffd}"));
    }

    #[test]
    fn subrip_is_converted() {
        let srt = b"\xef\xbb\xbf1\n00:00:01,000 --> 00:00:02,000\nx\n";
        assert_eq!(webvtt(srt).as_deref(), Ok("WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nx\n"));
    }

    #[test]
    fn encodings() {
        let utf16 = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
            std::iter::once(0xfeff).chain(VTT.encode_utf16()).flat_map(unit).collect()
        };
        let (little, big) = (utf16(u16::to_le_bytes), utf16(u16::to_be_bytes));
        let marked = ["\u{feff}", VTT].concat();
        for file in [VTT.as_bytes(), marked.as_bytes(), &little, &big] {
            assert_eq!(webvtt(file).as_deref(), Ok(VTT));
        }
        for odd in
            [&little[..little.len() - 1], &b"\xff\xfe\x00\xd8"[..], b"WEBVTT\n\xf1", b"\xff", &little[2..3]]
        {
            assert!(matches!(webvtt(odd), Err(Unreadable::NotText | Unreadable::NeitherKind)), "{odd:?}");
        }
        assert_eq!(webvtt(b"WEBVTT\n\xf1"), Err(Unreadable::NotText));
        // Without its mark it looks like text, but is none of ours.
        assert_eq!(webvtt(&little[2..]), Err(Unreadable::NotText));
    }

    #[test]
    fn what_is_not_taken() {
        assert_eq!(webvtt(b""), Err(Unreadable::Empty));
        assert_eq!(webvtt(b"\xef\xbb\xbf"), Err(Unreadable::NeitherKind));
        for other in ["webvtt\n", "WEBVTTX", " WEBVTT", "[Script Info]", "PK\u{3}\u{4}", "hello"] {
            assert_eq!(webvtt(other.as_bytes()), Err(Unreadable::NeitherKind), "{other}");
        }
        let mut large = b"WEBVTT\n".to_vec();
        large.resize(LARGEST, b' ');
        assert!(webvtt(&large).is_ok());
        large.push(b' ');
        assert_eq!(webvtt(&large), Err(Unreadable::TooLarge));
        let mut growing = b"1\n00:00:01,000 --> 00:00:02,000\n".to_vec();
        growing.resize(LARGEST / 2, b'&');
        assert_eq!(webvtt(&growing), Err(Unreadable::TooLarge));
    }
}
