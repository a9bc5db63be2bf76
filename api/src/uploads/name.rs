//! What an upload may be called. Pure.

use std::fmt;

/// Longest name, in bytes. BigBlueButton's record IDs have 54.
const LONGEST: usize = 128;
const ENDINGS: [&str; 4] = [".tar", ".tar.gz", ".tgz", ".tar.zst"];

/// A file name that is safe to use: a record ID of letters, digits and `-`, and an ending of a tar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name(String);

impl Name {
    pub(super) fn parse(name: &str) -> Option<Self> {
        let id = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending))?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let is_id = id.bytes().all(plain) && id.bytes().any(|byte| byte.is_ascii_alphanumeric());
        (is_id && !id.starts_with('-') && name.len() <= LONGEST).then(|| Self(name.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tars_of_records_and_nothing_else() {
        let id = "a1d40231a2b0b82e1f2d6a4b9c9e9b1d2f3a4b5c-1504122319984";
        for name in
            ["a.tar", "A-1.tgz", &format!("{id}.tar"), &format!("{id}.tar.gz"), &format!("{id}.tar.zst")]
        {
            assert_eq!(Name::parse(name).unwrap().as_str(), name);
        }
        for name in [
            "",
            ".tar",
            "-.tar",
            "-a.tar",
            "a",
            "a.tar.part",
            "a.TAR",
            "../a.tar",
            "a/b.tar",
            "a\\b.tar",
            "a b.tar",
            "a\0.tar",
            "a\n.tar",
            ".a.tar",
            "a..tar",
            "a.b.tar",
            "ñ.tar",
            "a_b.tar",
            "a.tar/",
            "a.tar.tar",
            &format!("{}.tar", "x".repeat(125)),
        ] {
            assert_eq!(Name::parse(name), None, "{name:?}");
        }
    }
}
