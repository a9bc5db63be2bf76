//! What stands twice in a file for `servers:sync`, and where for the second time: of a value as such the parser names the
//! place of the mapping. Pure.

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess};

use super::checked::{Content, TWICE, Unique};

/// The error for it, if a server, or a parameter of one, stands there twice.
pub(super) fn repeated(text: &str) -> Option<yaml_serde::Error> {
    let error = yaml_serde::from_str::<Document>(text).err();
    // Any other one is told better elsewhere, and may quote a secret.
    error.filter(|error| error.to_string().contains(TWICE))
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "servers")]
    _servers: Unique<Servers>,
}

struct Servers;
struct Parameters;

impl Content for Servers {
    type Value = Option<Unique<Parameters>>;
    const EXPECTED: &'static str = "a mapping of IDs to servers";

    fn value<'de, A: MapAccess<'de>>(_: &str, map: &mut A) -> Result<Self::Value, A::Error> {
        map.next_value()
    }
}

impl Content for Parameters {
    type Value = IgnoredAny;
    const EXPECTED: &'static str = "a mapping of parameters to values";

    fn value<'de, A: MapAccess<'de>>(_: &str, map: &mut A) -> Result<IgnoredAny, A::Error> {
        map.next_value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_one_is_named() {
        for (text, error) in [
            (
                "servers:\n  a: {}\n  b:\n  a:\n    secret: t",
                Some("servers: a stands there twice at line 4 column 3"),
            ),
            (
                "servers:\n  a:\n    x: 1\n    x: 2",
                Some("servers.a: x stands there twice at line 4 column 5"),
            ),
            ("servers:\n  a: geheim\n  a: {}", None),
            ("servers: {a: {secret: s}, b: {secret: s}}", None),
            ("servers: [a", None),
        ] {
            assert_eq!(repeated(text).map(|error| error.to_string()).as_deref(), error, "{text}");
        }
    }
}
