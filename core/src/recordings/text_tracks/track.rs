//! What a text track is: its kind, its language and its label.

use language_tags::LanguageTag;

use crate::recordings::store::TreeName;

/// Longest tag of a language, in bytes. It becomes a part of a file's name.
const LONGEST_LANGUAGE: usize = 100;
/// Longest label, in characters.
const LONGEST_LABEL: usize = 200;

/// What a track is for, as HTML has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What is spoken, in another language.
    Subtitles,
    /// What is to be heard, for those who do not hear it.
    Captions,
}

impl Kind {
    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Subtitles, Self::Captions].into_iter().find(|kind| kind.name() == name)
    }

    /// `subtitles` or `captions`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Subtitles => "subtitles",
            Self::Captions => "captions",
        }
    }

    /// A name that fits into a tag of a language, where no part is longer than 8 characters.
    pub(super) fn short(self) -> &'static str {
        match self {
            Self::Subtitles => "subtitle",
            Self::Captions => "captions",
        }
    }
}

/// A well-formed tag of a language (BCP 47) in its usual spelling: `en-US`. Nothing but letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language(String);

impl Language {
    /// Reads a tag of at most 100 bytes.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let plain = tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !plain || tag.len() > LONGEST_LANGUAGE {
            return None;
        }
        LanguageTag::parse(tag).ok().map(|tag| Self(tag.into_string()))
    }

    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A track that is to be put to a recording, in place of one of the same kind and language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTrack {
    /// Its kind.
    pub kind: Kind,
    /// Its language.
    pub language: Language,
    /// What a viewer chooses it by.
    pub label: String,
}

impl NewTrack {
    /// A track with that label, or its language where that is empty. Of a label 200 characters are kept, and no
    /// control characters.
    #[must_use]
    pub fn new(kind: Kind, language: Language, label: &str) -> Self {
        let label = label.trim().chars().filter(|c| !c.is_control()).take(LONGEST_LABEL);
        let mut label: String = label.collect();
        if label.is_empty() {
            label = language.0.clone();
        }
        Self { kind, language, label }
    }
}

/// A track that a recording has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextTrack {
    /// The tree that its file is in.
    pub tree: TreeName,
    /// What is known of it.
    pub listed: Listed,
}

/// A track as the list of a tree has it. The texts are from whoever made that list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The name of its file, a plain one.
    pub file: String,
    /// `subtitles` or `captions`.
    pub kind: String,
    /// The tag of its language.
    pub lang: String,
    /// What a viewer chooses it by.
    pub label: String,
    /// Where it is from: `upload`, or `live` for what the recording came with.
    pub source: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_well_formed() {
        for (tag, usual) in [
            ("en", "en"),
            ("en-us", "en-US"),
            ("PT-br", "pt-BR"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("i-klingon", "i-klingon"),
            ("x-own", "x-own"),
            ("de-x-Plain", "de-x-plain"),
        ] {
            assert_eq!(Language::parse(tag).as_ref().map(Language::as_str), Some(usual), "{tag}");
        }
        let long = format!("en-x{}", "-abcdefg".repeat(20));
        for odd in [
            "",
            "e",
            "en_US",
            "en-",
            "-en",
            "en--US",
            "../en",
            "en/x",
            "en US",
            "é",
            "en-\u{e9}",
            "*",
            "x-",
            "123",
            &long,
        ] {
            assert_eq!(Language::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_label_is_one_line_of_some_length() {
        let label = |given| NewTrack::new(Kind::Captions, Language("en".to_owned()), given).label;
        assert_eq!(label(" English <b>&\n "), "English <b>&");
        assert_eq!(label("a\n\u{1b}b"), "ab");
        assert_eq!(label(" \r\n"), "en");
        assert_eq!(label(&"ñ".repeat(300)), "ñ".repeat(200));
    }

    #[test]
    fn there_are_two_kinds() {
        for kind in [Kind::Subtitles, Kind::Captions] {
            assert_eq!(Kind::parse(kind.name()), Some(kind));
            assert!(kind.short().len() <= 8);
        }
        for odd in ["", "Captions", "chapters", "subtitle"] {
            assert_eq!(Kind::parse(odd), None, "{odd}");
        }
    }
}
