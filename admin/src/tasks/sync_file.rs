//! What a file for `servers:sync` says, checked completely before anything is done. Pure.

use scalelite_core::operating::api_url;
use secrecy::SecretString;
use yaml_serde::{Mapping, Value};

use super::multiplier;
use super::place::{Place, place_of};
use super::repeated::repeated;
use super::servers_file::{FileError, Written, as_written, document, scalar};

/// Parameters that describe a server.
const PARAMETERS: [&str; 5] = ["url", "secret", "enabled", "load_multiplier", "tag"];
/// Parameters that `servers:yaml[true]` adds and that say nothing here.
const IGNORED: [&str; 4] = ["load", "state", "bbb_version", "online"];

/// What becomes of servers that the file does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// They stay.
    Keep,
    /// The empty ones are removed, the others cordoned.
    Cordon,
    /// Their meetings are ended, then they are removed.
    Force,
}

impl Mode {
    /// Reads a mode; none is `cordon`.
    pub(super) fn parse(text: Option<&str>) -> Result<Self, SyncError> {
        match text {
            Some("keep") => Ok(Self::Keep),
            Some("cordon") | None => Ok(Self::Cordon),
            Some("force") => Ok(Self::Force),
            Some(other) => Err(SyncError::Mode(other.to_owned())),
        }
    }
}

/// A server as the file wants it.
#[derive(Debug, Clone)]
pub(super) struct Desired {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) secret: SecretString,
    pub(super) enabled: bool,
    pub(super) load_multiplier: f64,
    pub(super) tag: Option<String>,
}

/// Why servers cannot be made what the file says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SyncError {
    /// No file was given.
    #[error("Missing 'path' parameter")]
    NoPath,
    /// The file cannot be read or is not YAML.
    #[error(transparent)]
    File(#[from] FileError),
    /// Not a mapping.
    #[error("Invalid YAML document")]
    Document,
    /// `servers` is not a mapping.
    #[error("Servers parameter not a hash")]
    Servers,
    /// A mode that there is not.
    #[error("Unknown sync mode '{0}' (choose: keep cordon force)")]
    Mode(String),
    /// An ID with other characters than letters, digits, `.`, `-` and `_`.
    #[error("Server id={0} contains invalid characters")]
    Id(String),
    /// A server without a secret.
    #[error("Server id={0} has no secret")]
    Secret(String),
    /// Parameters that there are not.
    #[error("Server id={id} has bad parameters: {names:?}")]
    Parameters {
        /// The server.
        id: String,
        /// The parameters.
        names: Vec<String>,
    },
    /// A value that cannot be used.
    #[error("Server id={id} has invalid {name}={value}")]
    Value {
        /// The server.
        id: String,
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// A value that may not be what was written.
    #[error("Server id={id} has a {name} that is no text: put it in quotes")]
    Quotes {
        /// The server.
        id: String,
        /// The parameter.
        name: &'static str,
    },
    /// A meeting came to a server while it was being emptied.
    #[error("[{0}] Server still not empty!")]
    NotEmpty(String),
    /// Something in the file, and where it stands there.
    #[error("{error} at {place}")]
    At {
        /// What is wrong.
        error: Box<SyncError>,
        /// Where.
        place: Place,
    },
    /// The ID was taken between the look at the servers and the change.
    #[error("[{0}] Server was added or removed by someone else meanwhile: run the task again")]
    Raced(String),
}

/// Reads the whole file.
pub(super) fn parse(text: &str) -> Result<Vec<Desired>, SyncError> {
    let document = document(text).map_err(|error| repeated(text).map_or(error, FileError::Yaml))?;
    let written = Written::of_mapping(text);
    let document = document.as_mapping().ok_or(SyncError::Document)?;
    let at = |error, path: &[usize]| at(error, text, path);
    let top = document.keys().position(|key| key.as_str() == Some("servers")).ok_or(SyncError::Servers)?;
    let servers = document.get("servers").and_then(Value::as_mapping);
    let servers = servers.ok_or_else(|| at(SyncError::Servers, &[top]))?;
    let server = |(number, (id, parameters)): (usize, (&Value, &Value))| {
        let id = shown(id);
        server(&id, parameters, written.get(&id)).map_err(|error| {
            let parameter = error.parameter().and_then(|name| number_of(name, parameters));
            match parameter {
                Some(parameter) => at(error, &[top, number, parameter]),
                None => at(error, &[top, number]),
            }
        })
    };
    servers.iter().enumerate().map(server).collect()
}

/// Adds where in the text it is.
fn at(error: SyncError, text: &str, path: &[usize]) -> SyncError {
    match place_of(text, path) {
        Some(place) => SyncError::At { error: Box::new(error), place },
        None => error,
    }
}

fn number_of(name: &str, parameters: &Value) -> Option<usize> {
    parameters.as_mapping()?.keys().position(|key| shown(key) == name)
}

impl SyncError {
    /// The parameter of a server that is wrong.
    fn parameter(&self) -> Option<&str> {
        match self {
            Self::Secret(_) => Some("secret"),
            Self::Parameters { names, .. } => names.first().map(String::as_str),
            Self::Value { name, .. } | Self::Quotes { name, .. } => Some(name),
            _ => None,
        }
    }
}

fn server(id: &str, parameters: &Value, written: Option<&Written>) -> Result<Desired, SyncError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if id.is_empty() || !id.chars().all(plain) {
        return Err(SyncError::Id(id.to_owned()));
    }
    let nothing = Mapping::new();
    let parameters = parameters.as_mapping().unwrap_or(&nothing);
    let get = |name: &str| parameters.get(name).filter(|value| !value.is_null());
    let invalid = |name, value| SyncError::Value { id: id.to_owned(), name, value: shown(value) };
    let Some(secret) = get("secret").filter(|secret| !shown(secret).trim().is_empty()) else {
        return Err(SyncError::Secret(id.to_owned()));
    };
    // A value is not shown: it may well be the secret.
    let hidden = Value::from("*****");
    let exact = |name, value: &Value, written| match as_written(value, written) {
        Some(text) => Ok(text),
        None if value.is_number() || value.is_bool() => Err(SyncError::Quotes { id: id.to_owned(), name }),
        None => Err(invalid(name, &hidden)),
    };
    let secret = exact("secret", secret, written.and_then(Written::secret))?.into();
    let names: Vec<String> = parameters.keys().map(shown).filter(|name| !is_known(name)).collect();
    if !names.is_empty() {
        return Err(SyncError::Parameters { id: id.to_owned(), names });
    }
    let load_multiplier = match get("load_multiplier") {
        None => 1.0,
        Some(value) => {
            let number = scalar(value).and_then(|text| multiplier::parse(&text));
            number.ok_or_else(|| invalid("load_multiplier", value))?
        }
    };
    let url = match get("url") {
        None => format!("https://{id}/bigbluebutton/api"),
        Some(value) => {
            scalar(value).filter(|url| api_url::parse(url).is_ok()).ok_or_else(|| invalid("url", value))?
        }
    };
    let enabled = match get("enabled") {
        None => true,
        Some(value) => flag(value).ok_or_else(|| invalid("enabled", value))?,
    };
    let tag = match get("tag") {
        None => None,
        Some(value) => Some(exact("tag", value, written.and_then(Written::tag))?),
    };
    let tag = tag.filter(|tag| !tag.trim().is_empty());
    Ok(Desired { id: id.to_owned(), url, secret, enabled, load_multiplier, tag })
}

fn is_known(name: &str) -> bool {
    PARAMETERS.contains(&name) || IGNORED.contains(&name)
}

/// True and false, also in the words that older YAML had for them.
fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(word) => match word.to_ascii_lowercase().as_str() {
            "true" | "yes" | "y" | "on" => Some(true),
            "false" | "no" | "n" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn shown(value: &Value) -> String {
    scalar(value).unwrap_or_else(|| match value {
        Value::Null => String::new(),
        Value::Bool(flag) => flag.to_string(),
        _ => "(not a plain value)".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn defaults_and_all_parameters() {
        let text = "
servers:
  bbb1.example.com:
    secret: s1
  b2:
    secret: '2'
    url: http://b2/bigbluebutton/api
    enabled: no
    load_multiplier: '5.0'
    tag: x
    state: enabled
    online: true
    load: -1.0
    bbb_version: 3.0.1
";
        let servers = parse(text).unwrap();
        let [first, second] = &servers[..] else { panic!("two servers: {servers:?}") };
        assert_eq!(first.id, "bbb1.example.com");
        assert_eq!(first.url, "https://bbb1.example.com/bigbluebutton/api");
        assert_eq!((first.secret.expose_secret(), first.enabled, first.load_multiplier), ("s1", true, 1.0));
        assert_eq!(first.tag, None);
        assert_eq!(
            (second.secret.expose_secret(), second.enabled, second.load_multiplier),
            ("2", false, 5.0)
        );
        assert_eq!(second.tag.as_deref(), Some("x"));
        assert!(parse("servers: {}").unwrap().is_empty());
        let numbers = parse("servers: {1: {secret: 1234567890, tag: 20}}").unwrap();
        assert_eq!(
            (numbers[0].secret.expose_secret(), numbers[0].tag.as_deref()),
            ("1234567890", Some("20"))
        );
    }

    #[test]
    fn mistakes_name_their_place() {
        let text = |wrong: &str| format!("---\nservers:\n  # The first one\n  a:\n    secret: s\n{wrong}\n");
        for (wrong, error) in [
            ("  b: {}", "Server id=b has no secret at line 6 column 3"),
            ("  b:\n    secret:", "Server id=b has no secret at line 7 column 5"),
            ("  b c:\n    secret: s", "Server id=b c contains invalid characters at line 6 column 3"),
            ("    enabled: maybe", "Server id=a has invalid enabled=maybe at line 6 column 5"),
            (
                "  b: {secret: s}\n  c:\n    secret: s\n    x: 1",
                "Server id=c has bad parameters: [\"x\"] at line 9 column 5",
            ),
        ] {
            assert_eq!(parse(&text(wrong)).unwrap_err().to_string(), error, "{wrong}");
        }
        let twice = parse(&text("  b: {}\n  a:\n    secret: t")).unwrap_err().to_string();
        assert!(twice.ends_with("a stands there twice at line 7 column 3"), "{twice}");
        let twice = parse(&text("    secret: t")).unwrap_err().to_string();
        assert!(twice.ends_with("secret stands there twice at line 6 column 5"), "{twice}");
        let list = "a: 1\nservers:\n- b\n";
        assert_eq!(parse(list).unwrap_err().to_string(), "Servers parameter not a hash at line 2 column 1");
    }

    #[test]
    fn what_cannot_be_used() {
        for (text, error) in [
            ("[]", "Invalid YAML document"),
            ("", "Invalid YAML document"),
            ("a: 1", "Servers parameter not a hash"),
            ("servers: [a]", "Servers parameter not a hash"),
            ("servers: {'a b': {secret: s}}", "Server id=a b contains invalid characters"),
            ("servers: {a: }", "Server id=a has no secret"),
            ("servers: {a: {secret: ' '}}", "Server id=a has no secret"),
            ("servers: {a: {secret: [s]}}", "Server id=a has invalid secret=*****"),
            (
                "servers: {a: {secret: 12345678e9}}",
                "Server id=a has a secret that is no text: put it in quotes",
            ),
            ("servers: {1: {secret: 3.10}}", "Server id=1 has a secret that is no text: put it in quotes"),
            (
                "servers: {a: {secret: s, tag: 0x1F}}",
                "Server id=a has a tag that is no text: put it in quotes",
            ),
            (
                "servers: {a: {secret: s, url: 'http://a/api?x'}}",
                "Server id=a has invalid url=http://a/api?x",
            ),
            ("servers: {a: {secret: s, x: 1, y: 2}}", "Server id=a has bad parameters: [\"x\", \"y\"]"),
            ("servers: {a: {secret: s, load_multiplier: 0}}", "Server id=a has invalid load_multiplier=0"),
            ("servers: {a: {secret: s, url: ftp://a}}", "Server id=a has invalid url=ftp://a"),
            ("servers: {a: {secret: s, url: a}}", "Server id=a has invalid url=a"),
            ("servers: {a: {secret: s, enabled: maybe}}", "Server id=a has invalid enabled=maybe"),
        ] {
            let told = parse(text).unwrap_err().to_string();
            let placed = told.strip_prefix(error).unwrap_or_else(|| panic!("{text}: {told}"));
            assert_eq!(
                placed.starts_with(" at line 1 column "),
                !error.contains("YAML") && text.contains("servers"),
                "{told}"
            );
        }
        assert!(parse("servers: {a: {secret: s}, a: {secret: t}}").is_err(), "the same ID twice");
        assert_eq!(
            Mode::parse(Some("x")).unwrap_err().to_string(),
            "Unknown sync mode 'x' (choose: keep cordon force)"
        );
        assert_eq!(Mode::parse(None).unwrap(), Mode::Cordon);
    }
}
