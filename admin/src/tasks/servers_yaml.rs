//! `servers:yaml`: the servers as a file that `servers:sync` reads.

use scalelite_core::pool::server::{AdminState, Server};
use secrecy::ExposeSecret;
use serde::Serialize;
use yaml_serde::{Mapping, Value};

use super::servers_file::FileError;
use super::{Context, TaskError};

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
