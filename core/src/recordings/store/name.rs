//! The name of a tree: two directories, whose names come from outside.

use std::path::PathBuf;

/// Longest name of a file on the usual file systems, in bytes.
const LONGEST: usize = 255;

/// A format or a recording has a name that cannot be a directory's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot be the name of a recording's directory or file")]
pub struct NameError(String);

/// `<format>/<record id>`: both plain names of directories that are not hidden.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TreeName {
    format: String,
    record_id: String,
}

impl TreeName {
    /// The tree of that format and recording.
    ///
    /// # Errors
    ///
    /// One of the two is empty, begins with a dot, holds a slash, a backslash or a control character, or is
    /// longer than 255 bytes.
    pub fn new(format: &str, record_id: &str) -> Result<Self, NameError> {
        Ok(Self { format: plain(format)?.to_owned(), record_id: plain(record_id)?.to_owned() })
    }

    /// The format.
    #[must_use]
    pub fn format(&self) -> &str {
        &self.format
    }

    /// The recording.
    #[must_use]
    pub fn record_id(&self) -> &str {
        &self.record_id
    }

    /// The path below a shelf.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        PathBuf::from(&self.format).join(&self.record_id)
    }
}

impl std::fmt::Display for TreeName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.format, self.record_id)
    }
}

/// Whether a file of a tree may have that name.
pub(in crate::recordings) fn is_plain(name: &str) -> bool {
    plain(name).is_ok()
}

pub(super) fn plain(name: &str) -> Result<&str, NameError> {
    let odd = |c: char| c == '/' || c == '\\' || c.is_control();
    if name.is_empty() || name.len() > LONGEST || name.starts_with('.') || name.contains(odd) {
        return Err(NameError(name.to_owned()));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names() {
        let long = "a".repeat(256);
        for odd in ["", ".", "..", ".hidden", "a/b", "/a", "a\\b", "a\0b", "a\nb", &long] {
            assert_eq!(TreeName::new("video", odd), Err(NameError(odd.to_owned())));
            assert_eq!(TreeName::new(odd, "id"), Err(NameError(odd.to_owned())));
        }
        let tree = TreeName::new("presentation", "b27a-1504122319984 ñ..x").unwrap();
        assert_eq!(tree.path(), PathBuf::from("presentation/b27a-1504122319984 ñ..x"));
    }
}
