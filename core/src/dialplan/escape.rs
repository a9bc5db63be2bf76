//! FreeSWITCH's rules for text that must stay text.
//!
//! It replaces `${name}` and even `${function(arguments)}` wherever it *expands* a text (`switch_event_expand_headers`).
//! A backslash before `$` prevents that, so backslashes are escaped as well; a `$` that no `{` follows must not be, or
//! FreeSWITCH does not look for escapes at all. How often a text is expanded depends on where it stands.

/// Text in the data of an application, which is expanded when it is executed.
pub(super) fn once(text: &str) -> String {
    expanded(&printable(text))
}

/// The value of a variable: the application `set` expands it once more (`base_set` in `mod_dptools`).
pub(super) fn twice(text: &str) -> String {
    expanded(&once(text))
}

/// A regular expression that this text alone matches.
///
/// `$` and `(` are written as numbers: of several `$` an expansion keeps one, and where an expression has a `(`,
/// FreeSWITCH replaces `$1` and the like in all that follows by what the caller has dialled.
pub(super) fn regex(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '$' | '(' | '\0'..='\x1F' | '\x7F' => pattern.push_str(&format!("\\x{:02X}", u32::from(c))),
            '[' | ']' | '{' | '}' | ')' | '|' | '-' | '*' | '.' | '\\' | '?' | '+' | '^' | '#' | ' ' => {
                pattern.extend(['\\', c]);
            }
            c if is_plain(c) => pattern.push(c),
            // No number that can be called.
            _ => pattern.push('.'),
        }
    }
    format!("^{}$", expanded(&pattern))
}

/// Whether FreeSWITCH and XML take all characters of the text as they are.
pub(super) fn is_printable(text: &str) -> bool {
    text.chars().all(is_plain)
}

/// The text with a space for each control character: one may begin a new line somewhere on the way to a telephone.
fn printable(text: &str) -> String {
    text.chars().map(|c| if is_plain(c) { c } else { ' ' }).collect()
}

fn is_plain(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}' | '\u{2028}' | '\u{2029}')
}

fn expanded(text: &str) -> String {
    text.replace('\\', "\\\\").replace("${", "\\${")
}
