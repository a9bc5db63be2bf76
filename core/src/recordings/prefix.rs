//! Texts that begin with something, as a range: databases find those with an index, and no character of the
//! prefix means anything to them.

/// The ranges of all texts that begin with one of these, each text in one of them only.
pub(super) fn ranges(prefixes: &[String]) -> Vec<(String, String)> {
    let mut prefixes: Vec<&str> = prefixes.iter().map(String::as_str).collect();
    // What begins with one of them comes right after it.
    prefixes.sort_unstable();
    prefixes.dedup_by(|later, first| later.starts_with(*first));
    prefixes.into_iter().map(range).collect()
}

/// All texts that begin with `prefix` are from the first of these on and before the second, compared byte by byte.
fn range(prefix: &str) -> (String, String) {
    (prefix.to_owned(), end(prefix))
}

/// What comes after all texts that begin with `prefix`: its last character made the next one. Where there is no
/// next one, the character before it is.
fn end(prefix: &str) -> String {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        if let Some(next) = next(last) {
            chars.push(next);
            return chars.into_iter().collect();
        }
    }
    // Nothing but the last of all characters: longer than the name of a directory can be.
    std::iter::repeat_n(char::MAX, prefix.chars().count() + 256).collect()
}

/// The next character; the surrogates between two of them are none.
fn next(c: char) -> Option<char> {
    match c {
        '\u{d7ff}' => Some('\u{e000}'),
        c => char::from_u32(u32::from(c) + 1),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_in(text: &str, (from, to): &(String, String)) -> bool {
        text.as_bytes() >= from.as_bytes() && text.as_bytes() < to.as_bytes()
    }

    #[test]
    fn at_the_edges() {
        assert_eq!(end("ab"), "ac");
        assert_eq!(end("a\u{d7ff}"), "a\u{e000}");
        assert_eq!(end("a\u{10ffff}"), "b");
        assert!(is_in("\u{10ffff}", &range("\u{10ffff}")));
        assert!(is_in("\u{10ffff}\u{10ffff}z", &range("\u{10ffff}")));
    }

    proptest! {
        #[test]
        fn no_text_is_in_two_ranges(
            prefixes in proptest::collection::vec("[a-b\u{10ffff}]{1,3}", 1..5),
            text in "[a-b\u{10ffff}]{0,5}",
        ) {
            let found = ranges(&prefixes).iter().filter(|range| is_in(&text, range)).count();
            let wanted = prefixes.iter().any(|prefix| text.starts_with(prefix));
            prop_assert_eq!(found, usize::from(wanted));
        }

        #[test]
        fn the_range_is_exact(prefix in "[a-b%_\u{7f}\u{7ff}\u{d7ff}\u{e000}\u{10ffff}]{1,3}", text in "[a-c%_\u{7f}\u{7ff}\u{d7ff}\u{e000}\u{10ffff}]{0,5}") {
            prop_assert_eq!(is_in(&text, &range(&prefix)), text.starts_with(&prefix));
        }
    }
}
