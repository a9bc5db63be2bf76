//! `servers:addAll` and `servers:yaml`: servers from and to a YAML file.

use std::collections::HashSet;
use std::path::PathBuf;

use scalelite_core::pool::server::{AdminState, Server, ServerId};
use scalelite_core::state::NewServer;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::Url;
use yaml_serde::{Mapping, Value};

use super::servers::new_id;
use super::{Context, TaskError, api_url, multiplier};

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
    Yaml(#[from] yaml_serde::Error),
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

/// The text of a file; `-` is standard input.
pub(super) async fn read(path: &str) -> Result<String, FileError> {
    let text = if path == "-" {
        // Nothing else goes on in this process that could be held up.
        std::io::read_to_string(std::io::stdin())
    } else {
        tokio::fs::read_to_string(path).await
    };
    text.map_err(|source| FileError::Read { path: path.into(), source })
}

/// A server of a list.
#[derive(Debug)]
struct Listed {
    url: String,
    secret: SecretString,
    tag: Option<String>,
    load_multiplier: f64,
}

/// `servers:addAll`: nothing is added unless all can be.
pub(super) async fn add_all(context: &mut Context, path: &str) -> Result<(), TaskError> {
    let listed = parse_list(&read(path).await?)?;
    let taken = context.state.servers().await?;
    let mut taken: HashSet<ServerId> = taken.into_iter().map(|server| server.route.id).collect();
    let mut new = Vec::new();
    for Listed { url, secret, tag, load_multiplier } in listed {
        let id = new_id(context, &api_url::parse(&url)?);
        if !taken.insert(id.clone()) {
            return Err(TaskError::IdTaken(id.to_string()));
        }
        new.push(NewServer { id, url, secret, tag, load_multiplier });
    }
    for server in new {
        if !context.state.add_server(&server).await? {
            return Err(TaskError::IdTaken(server.id.to_string()));
        }
        context.out.line(format!("server: {}", server.url))?;
        context.out.line(format!("id: {}", server.id))?;
    }
    Ok(())
}

fn parse_list(text: &str) -> Result<Vec<Listed>, FileError> {
    let document: Value = yaml_serde::from_str(text)?;
    let servers = document.get("servers").and_then(Value::as_sequence).ok_or(FileError::NoList)?;
    let listed = servers.iter().enumerate().map(|(index, server)| {
        let part = |name| server.get(name).and_then(scalar).filter(|text| !text.is_empty());
        let missing = |what| FileError::Missing { number: index + 1, what };
        Ok(Listed {
            url: complete(part("url").ok_or_else(|| missing("url"))?),
            secret: part("secret").ok_or_else(|| missing("secret"))?.into(),
            tag: part("tag"),
            load_multiplier: part("load_multiplier").and_then(|text| multiplier::parse(&text)).unwrap_or(1.0),
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
            (second.url.as_str(), second.secret.expose_secret(), second.load_multiplier),
            ("http://b/api", "12", 2.0)
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
        ] {
            let found = parse_list(text).unwrap_err().to_string();
            assert!(found.starts_with(error), "{found}");
        }
    }
}
