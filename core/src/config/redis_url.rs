//! `REDIS_URL`: one Redis, a Sentinel's or a cluster. Only reads the text, connects to nothing.

use std::str::FromStr;

use redis::IntoConnectionInfo;
use secrecy::SecretString;

/// Where Redis is. The URLs may hold passwords.
#[derive(Debug, Clone)]
pub enum RedisTopology {
    /// One server: `redis://`, `rediss://` (TLS), `unix://` or `redis+unix://`.
    Single {
        /// As the `redis` crate takes it.
        url: SecretString,
    },
    /// The master that Sentinels name: `redis+sentinel://[user:password@]host[:port],…/master[/db]`, with
    /// TLS `rediss+sentinel://`.
    Sentinel {
        /// One URL for each Sentinel (with TLS: `rediss://`), without password. Default port: 26379.
        sentinels: Vec<SecretString>,
        /// The master's name.
        master: String,
        /// The number of the database on the master. Default: 0.
        db: i64,
        /// Whether master and Sentinels speak TLS.
        tls: bool,
        /// The user on the master.
        username: Option<String>,
        /// The password on the master.
        password: Option<SecretString>,
    },
    /// A cluster: `redis+cluster://[user:password@]host[:port],…`, with TLS `rediss+cluster://`.
    Cluster {
        /// One URL for each node to begin with, credentials included. Default port: 6379.
        nodes: Vec<SecretString>,
    },
}

/// Why a Redis URL cannot be used. Never holds the URL, which may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedisUrlError {
    /// Not a scheme of ours.
    #[error(
        "expected a URL with redis://, rediss://, unix://, redis+sentinel://, rediss+sentinel://, \
         redis+cluster:// or rediss+cluster://"
    )]
    Scheme,
    /// The URL of a single server does not parse.
    #[error(
        "expected redis://[user:password@]host[:port][/database] or unix:///path (special characters of a \
         password as %XX)"
    )]
    Single,
    /// The Sentinel form does not parse.
    #[error(
        "expected redis+sentinel://[user:password@]host[:port],host[:port]/master[/database] (special \
         characters of a password as %XX)"
    )]
    Sentinel,
    /// The cluster form does not parse.
    #[error(
        "expected redis+cluster://[user:password@]host[:port],host[:port] without a database (special \
         characters of a password as %XX)"
    )]
    Cluster,
}

impl FromStr for RedisTopology {
    type Err = RedisUrlError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = url.split_once("://").ok_or(RedisUrlError::Scheme)?;
        match scheme.to_ascii_lowercase().as_str() {
            "redis" | "rediss" | "unix" | "redis+unix" => {
                url.into_connection_info().map_err(|_| RedisUrlError::Single)?;
                Ok(Self::Single { url: url.into() })
            }
            "redis+sentinel" => parse_sentinel(rest, false).ok_or(RedisUrlError::Sentinel),
            "rediss+sentinel" => parse_sentinel(rest, true).ok_or(RedisUrlError::Sentinel),
            "redis+cluster" => parse_cluster(rest, "redis").ok_or(RedisUrlError::Cluster),
            "rediss+cluster" => parse_cluster(rest, "rediss").ok_or(RedisUrlError::Cluster),
            _ => Err(RedisUrlError::Scheme),
        }
    }
}

fn parse_sentinel(rest: &str, tls: bool) -> Option<RedisTopology> {
    let (authority, path) = rest.split_once('/')?;
    let (user, hosts) = split_user(authority);
    let (master, db) = path.split_once('/').unwrap_or((path, "0"));
    if master.is_empty() || path.contains(['?', '#']) || path.contains(char::is_whitespace) {
        return None;
    }
    // The crate that will use them also takes the user's part to pieces.
    let login = format!("redis://{user}localhost").into_connection_info().ok()?;
    let login = login.redis_settings();
    let scheme = if tls { "rediss" } else { "redis" };
    Some(RedisTopology::Sentinel {
        sentinels: node_urls(scheme, "", hosts, 26379)?,
        master: master.to_owned(),
        db: db.parse().ok().filter(|db| *db >= 0)?,
        tls,
        username: login.username().filter(|name| !name.is_empty()).map(str::to_owned),
        password: login.password().map(SecretString::from),
    })
}

fn parse_cluster(rest: &str, scheme: &str) -> Option<RedisTopology> {
    let authority = match rest.split_once('/') {
        None => rest,
        Some((authority, "" | "0")) => authority,
        Some(_) => return None,
    };
    let (user, hosts) = split_user(authority);
    Some(RedisTopology::Cluster { nodes: node_urls(scheme, user, hosts, 6379)? })
}

/// The user's part with its `@`, and the rest.
fn split_user(authority: &str) -> (&str, &str) {
    authority.split_at(authority.rfind('@').map_or(0, |at| at + 1))
}

/// One URL for each host; `None` where one of them does not parse or there is none.
fn node_urls(scheme: &str, user: &str, hosts: &str, default_port: u16) -> Option<Vec<SecretString>> {
    hosts
        .split(',')
        .map(|host| {
            let host = host.trim();
            // What is left of a last colon outside the brackets of an IPv6 address.
            let has_port = !host.ends_with(']') && host.contains(':');
            let port = if has_port { String::new() } else { format!(":{default_port}") };
            let url = format!("{scheme}://{user}{host}{port}");
            let plain = !host.is_empty() && !host.contains(['?', '#', '/', '@']);
            (plain && url.as_str().into_connection_info().is_ok()).then(|| url.into())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn exposed(urls: &[SecretString]) -> Vec<&str> {
        urls.iter().map(ExposeSecret::expose_secret).collect()
    }

    #[test]
    fn a_single_server_keeps_its_url() {
        for url in [
            "redis://localhost",
            "redis://user:p%40ss@cache.example:6380/3",
            "rediss://:pw@10.0.0.1:6379/0",
            "redis://[::1]:6379",
            "unix:///run/redis.sock",
            "redis+unix:///run/redis.sock?db=2&pass=pw",
        ] {
            match url.parse() {
                Ok(RedisTopology::Single { url: kept }) => assert_eq!(kept.expose_secret(), url),
                other => panic!("{url}: {other:?}"),
            }
        }
    }

    #[test]
    fn sentinels_with_everything() {
        let parsed = "rediss+sentinel://app:p%40s%2Fs@s1:26380,s2,[::1]:5,[::2]/mymaster/3".parse();
        let Ok(RedisTopology::Sentinel { sentinels, master, db, tls, username, password }) = parsed else {
            panic!("{parsed:?}");
        };
        assert_eq!(
            exposed(&sentinels),
            ["rediss://s1:26380", "rediss://s2:26379", "rediss://[::1]:5", "rediss://[::2]:26379"]
        );
        assert_eq!((master.as_str(), db, tls), ("mymaster", 3, true));
        assert_eq!(username.as_deref(), Some("app"));
        assert_eq!(password.as_ref().map(ExposeSecret::expose_secret), Some("p@s/s"));
    }

    #[test]
    fn sentinels_with_little() {
        for (url, wanted) in [("redis+sentinel://s1/m", None), ("redis+sentinel://:pw@s1/m", Some("pw"))] {
            let parsed = url.parse();
            let Ok(RedisTopology::Sentinel { sentinels, db, tls, username, password, .. }) = parsed else {
                panic!("{parsed:?}");
            };
            assert_eq!(exposed(&sentinels), ["redis://s1:26379"]);
            assert_eq!((db, tls, username), (0, false, None));
            assert_eq!(password.as_ref().map(ExposeSecret::expose_secret), wanted);
        }
    }

    #[test]
    fn a_cluster_keeps_credentials_in_each_node() {
        let parsed = "redis+cluster://u:p%40@n1:7000,n2/0".parse();
        let Ok(RedisTopology::Cluster { nodes }) = parsed else { panic!("{parsed:?}") };
        assert_eq!(exposed(&nodes), ["redis://u:p%40@n1:7000", "redis://u:p%40@n2:6379"]);
        let parsed = "rediss+cluster://n1".parse();
        let Ok(RedisTopology::Cluster { nodes }) = parsed else { panic!("{parsed:?}") };
        assert_eq!(exposed(&nodes), ["rediss://n1:6379"]);
    }

    #[test]
    fn nonsense_is_refused_by_kind() {
        for (url, error) in [
            ("localhost:6379", RedisUrlError::Scheme),
            ("http://localhost", RedisUrlError::Scheme),
            ("redis://", RedisUrlError::Single),
            ("redis://host:port", RedisUrlError::Single),
            ("redis://host/database", RedisUrlError::Single),
            ("redis+sentinel://s1", RedisUrlError::Sentinel),
            ("redis+sentinel://s1/", RedisUrlError::Sentinel),
            ("redis+sentinel:///m", RedisUrlError::Sentinel),
            ("redis+sentinel://s1,/m", RedisUrlError::Sentinel),
            ("redis+sentinel://s1/m/x", RedisUrlError::Sentinel),
            ("redis+sentinel://s1/m/-1", RedisUrlError::Sentinel),
            ("redis+sentinel://s1/m?db=1", RedisUrlError::Sentinel),
            ("redis+sentinel://s1:99999/m", RedisUrlError::Sentinel),
            ("redis+cluster://", RedisUrlError::Cluster),
            ("redis+cluster://n1/1", RedisUrlError::Cluster),
            ("redis+cluster://n1,n2:x", RedisUrlError::Cluster),
        ] {
            assert_eq!(url.parse::<RedisTopology>().err(), Some(error), "{url}");
        }
    }
}
