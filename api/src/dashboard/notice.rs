//! What became of a change, told by the next page.

use actix_web::HttpRequest;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::cookie;

/// Characters; a cookie holds 4096 bytes.
const LONGEST: usize = 300;
/// Seconds that the next page may take to come.
const LASTS: u64 = 60;

/// A sentence, and whether it is good news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) good: bool,
    pub(super) text: String,
}

impl Notice {
    pub(super) fn good(text: String) -> Self {
        Self { good: true, text }
    }

    pub(super) fn bad(text: String) -> Self {
        Self { good: false, text }
    }

    /// The cookie that carries it to the next page.
    pub(super) fn cookie(&self, request: &HttpRequest) -> String {
        let text: String = self.text.chars().take(LONGEST).collect();
        let mark = if self.good { '+' } else { '-' };
        let value = format!("{mark}{}", utf8_percent_encode(&text, NON_ALPHANUMERIC));
        cookie::set(request, cookie::NOTICE, &value, LASTS)
    }
}

/// What a request carries.
pub(super) fn of(request: &HttpRequest) -> Option<Notice> {
    let (good, text) = match cookie::get(request, cookie::NOTICE)?.split_at_checked(1)? {
        ("+", text) => (true, text),
        ("-", text) => (false, text),
        _ => return None,
    };
    let text = percent_decode_str(text).decode_utf8_lossy().chars().take(LONGEST).collect();
    Some(Notice { good, text })
}
