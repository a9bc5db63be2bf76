//! `servers:addAll` and `servers:yaml`: servers from and to a YAML file.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use scalelite_core::audit::without_user;
use scalelite_core::operating::api_url;
use scalelite_core::pool::server::{AdminState, Server, ServerId};
use scalelite_core::state::NewServer;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;
use yaml_serde::{Mapping, Value};

use super::servers::new_id;
use super::{Context, TaskError, multiplier};
use crate::output::complain;

/// Why a file of servers cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    /// It cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not YAML, or what is printed cannot be written as YAML.
    #[error("not a usable YAML document: {0}")]
    Yaml(yaml_serde::Error),
    /// A number that the parser has no type for, perhaps a secret: its message would show it.
    #[error("the number at line {line}, column {column} is too large: put it in quotes")]
    LargeNumber {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// Nobody has so many servers.
    #[error("{0} is larger than 16 MiB")]
    TooLarge(PathBuf),
    /// A value that may not be what was written.
    #[error("server {number} of the list: {what} must be a text: put it in quotes")]
    Quotes {
        /// Its place in the list, from 1.
        number: usize,
        /// Which value.
        what: &'static str,
    },
    /// A server that cannot be added.
    #[error("server {number} of the list: {problem}")]
    Entry {
        /// Its place in the list, from 1.
        number: usize,
        /// Why.
        problem: String,
    },
    /// No list of servers in it.
    #[error("expected a list \"servers\" in which each has a url and a secret")]
    NoList,
    /// A server without URL or secret.
    #[error("server {number} of the list has no {what}")]
    Missing {
        /// Its place in the list, from 1.
        number: usize,
        /// What it lacks.
        what: &'static str,
    },
}

/// The most that a file of servers may have.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The text of a file; `-` is standard input.
pub(super) fn read(path: &str) -> Result<String, FileError> {
    // Nothing else goes on in this process that could be held up.
    let text =
        if path == "-" { read_bounded(io::stdin().lock()) } else { File::open(path).and_then(read_bounded) };
    let text = text.map_err(|source| FileError::Read { path: path.into(), source })?;
    text.ok_or_else(|| FileError::TooLarge(path.into()))
}

fn read_bounded(from: impl Read) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    if from.take(MAX_BYTES + 1).read_to_end(&mut bytes)? as u64 > MAX_BYTES {
        return Ok(None);
    }
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}

/// The YAML document in a text.
pub(super) fn document(text: &str) -> Result<Value, FileError> {
    yaml_serde::from_str(text).map_err(|error| {
        let text = error.to_string();
        let large = ["` as i128", "` as u128"].iter().any(|number| text.contains(number));
        match error.location().filter(|_| large) {
            Some(place) => FileError::LargeNumber { line: place.line(), column: place.column() },
            None => FileError::Yaml(error),
        }
    })
}

/// A server of a list.
#[derive(Debug)]
struct Listed {
    url: String,
    secret: SecretString,
    tag: Option<String>,
    load_multiplier: Option<String>,
}

/// `servers:addAll`: nothing is added unless all can be.
pub(super) async fn add_all(context: &mut Context, path: &str) -> Result<(), TaskError> {
    let listed = parse_list(&read(path)?)?;
    let taken = context.state.servers().await?;
    let mut taken: HashSet<ServerId> = taken.into_iter().map(|server| server.route.id).collect();
    let mut new = Vec::new();
    for (index, Listed { url, secret, tag, load_multiplier }) in listed.into_iter().enumerate() {
        let number = index + 1;
        let parsed = api_url::parse(&url);
        let parsed = parsed.map_err(|error| FileError::Entry { number, problem: error.to_string() })?;
        let id = new_id(context, &parsed);
        if !taken.insert(id.clone()) {
            return Err(already_there(number, &id).into());
        }
        let load_multiplier = match load_multiplier {
            Some(text) => multiplier::read(&text, &mut context.out)?,
            None => 1.0,
        };
        new.push(NewServer { id, url, secret, tag, load_multiplier });
    }
    context.record.nothing();
    for (index, server) in new.iter().enumerate() {
        if !context.state.add_server(server).await? {
            return Err(already_there(index + 1, &server.id).into());
        }
        context.record.step(&server.id, format_args!("created url={}", without_user(&server.url)));
        if let Some(warning) = api_url::warning(&server.url) {
            complain(warning);
        }
        context.out.line(format!("server: {}", server.url))?;
        context.out.line(format!("id: {}", server.id))?;
    }
    Ok(())
}

fn already_there(number: usize, id: &ServerId) -> FileError {
    FileError::Entry { number, problem: format!("Server already exists with id '{id}'") }
}

fn parse_list(text: &str) -> Result<Vec<Listed>, FileError> {
    let document = document(text)?;
    let servers = document.get("servers").and_then(Value::as_sequence).ok_or(FileError::NoList)?;
    let written = Written::of_list(text);
    let listed = servers.iter().enumerate().map(|(index, server)| {
        let number = index + 1;
        let written = written.get(index);
        let part = |name| server.get(name).and_then(scalar).filter(|text| !text.is_empty());
        let missing = |what| FileError::Missing { number, what };
        let exact = |what, written: Option<&str>| match server.get(what).filter(|value| !value.is_null()) {
            None => Ok(None),
            Some(value) => match as_written(value, written) {
                Some(text) => Ok(Some(text).filter(|text| !text.is_empty())),
                None => Err(FileError::Quotes { number, what }),
            },
        };
        Ok(Listed {
            url: complete(part("url").ok_or_else(|| missing("url"))?),
            secret: exact("secret", written.and_then(Written::secret))?
                .ok_or_else(|| missing("secret"))?
                .into(),
            tag: exact("tag", written.and_then(Written::tag))?,
            load_multiplier: server
                .get("load_multiplier")
                .filter(|value| !value.is_null())
                .map(|value| scalar(value).unwrap_or_default()),
        })
    });
    listed.collect()
}

/// A text, also one that looks like a number.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A text or a whole number in digits. Of any other number YAML does not tell how it was written: `0x1F` is
/// 31, `3.10` is 3.1.
pub(super) fn as_written(value: &Value, written: Option<&str>) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) => {
            written.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned)
        }
        _ => None,
    }
}

/// The values of a server as they stand in the file, where they are no texts; may hold secrets.
#[derive(Deserialize)]
pub(super) struct Written {
    secret: Option<String>,
    tag: Option<String>,
}

#[derive(Deserialize)]
struct WrittenIn<T> {
    servers: T,
}

impl Written {
    fn of_list(text: &str) -> Vec<Self> {
        // What cannot be read so has no numbers where texts belong, or more mistakes than that.
        yaml_serde::from_str::<WrittenIn<Vec<Self>>>(text).map_or_else(|_| Vec::new(), |all| all.servers)
    }

    /// By ID.
    pub(super) fn of_mapping(text: &str) -> HashMap<String, Self> {
        let all = yaml_serde::from_str::<WrittenIn<HashMap<String, Option<Self>>>>(text);
        let all = all.map_or_else(|_| HashMap::new(), |all| all.servers);
        all.into_iter().filter_map(|(id, written)| Some((id, written?))).collect()
    }

    pub(super) fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }

    pub(super) fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }
}

/// The original's example has a bare host name for a URL: the API is at its usual place then.
fn complete(url: String) -> String {
    let bare = !url.contains('/') && Url::parse(&format!("https://{url}/")).is_ok();
    if bare { format!("https://{url}/bigbluebutton/api") } else { url }
}

/// What `servers:sync` reads, and in verbose mode what it ignores.
#[derive(Serialize)]
struct Dumped<'a> {
    url: &'a str,
    secret: &'a str,
    load_multiplier: f64,
    tag: &'a str,
    enabled: bool,
    #[serde(flatten)]
    more: Option<More<'a>>,
}

#[derive(Debug, Serialize)]
struct More<'a> {
    state: &'static str,
    load: f64,
    bbb_version: &'a str,
    online: bool,
}

impl<'a> Dumped<'a> {
    fn new(server: &'a Server, verbose: bool) -> Self {
        let route = &server.route;
        let more = More {
            state: route.state.as_str(),
            load: server.load.unwrap_or(-1.0),
            bbb_version: server.bbb_version.as_deref().unwrap_or_default(),
            online: route.online,
        };
        Self {
            url: &route.url,
            secret: route.secret.expose_secret(),
            load_multiplier: server.load_multiplier,
            tag: route.tag.as_deref().unwrap_or_default(),
            enabled: route.state == AdminState::Enabled,
            more: verbose.then_some(more),
        }
    }
}

/// `servers:yaml`
pub(super) async fn dump(context: &mut Context, verbose: bool) -> Result<(), TaskError> {
    let servers = context.state.servers().await?;
    let text = to_yaml(&servers, verbose).map_err(FileError::Yaml)?;
    Ok(context.out.line(format!("---\n{}", text.trim_end()))?)
}

fn to_yaml(servers: &[Server], verbose: bool) -> yaml_serde::Result<String> {
    let mut all = Mapping::new();
    for server in servers {
        let id = Value::from(server.route.id.as_str());
        all.insert(id, yaml_serde::to_value(Dumped::new(server, verbose))?);
    }
    let mut document = Mapping::new();
    document.insert("servers".into(), Value::Mapping(all));
    yaml_serde::to_string(&document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read() {
        let text = "servers:\n- url: bbb1.example.com\n  secret: s1\n- url: http://b/api\n  secret: 12\n  tag: t\n  \
                    load_multiplier: 2\n";
        let [first, second] = &parse_list(text).unwrap()[..] else { panic!("two servers") };
        assert_eq!(first.url, "https://bbb1.example.com/bigbluebutton/api");
        assert_eq!(
            (second.url.as_str(), second.secret.expose_secret(), second.load_multiplier.as_deref()),
            ("http://b/api", "12", Some("2"))
        );
        assert_eq!((first.tag.as_deref(), second.tag.as_deref()), (None, Some("t")));
    }

    #[test]
    fn lists_that_cannot_be_used() {
        for (text, error) in [
            ("a: b", "expected a list"),
            ("servers: {}", "expected a list"),
            ("servers: [{url: u}]", "server 1 of the list has no secret"),
            ("servers: [{secret: s}]", "server 1 of the list has no url"),
            ("servers: [", "not a usable YAML"),
            (
                "servers: [{url: u, secret: s}, {url: u, secret: 0x1F}]",
                "server 2 of the list: secret must be a text",
            ),
            ("servers: [{url: u, secret: 12345678e9}]", "server 1 of the list: secret must be a text"),
            ("servers: [{url: u, secret: .5}]", "server 1 of the list: secret must be a text"),
            ("servers: [{url: u, secret: +5}]", "server 1 of the list: secret must be a text"),
            ("servers: [{url: u, secret: true}]", "server 1 of the list: secret must be a text"),
            ("servers: [{url: u, secret: s, tag: 3.10}]", "server 1 of the list: tag must be a text"),
        ] {
            let found = parse_list(text).unwrap_err().to_string();
            assert!(found.starts_with(error), "{found}");
        }
        let digits = "123456789012345678901234567890123456";
        for long in [digits.to_owned(), format!("-{digits}"), digits.repeat(3)] {
            let found = parse_list(&format!("servers:\n- url: u\n  secret: {long}"));
            assert!(
                found.as_ref().is_ok_and(|all| all[0].secret.expose_secret() == long)
                    || found.is_err_and(|error| error.to_string().contains("put it in quotes")
                        && !error.to_string().contains(digits)),
                "{long}"
            );
        }
    }
}
