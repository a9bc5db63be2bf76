//! Where the front end listens and what it accepts.

use std::fmt;
use std::path::PathBuf;
use std::thread;

use secrecy::{ExposeSecret, SecretString};

use super::reader::Reader;

/// More worker threads than this are a mistake.
const MOST_WORKERS: u32 = 1024;
/// Characters of the dashboard's password.
const SHORTEST_PASSWORD: usize = 8;

/// The HTTP front end (CONTRACT §2, §8).
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// `BIND`, else `PORT`: where to listen. Default: port 3000 on all IPv4 addresses.
    pub bind: Bind,
    /// `URL_HOST`, in lower case: the only host name that is served. Default: none, any name is.
    pub url_host: Option<String>,
    /// `WEB_CONCURRENCY`: number of worker threads. Default (also for `0` and `auto`): one per CPU.
    pub workers: usize,
    /// `BUILD_NUMBER`: told by the API's root. Default: none.
    pub build_number: Option<String>,
    /// `MAX_FORM_BYTES`: largest accepted body with form parameters, in bytes. Default: 1 MiB.
    pub max_form_bytes: usize,
    /// `MAX_XML_BYTES`: largest accepted XML body (it may hold documents), in bytes. Default: 64 MiB.
    pub max_xml_bytes: usize,
    /// `DASHBOARD_PASSWORD`: opens the dashboard. Default: none, there is no dashboard.
    pub dashboard_password: Option<SecretString>,
}

/// A place to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bind {
    /// A TCP port.
    Tcp {
        /// A name or an address; an IPv6 address without brackets.
        host: String,
        /// The port; 0 takes any free one.
        port: u16,
    },
    /// A Unix socket.
    Unix(PathBuf),
}

impl fmt::Display for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "tcp://[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "tcp://{host}:{port}"),
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
        }
    }
}

impl HttpConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            bind: read_bind(reader),
            url_host: read_url_host(reader),
            workers: read_workers(reader),
            build_number: reader.text("BUILD_NUMBER"),
            max_form_bytes: reader.size("MAX_FORM_BYTES", 1024 * 1024, 1024..=1024 * 1024 * 1024, "bytes"),
            max_xml_bytes: reader.size("MAX_XML_BYTES", 64 * 1024 * 1024, 1024..=u32::MAX, "bytes"),
            dashboard_password: read_dashboard_password(reader),
        }
    }
}

fn read_bind(reader: &mut Reader<'_>) -> Bind {
    let any = |port| Bind::Tcp { host: "0.0.0.0".to_owned(), port };
    let Some(value) = reader.text("BIND") else {
        let Some(port) = reader.text("PORT") else { return any(3000) };
        return any(port.parse().unwrap_or_else(|_| {
            reader.problem("PORT", "expected a port number, 0 to 65535");
            3000
        }));
    };
    let (address, options) = value.split_once('?').unwrap_or((&value, ""));
    let Some(bind) = parse_bind(address) else {
        let expected = if value.starts_with("ssl://") {
            "TLS ends at the proxy in front: expected tcp://host:port or unix:///path"
        } else {
            "expected tcp://host:port, host:port or unix:///path"
        };
        reader.problem("BIND", expected);
        return any(3000);
    };
    if !options.is_empty() {
        reader.warn("BIND: what follows the ? is ignored: it sets options of Puma".to_owned());
    }
    bind
}

pub(super) fn parse_bind(address: &str) -> Option<Bind> {
    if let Some(path) = address.strip_prefix("unix://") {
        return (!path.is_empty()).then(|| Bind::Unix(path.into()));
    }
    let address = address.strip_prefix("tcp://").unwrap_or(address);
    let (host, port) = address.strip_suffix('/').unwrap_or(address).rsplit_once(':')?;
    let host = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']')?,
        None if host.contains(':') => return None,
        None => host,
    };
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
    if host.is_empty() || !host.chars().all(plain) {
        return None;
    }
    Some(Bind::Tcp { host: host.to_owned(), port: port.parse().ok()? })
}

/// Requests are compared without their port, so one that is set here is dropped.
fn read_url_host(reader: &mut Reader<'_>) -> Option<String> {
    let host = reader.text("URL_HOST")?.to_lowercase();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => &host,
    };
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if name.chars().all(plain) {
        return Some(name.to_owned());
    }
    reader.problem("URL_HOST", "expected a host name only, without https:// and without a path");
    None
}

/// One that is soon guessed is refused: who has it can end all meetings.
fn read_dashboard_password(reader: &mut Reader<'_>) -> Option<SecretString> {
    let password = reader.secret("DASHBOARD_PASSWORD")?;
    if password.expose_secret().chars().count() < SHORTEST_PASSWORD {
        reader.problem("DASHBOARD_PASSWORD", format!("expected at least {SHORTEST_PASSWORD} characters"));
    }
    Some(password)
}

fn read_workers(reader: &mut Reader<'_>) -> usize {
    let automatic = || thread::available_parallelism().map_or(1, usize::from);
    if reader.text("WEB_CONCURRENCY").is_some_and(|value| value.eq_ignore_ascii_case("auto")) {
        return automatic();
    }
    match reader.size("WEB_CONCURRENCY", 0, 0..=MOST_WORKERS, "worker threads") {
        0 => automatic(),
        workers => workers,
    }
}
