//! SubRip (`.srt`) becomes WebVTT. Pure.
//!
//! SubRip has no standard. What begins a cue is its line of times; the number before it does not matter, and all that
//! follows is its text, up to the next such line. Of the formatting bold, italics and underlining stay.

use std::fmt::Write;

/// A `<font …>` or `{\…}` that is longer than this many bytes is none.
const LONGEST_TAG: usize = 256;

/// The cues as WebVTT. None: this is not SubRip, or there is not a single cue in it.
pub(super) fn to_webvtt(text: &str) -> Option<String> {
    let mut vtt = "WEBVTT\n".to_owned();
    let (mut cue, mut number) = (None::<Cue>, None);
    // A line's end may be written in any way: empty lines mean nothing.
    for line in text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()) {
        if let Some((start, end)) = times(line) {
            number = None;
            cue.replace(Cue { start, end, text: String::new() }).unwrap_or_default().write(&mut vtt);
            continue;
        }
        if let Some(number) = number.take() {
            cue.as_mut()?.add(number);
        }
        // It belongs to the next cue, if one begins right after it.
        if line.bytes().all(|byte| byte.is_ascii_digit()) {
            number = Some(line);
        } else {
            cue.as_mut()?.add(line);
        }
    }
    let mut last = cue?;
    if let Some(number) = number {
        last.add(number);
    }
    last.write(&mut vtt);
    vtt.contains("-->").then_some(vtt)
}

/// Times in milliseconds, and text that is escaped already.
#[derive(Default)]
struct Cue {
    start: u64,
    end: u64,
    text: String,
}

impl Cue {
    fn add(&mut self, line: &str) {
        let before = self.text.len();
        escape(line, &mut self.text);
        // An empty line would end the cue.
        if self.text[before..].trim().is_empty() {
            self.text.truncate(before);
        } else {
            self.text.push('\n');
        }
    }

    /// Writes it, unless there is nothing to show, or no time to show it.
    fn write(self, vtt: &mut String) {
        if self.text.is_empty() || self.end <= self.start {
            return;
        }
        vtt.push('\n');
        for (time, after) in [(self.start, " --> "), (self.end, "\n")] {
            let (seconds, millis) = (time / 1000, time % 1000);
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
            // Writing to a text cannot fail.
            let _ = write!(vtt, "{hours:02}:{minutes:02}:{:02}.{millis:03}{after}", seconds % 60);
        }
        vtt.push_str(&self.text);
    }
}

/// `00:00:01,000 --> 00:00:02,500`, maybe with a place on the screen after it.
fn times(line: &str) -> Option<(u64, u64)> {
    let (start, rest) = line.split_once("-->")?;
    Some((millis(start.trim())?, millis(rest.split_whitespace().next()?)?))
}

/// `[hours:]minutes:seconds,fraction`, the fraction with a comma or a point before it.
fn millis(time: &str) -> Option<u64> {
    let (clock, fraction) = time.split_once([',', '.'])?;
    let mut places = clock.rsplit(':');
    let (seconds, minutes) = (number(places.next()?, 2)?, number(places.next()?, 2)?);
    let hours = places.next().map_or(Some(0), |hours| number(hours, 4))?;
    if places.next().is_some() || seconds > 59 || minutes > 59 {
        return None;
    }
    let tenfold = match fraction.len() {
        1 => 100,
        2 => 10,
        _ => 1,
    };
    Some(((hours * 60 + minutes) * 60 + seconds) * 1000 + number(fraction, 3)? * tenfold)
}

fn number(digits: &str, longest: usize) -> Option<u64> {
    let plain = digits.len() <= longest && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

/// A line of text as WebVTT has it.
fn escape(line: &str, vtt: &mut String) {
    let mut rest = line;
    while let Some(at) = rest.find(['<', '>', '&', '{']) {
        vtt.push_str(&rest[..at]);
        rest = &rest[at..];
        let (written, length) = marked(rest).unwrap_or(match rest.as_bytes()[0] {
            b'<' => ("&lt;", 1),
            b'>' => ("&gt;", 1),
            b'&' => ("&amp;", 1),
            _ => ("{", 1),
        });
        vtt.push_str(written);
        rest = &rest[length..];
    }
    vtt.push_str(rest);
}

/// What a tag or an entity at the beginning becomes, and how long it is.
fn marked(text: &str) -> Option<(&'static str, usize)> {
    const KEPT: [&str; 12] =
        ["<b>", "</b>", "<i>", "</i>", "<u>", "</u>", "&amp;", "&lt;", "&gt;", "&nbsp;", "&lrm;", "&rlm;"];
    let begins = |with: &str| text.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with));
    if let Some(kept) = KEPT.into_iter().find(|kept| begins(kept)) {
        return Some((kept, kept.len()));
    }
    // What WebVTT does not have is left out.
    let close = match () {
        () if ["<font>", "<font ", "</font>"].into_iter().any(begins) => b'>',
        () if begins("{\\") => b'}',
        () => return None,
    };
    let near = &text.as_bytes()[..text.len().min(LONGEST_TAG)];
    memchr::memchr(close, near).map(|at| ("", at + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn escaped(line: &str) -> String {
        let mut text = String::new();
        escape(line, &mut text);
        text
    }

    #[test]
    fn cues_in_their_order() {
        let srt = "1\r\n00:00:01,000 --> 00:00:02,500\r\nHello,\r\nworld\r\n\r\n2\r\n1:00:03.04 --> 01:00:04.5 X1:10 X2:20\r\n- ñ\r\n";
        let vtt =
            "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHello,\nworld\n\n01:00:03.040 --> 01:00:04.500\n- ñ\n";
        assert_eq!(to_webvtt(srt).as_deref(), Some(vtt));
        // The ends of lines of old Macs; no numbers; no hours.
        let odd = "00:01,000-->00:02,500\rHello,\rworld\r\r1:00:03,04 --> 01:00:04,5\r- ñ";
        assert_eq!(to_webvtt(odd).as_deref(), Some(vtt));
    }

    #[test]
    fn a_text_may_have_empty_lines_and_numbers() {
        let srt =
            "1\n00:00:01,000 --> 00:00:02,000\n\na\n\n42\nb\n\n2\n00:00:03,000 --> 00:00:04,000\n2024\n\n3\n";
        let vtt =
            "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\na\n42\nb\n\n00:00:03.000 --> 00:00:04.000\n2024\n3\n";
        assert_eq!(to_webvtt(srt).as_deref(), Some(vtt));
    }

    #[test]
    fn what_shows_nothing_is_left_out() {
        let srt = "1\n00:00:01,000 --> 00:00:02,000\n\n2\n00:00:03,000 --> 00:00:03,000\nx\n\n3\n00:00:05,000 --> 00:00:04,000\ny\n";
        assert_eq!(to_webvtt(srt), None);
        let more = format!("{srt}\n4\n00:00:06,000 --> 00:00:07,000\nz");
        assert_eq!(to_webvtt(&more).as_deref(), Some("WEBVTT\n\n00:00:06.000 --> 00:00:07.000\nz\n"));
    }

    #[test]
    fn what_is_no_subrip() {
        for odd in [
            "",
            "\n\n",
            "1",
            "1\n2\n00:00:01,000 --> 00:00:02,000\nx",
            "Hello\n1\n00:00:01,000 --> 00:00:02,000\nx",
            "[Script Info]\nTitle: x",
            "1\n00:00:61,000 --> 00:01:02,000\nx",
            "1\n00:00:01,0000 --> 00:01:02,000\nx",
            "1\n00:00:-1,000 --> 00:01:02,000\nx",
            "1\n99999:00:01,000 --> 99999:01:02,000\nx",
            "1\n::,  --> ::,\nx",
            "1\n00:00:01,000 --> \nx",
            "{1}{2}x",
            "<html>",
        ] {
            assert_eq!(to_webvtt(odd), None, "{odd}");
        }
    }

    #[test]
    fn formatting() {
        for (line, text) in [
            ("<i>a</I> <B>b</b>", "<i>a</i> <b>b</b>"),
            ("<font color=\"#f00\">red</font>", "red"),
            ("{\\an8}above", "above"),
            ("{x} {", "{x} {"),
            ("a & b &amp; c &nbsp;", "a &amp; b &amp; c &nbsp;"),
            ("1 < 2 --> 3", "1 &lt; 2 --&gt; 3"),
            ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
            ("<fonts>", "&lt;fonts&gt;"),
            ("<font without an end", "&lt;font without an end"),
            ("<", "&lt;"),
            ("<ñ&ñ", "&lt;ñ&amp;ñ"),
        ] {
            assert_eq!(escaped(line), text, "{line}");
        }
    }

    #[test]
    fn many_openings_take_no_time() {
        let srt = format!("1\n00:00:01,000 --> 00:00:02,000\n{}", "<font {\\".repeat(200_000));
        let begun = std::time::Instant::now();
        assert!(to_webvtt(&srt).is_some());
        assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    }

    proptest! {
        /// Whatever comes in: every cue is one, and no text can begin another or leave its own.
        #[test]
        fn nothing_breaks_out(text in "(1\n)?(00:00:01,000 --> 00:00:02,000\n)?[-<>&{}/a-cbiu\\\\ñ0-2:,\n\r ]{0,60}") {
            if let Some(vtt) = to_webvtt(&text) {
                let (head, cues) = vtt.split_once("\n\n").unwrap();
                prop_assert_eq!(head, "WEBVTT");
                for cue in cues.split("\n\n") {
                    let (first, text) = cue.split_once('\n').unwrap();
                    prop_assert!(times(first).is_some(), "{}", first);
                    prop_assert!(!text.contains("-->") && !text.trim().is_empty(), "{}", text);
                    let tags = ["<b>", "</b>", "<i>", "</i>", "<u>", "</u>"];
                    let bare = tags.iter().fold(text.to_owned(), |text, tag| text.replace(tag, ""));
                    prop_assert!(!bare.contains(['<', '>', '\r']), "{}", text);
                }
            }
        }
    }
}
