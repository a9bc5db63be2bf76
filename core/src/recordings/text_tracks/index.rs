//! `captions.json`: the list of a tree's text tracks that BigBlueButton's page reads. Pure.
//!
//! Of each track that page knows a `locale`, which also is a part of its file's name, and a `localeName`. What else
//! the API tells is beside them: `kind`, `lang` and `source`, which only entries of ours have.

use serde_json::{Value, json};

use super::track::{Listed, NewTrack};
use crate::recordings::store::is_plain;

/// The name of the list in its tree.
pub(super) const NAME: &str = "captions.json";
/// The largest list that is read, in bytes.
pub(super) const LARGEST: u64 = 1024 * 1024;
/// More tracks than these are not put to one tree.
const MOST_TRACKS: usize = 200;

/// Where a track is from that was put here, …
const UPLOAD: &str = "upload";
/// … and one that the recording came with.
const LIVE: &str = "live";

/// The list. Entries that mean nothing here are kept as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Index {
    entries: Vec<Value>,
}

impl Index {
    /// Reads a list.
    pub(super) fn parse(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok().map(|entries| Self { entries })
    }

    /// The list as a file.
    pub(super) fn to_json(&self) -> Vec<u8> {
        json!(self.entries).to_string().into_bytes()
    }

    /// The tracks that have a file of a plain name.
    pub(super) fn tracks(&self) -> impl Iterator<Item = Listed> {
        self.entries.iter().filter_map(listed)
    }

    /// The tracks that were put here.
    pub(super) fn uploaded(&self) -> impl Iterator<Item = Listed> {
        self.tracks().filter(|track| track.source == UPLOAD)
    }

    /// Puts a track into the list, in place of one of its kind and language; gives the name of its file. None: there
    /// are too many.
    pub(super) fn put(&mut self, track: &NewTrack) -> Option<String> {
        let same = |listed: &Listed| {
            listed.kind == track.kind.name() && same_language(&listed.lang, track.language.as_str())
        };
        let at = self.entries.iter().position(|entry| listed(entry).is_some_and(|listed| same(&listed)));
        let locale = match at {
            // Where a page looks for it already.
            Some(at) => text(&self.entries[at], "locale").unwrap_or_default().to_owned(),
            None if self.entries.len() >= MOST_TRACKS => return None,
            None => self.free_locale(track),
        };
        let file = file(&locale);
        let entry = json!({
            "localeName": track.label,
            "locale": locale,
            "kind": track.kind.name(),
            "lang": track.language.as_str(),
            "source": UPLOAD,
        });
        match at {
            Some(at) => self.entries[at] = entry,
            None => self.entries.push(entry),
        }
        Some(file)
    }

    /// The language; or, where the page has a track of another kind there, one that says the kind, too.
    fn free_locale(&self, track: &NewTrack) -> String {
        let (language, kind) = (track.language.as_str(), track.kind.short());
        let is_taken = |locale: &str| {
            let mut locales = self.entries.iter().filter_map(|entry| text(entry, "locale"));
            locales.any(|taken| same_language(taken, locale))
        };
        let mut locale = language.to_owned();
        if is_taken(&locale) {
            let private = if language.starts_with("x-") || language.contains("-x-") { "" } else { "-x" };
            locale = format!("{language}{private}-{kind}");
        }
        locale
    }
}

fn text<'a>(entry: &'a Value, key: &str) -> Option<&'a str> {
    entry.get(key)?.as_str()
}

fn listed(entry: &Value) -> Option<Listed> {
    let locale = text(entry, "locale").filter(|locale| !locale.is_empty())?;
    let file = file(locale);
    is_plain(&file).then(|| Listed {
        kind: text(entry, "kind").unwrap_or("captions").to_owned(),
        lang: text(entry, "lang").map_or_else(|| locale.replace('_', "-"), str::to_owned),
        label: text(entry, "localeName").unwrap_or(locale).to_owned(),
        source: text(entry, "source").unwrap_or(LIVE).to_owned(),
        file,
    })
}

/// Where the page looks for a track.
fn file(locale: &str) -> String {
    format!("caption_{locale}.vtt")
}

/// Whether two tags mean the same, with hyphens or, as older recordings have it, underscores.
fn same_language(one: &str, other: &str) -> bool {
    let plain = |byte: u8| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    one.bytes().map(plain).eq(other.bytes().map(plain))
}

#[cfg(test)]
mod tests {
    use super::super::track::{Kind, Language};
    use super::*;

    fn index(entries: &Value) -> Index {
        Index::parse(entries.to_string().as_bytes()).unwrap()
    }

    fn track(kind: Kind, lang: &str, label: &str) -> NewTrack {
        NewTrack::new(kind, Language::parse(lang).unwrap(), label)
    }

    fn read(index: &Index) -> Value {
        serde_json::from_slice(&index.to_json()).unwrap()
    }

    #[test]
    fn what_the_recording_came_with_is_listed_and_stays() {
        let came = json!([{"localeName": "English", "locale": "en"}, {"localeName": "Português", "locale": "pt_BR", "x": 1}, 7]);
        let mut index = index(&came);
        let told: Vec<_> = index.tracks().map(|t| (t.file, t.kind, t.lang, t.label, t.source)).collect();
        let expected = [
            ("caption_en.vtt", "captions", "en", "English", "live"),
            ("caption_pt_BR.vtt", "captions", "pt-BR", "Português", "live"),
        ];
        let expected = expected.map(|(file, kind, lang, label, source)| {
            (file.to_owned(), kind.to_owned(), lang.to_owned(), label.to_owned(), source.to_owned())
        });
        assert_eq!(told, expected);
        assert_eq!(index.uploaded().count(), 0);

        assert_eq!(
            index.put(&track(Kind::Captions, "de-at", "Deutsch")).as_deref(),
            Some("caption_de-AT.vtt")
        );
        let own = json!({"localeName": "Deutsch", "locale": "de-AT", "kind": "captions", "lang": "de-AT", "source": "upload"});
        assert_eq!(read(&index), json!([came[0], came[1], came[2], own]));
        assert_eq!(index.uploaded().map(|track| track.lang).collect::<Vec<_>>(), ["de-AT"]);
    }

    #[test]
    fn one_track_of_a_kind_and_language() {
        let mut index =
            index(&json!([{"localeName": "x", "locale": "pt_BR"}, {"localeName": "y", "locale": "fr"}]));
        for label in ["first", "second"] {
            let file = index.put(&track(Kind::Captions, "pt-BR", label));
            assert_eq!(file.as_deref(), Some("caption_pt_BR.vtt"), "the page looks there");
        }
        let labels: Vec<_> = index.tracks().map(|track| track.label).collect();
        assert_eq!(labels, ["second", "y"]);
    }

    #[test]
    fn two_kinds_of_one_language_have_two_files() {
        let mut index = Index::default();
        let mut put = |kind, lang| index.put(&track(kind, lang, "")).unwrap();
        for _ in 0..2 {
            assert_eq!(put(Kind::Captions, "en"), "caption_en.vtt");
            assert_eq!(put(Kind::Subtitles, "en"), "caption_en-x-subtitle.vtt");
            assert_eq!(put(Kind::Subtitles, "de-x-a"), "caption_de-x-a.vtt");
            assert_eq!(put(Kind::Captions, "de-x-a"), "caption_de-x-a-captions.vtt");
        }
        let langs: Vec<_> = index.tracks().map(|track| (track.kind, track.lang)).collect();
        assert_eq!(langs.len(), 4);
        assert_eq!(langs[1], ("subtitles".to_owned(), "en".to_owned()));
        assert!(Language::parse("en-x-subtitle").is_some() && Language::parse("de-x-a-captions").is_some());
    }

    #[test]
    fn names_that_lead_out_are_not_listed() {
        for odd in ["../../x", "a/b", "", "a\\b", "a\nb", &"x".repeat(300)] {
            let index = index(&json!([{"localeName": "x", "locale": odd, "source": "upload"}]));
            assert_eq!(index.tracks().count(), 0, "{odd}");
        }
    }

    #[test]
    fn what_is_no_list() {
        for odd in ["", "{}", "x", "[", "null"] {
            assert_eq!(Index::parse(odd.as_bytes()), None, "{odd}");
        }
        assert_eq!(Index::parse(b"[]"), Some(Index::default()));
    }

    #[test]
    fn not_too_many() {
        let mut index = Index::default();
        let put = |index: &mut Index, n: usize| index.put(&track(Kind::Captions, &format!("x-{n}"), ""));
        assert!((0..MOST_TRACKS).all(|n| put(&mut index, n).is_some()));
        assert_eq!(put(&mut index, MOST_TRACKS), None);
        assert!(put(&mut index, 0).is_some(), "in place of another one");
        assert!(index.to_json().len() as u64 <= LARGEST);
    }
}
