//! Files of servers: how they are read, what may stand in them, and what is wrong with one.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use serde::Deserialize;
use yaml_serde::Value;

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
    pub(super) fn of_list(text: &str) -> Vec<Self> {
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
