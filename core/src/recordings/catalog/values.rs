//! What is asked of the catalog, and what it answers.

use std::collections::HashMap;

use crate::recordings::model::{NewRecording, Recording, Shelf};

/// One page of `getRecordings`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The recordings of the page.
    pub recordings: Vec<Recording>,
    /// How many there are in all.
    pub total: u64,
}

/// What has to be known of a recording before its files are touched or shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The key of its row.
    pub id: i64,
    /// `recordID`.
    pub record_id: String,
    /// Whether it is published.
    pub published: bool,
    /// Its state.
    pub state: Option<String>,
    /// The names of its playback formats.
    pub formats: Vec<String>,
}

/// What is needed to play one format of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playback {
    /// Whether the recording is published.
    pub published: bool,
    /// Whether a link to it works once only.
    pub protected: bool,
    /// Path and query of the format's page.
    pub url: Option<String>,
}

/// An import that is ready to be recorded: everything that one tar held of one recording.
#[derive(Debug, Clone)]
pub struct Import<'a> {
    /// What the metadata of each of its formats says, at least one; the last one's word holds for the
    /// recording itself.
    pub formats: &'a [NewRecording],
    /// Where its files are now, from [`Catalog::shelf_for`](super::Catalog::shelf_for).
    pub shelf: Shelf,
    /// `PROTECTED_RECORDINGS_ENABLED`: holds for a new recording, an old one stays as it is.
    pub protected: bool,
    /// How many bytes were unpacked for it; a tar's bytes count once.
    pub bytes: u64,
}

impl Import<'_> {
    /// The trees that these imports are of, as JSON: pairs of format and recordID.
    pub(in crate::recordings) fn trees(imports: &[Self]) -> String {
        let formats = imports.iter().flat_map(|import| import.formats);
        let trees: Vec<_> =
            formats.map(|new| serde_json::json!([new.format.format, new.record_id])).collect();
        serde_json::Value::Array(trees).to_string()
    }
}

/// What an operator or a client changes of recordings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetadataChange {
    /// Metadata to set.
    pub set: Vec<(String, String)>,
    /// Keys of metadata to remove.
    pub remove: Vec<String>,
    /// Whether links to them are to work once only.
    pub protect: Option<bool>,
}

impl MetadataChange {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty() && self.protect.is_none()
    }
}

/// Where a tree of a recording is to be, whatever happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeWork {
    /// The key of its row.
    pub id: i64,
    /// The recording.
    pub record_id: String,
    /// The format.
    pub format: String,
    /// The shelf it belongs on; none: it is to be removed.
    pub shelf: Option<Shelf>,
}

/// Of each key its last value, in the order of the keys' first places.
pub(in crate::recordings) fn last_of_each(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    let mut kept: Vec<(&str, &str)> = Vec::with_capacity(pairs.len());
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(pairs.len());
    for (key, value) in pairs {
        match places.get(key.as_str()) {
            Some(&place) => kept[place].1 = value,
            None => {
                places.insert(key, kept.len());
                kept.push((key, value));
            }
        }
    }
    kept
}
