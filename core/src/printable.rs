//! Texts from outside, as a terminal or a log may show them: on one line, and nothing that controls what shows it.

/// The character itself, or U+FFFD for one that a terminal takes for a command, that begins another line, or that
/// makes others appear in another order.
#[must_use]
pub fn shown(c: char) -> char {
    let reorders = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || reorders { char::REPLACEMENT_CHARACTER } else { c }
}

/// The text, each character as it is [`shown`].
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_controls_a_terminal() {
        assert_eq!(
            printable("a\nb\u{1b}[2J\u{9b}\u{202e}\0\u{e4}\u{1f600}"),
            "a\u{fffd}b\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}\u{e4}\u{1f600}"
        );
    }
}
