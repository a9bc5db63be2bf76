//! The name that a caller is shown by.

/// For who has no name or hides it.
const UNAVAILABLE: &str = "Unavailable";
/// This many digits at the end of a number are not shown.
const HIDDEN_DIGITS: usize = 4;
/// More characters are not shown.
const LONGEST: usize = 256;

/// The name a caller is shown by. A number in place of a name loses its last digits.
pub(super) fn shown(name: &str, hide_name: bool, hide_number: bool) -> String {
    let digits = name.strip_prefix('+').unwrap_or(name);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let hidden = if is_number { hide_number } else { hide_name };
    if hidden || name.trim().is_empty() {
        return UNAVAILABLE.to_owned();
    }
    let shown: String = name.chars().take(LONGEST).collect();
    if !is_number {
        return shown;
    }
    let kept = shown.len() - HIDDEN_DIGITS.min(digits.len());
    format!("{}{}", &shown[..kept], "X".repeat(shown.len() - kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_pass_and_numbers_are_masked() {
        for (name, hide_name, hide_number, expected) in [
            ("Ada Lovelace", false, true, "Ada Lovelace"),
            ("Ada Lovelace", true, false, "Unavailable"),
            ("15551234567", true, false, "1555123XXXX"),
            ("15551234567", false, true, "Unavailable"),
            ("+15551234567", false, false, "+1555123XXXX"),
            ("1234", false, false, "XXXX"),
            ("12", false, false, "XX"),
            ("+12", false, false, "+XX"),
            ("+", false, false, "+"),
            ("1-2", false, false, "1-2"),
            ("١٢٣٤٥", false, false, "١٢٣٤٥"),
            ("", false, false, "Unavailable"),
            (" ", false, false, "Unavailable"),
        ] {
            assert_eq!(shown(name, hide_name, hide_number), expected, "{name:?}");
        }
        assert_eq!(shown(&"é".repeat(1000), false, false).chars().count(), LONGEST);
    }

    #[test]
    fn no_long_number_is_shown_whole() {
        let number = "7".repeat(1000);
        assert!(shown(&number, false, false).ends_with("7XXXX"));
    }
}
