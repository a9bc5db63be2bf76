//! What operators do to servers and meetings, by task or by the management API (CONTRACT §12, §13).

pub mod api_url;
pub mod bounds;
pub mod ending;
pub mod numbers;

/// A server's tag as an operator writes it; an empty one is none.
#[must_use]
pub fn tag(text: &str) -> Option<String> {
    Some(text.trim()).filter(|tag| !tag.is_empty()).map(str::to_owned)
}
