//! Texts and mappings of a YAML file: as they stand there, and checked where they stand, so that an error names its very
//! line. Pure.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// What is said of a key that is there already.
pub(super) const TWICE: &str = "stands there twice";

/// A text as it stands in the file, also one that looks like a number; not empty.
pub(super) struct Text(pub(super) String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Checked::any().deserialize(deserializer).map(Self)
    }
}

/// Reads a text and checks it on the spot, so that an error names its very line.
pub(super) struct Checked<'a> {
    pub(super) check: &'a dyn Fn(&str) -> Result<(), String>,
    /// What is said where there is none.
    pub(super) missing: &'static str,
}

impl<'a> Checked<'a> {
    pub(super) fn by(check: &'a dyn Fn(&str) -> Result<(), String>) -> Self {
        Self { check, missing: "there is no value" }
    }

    pub(super) fn any() -> Self {
        Self::by(&|_| Ok(()))
    }
}

impl<'de> DeserializeSeed<'de> for Checked<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Checked<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_none<E: Error>(self) -> Result<String, E> {
        Err(E::custom(self.missing))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        if text.trim().is_empty() {
            return Err(E::custom("the value is empty"));
        }
        (self.check)(text).map_err(E::custom)?;
        Ok(text.to_owned())
    }
}

/// What a mapping holds.
pub(super) trait Content {
    type Value;
    const EXPECTED: &'static str;
    /// Why this may not be a key.
    fn check(_key: &str) -> Result<(), String> {
        Ok(())
    }
    /// Reads the value of this key.
    fn value<'de, A: MapAccess<'de>>(key: &str, map: &mut A) -> Result<Self::Value, A::Error>;
}

/// A mapping in its order, in which nothing stands twice.
pub(super) struct Unique<C: Content>(pub(super) Vec<(String, C::Value)>);

impl<'de, C: Content> Deserialize<'de> for Unique<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // What is empty is no mapping without entries.
        deserializer.deserialize_any(UniqueVisitor(PhantomData))
    }
}

struct UniqueVisitor<C>(PhantomData<C>);

impl<'de, C: Content> Visitor<'de> for UniqueVisitor<C> {
    type Value = Unique<C>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(C::EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique<C>, A::Error> {
        let mut all: Vec<(String, C::Value)> = Vec::new();
        loop {
            let new = |key: &str| {
                let twice = all.iter().any(|(known, _)| known == key);
                if twice { Err(format!("{key} {TWICE}")) } else { C::check(key) }
            };
            let Some(key) = map.next_key_seed(Checked::by(&new))? else { return Ok(Unique(all)) };
            let value = C::value(&key, &mut map)?;
            all.push((key, value));
        }
    }
}
