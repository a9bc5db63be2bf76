//! Where something stands in a YAML text. The parser tells that of errors only, so reading the text once more ends in one
//! there. Pure.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

/// A line and a column, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    line: usize,
    column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)
    }
}

/// The place of a key in mappings within mappings: `[0, 2]` is the third key below the first one of the text. None if there
/// is no such key.
pub(super) fn place_of(text: &str, path: &[usize]) -> Option<Place> {
    let found = Below(path).deserialize(yaml_serde::Deserializer::from_str(text));
    let location = found.err()?.location()?;
    Some(Place { line: location.line(), column: location.column() })
}

/// Reads a value until the key of that path.
struct Below<'a>(&'a [usize]);

impl<'de> DeserializeSeed<'de> for Below<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Below<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((number, below)) = self.0.split_first() else { return Ok(()) };
        for _ in 0..*number {
            map.next_entry::<IgnoredAny, IgnoredAny>()?;
        }
        if below.is_empty() {
            return map.next_key_seed(Here).map(drop);
        }
        map.next_key::<IgnoredAny>()?;
        map.next_value_seed(Below(below))
    }
}

/// Fails where it stands.
struct Here;

impl<'de> DeserializeSeed<'de> for Here {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Here {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Err(E::custom("here"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_their_places() {
        let text =
            "---\na: 1\nservers:\n  # b1\n  b1: {secret: s, url: u}\n  2:\n    secret: s\n    tag:\n  b3:\n";
        for (path, line, column) in [
            (&[0][..], 2, 1),
            (&[1], 3, 1),
            (&[1, 0], 5, 3),
            (&[1, 0, 1], 5, 19),
            (&[1, 1], 6, 3),
            (&[1, 1, 1], 8, 5),
            (&[1, 2], 9, 3),
        ] {
            assert_eq!(place_of(text, path), Some(Place { line, column }), "{path:?}");
        }
        assert_eq!(place_of(text, &[2]), None);
        assert_eq!(place_of("servers: {}", &[0, 0]), None);
    }
}
