//! Where the live state and the database are.

use std::fs;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::reader::{Reader, absolute};
use super::redis_url::RedisTopology;

/// Where the live state and the database are (CONTRACT §8–§10). What is `None` is SQLite in the data
/// directory.
#[derive(Debug, Clone)]
pub struct StoresConfig {
    /// `REDIS_URL` and what goes with it: the live state. Default: none, embedded.
    pub redis: Option<RedisConfig>,
    /// `DATABASE_URL`, `postgres://`, `postgresql://` or `sqlite:`: the recordings' database.
    /// Default: none, embedded.
    pub database_url: Option<SecretString>,
    /// `SCALELITE_DATA_DIR`, absolute. Default: none, see [`resolve_data_dir`].
    pub data_dir: Option<PathBuf>,
    /// `DB_DISABLED`: there is no database, so no recordings and no callbacks. Default: false.
    pub db_disabled: bool,
    /// `DB_CONNECTION_RETRY_COUNT`: further tries after a connection to the database failed. Default: 3.
    pub db_connection_retry_count: u32,
}

/// The live state in Redis (CONTRACT §9).
#[derive(Debug, Clone)]
pub struct RedisConfig {
    /// `REDIS_URL` as it is set.
    pub url: SecretString,
    /// What it means.
    pub topology: RedisTopology,
    /// `REDIS_NAMESPACE`: begins every key, before a colon; empty: no prefix at all. Default: `scalelite`.
    pub namespace: String,
    /// `REDIS_POOL`: number of connections; 0: one per worker. Default: 0.
    pub pool: usize,
}

impl StoresConfig {
    /// Whether the recordings' database is a file of this host.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.database_url.as_ref().is_none_or(|url| url.expose_secret().starts_with("sqlite:"))
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            redis: RedisConfig::read(reader),
            database_url: read_database_url(reader),
            data_dir: reader.text("SCALELITE_DATA_DIR").map(|dir| absolute(dir.into())),
            db_disabled: reader.flag("DB_DISABLED", false),
            db_connection_retry_count: reader.number("DB_CONNECTION_RETRY_COUNT", 3, 0..=1000, "tries"),
        }
    }
}

impl RedisConfig {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let namespace = reader.raw("REDIS_NAMESPACE");
        let namespace = namespace.map_or_else(|| "scalelite".to_owned(), |value| value.trim().to_owned());
        let pool = reader.size("REDIS_POOL", 0, 0..=10_000, "connections");
        let url = reader.text("REDIS_URL")?;
        let topology = match url.parse::<RedisTopology>() {
            Ok(topology) => topology,
            Err(error) => {
                reader.problem("REDIS_URL", error.to_string());
                return None;
            }
        };
        if matches!(topology, RedisTopology::Cluster { .. }) && !has_hash_tag(&namespace) {
            reader.problem(
                "REDIS_NAMESPACE",
                "expected a part in braces, which keeps all keys on one node of a cluster: set \
                 REDIS_NAMESPACE={scalelite}",
            );
        }
        Some(Self { url: url.into(), topology, namespace, pool })
    }
}

/// Whether Redis Cluster finds a hash tag: something between the first `{` and the next `}`.
fn has_hash_tag(namespace: &str) -> bool {
    let inner = namespace.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
    inner.is_some_and(|(tag, _)| !tag.is_empty())
}

fn read_database_url(reader: &mut Reader<'_>) -> Option<SecretString> {
    const NAME: &str = "DATABASE_URL";
    let url = reader.text(NAME)?;
    let postgres = ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
    if postgres && url::Url::parse(&url).is_err() {
        reader.problem(
            NAME,
            "expected postgresql://[user:password@]host[:port]/database (special characters of a password as \
             %XX)",
        );
    } else if !postgres && url.strip_prefix("sqlite:").is_none_or(str::is_empty) {
        reader.problem(NAME, "expected a URL with postgres://, postgresql:// or sqlite:");
    }
    Some(url.into())
}

/// The directory of the embedded stores: the one that is set, else `/var/lib/scalelite` where that exists and
/// can be written, else `scalelite-data` in the working directory (CONTRACT §8). Makes no directory.
#[must_use]
pub fn resolve_data_dir(stores: &StoresConfig) -> PathBuf {
    data_dir(stores.data_dir.as_deref(), Path::new("/var/lib/scalelite"), Path::new("scalelite-data"))
}

fn data_dir(set: Option<&Path>, system: &Path, local: &Path) -> PathBuf {
    match set {
        Some(dir) => dir.to_owned(),
        None if can_write(system) => system.to_owned(),
        None => absolute(local.to_owned()),
    }
}

/// Tries it, since a file's mode does not tell of read-only mounts, ACLs and the like.
fn can_write(dir: &Path) -> bool {
    let probe = dir.join(format!(".probe-{}", Uuid::new_v4()));
    let made = fs::OpenOptions::new().write(true).create_new(true).open(&probe).is_ok();
    // One that cannot be removed again is empty and does no harm.
    fs::remove_file(&probe).is_ok() || made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_tags_as_redis_finds_them() {
        for tagged in ["{scalelite}", "a{b}c", "{a}{}"] {
            assert!(has_hash_tag(tagged), "{tagged}");
        }
        for plain in ["", "scalelite", "{}", "{}{a}", "}{", "{a"] {
            assert!(!has_hash_tag(plain), "{plain}");
        }
    }

    #[test]
    fn the_data_directory_is_the_first_that_can_be_used() -> std::io::Result<()> {
        let system = tempfile::tempdir()?;
        let missing = system.path().join("missing");
        let local = Path::new("scalelite-data");
        assert_eq!(data_dir(Some(Path::new("/set")), system.path(), local), Path::new("/set"));
        assert_eq!(data_dir(None, system.path(), local), system.path());
        assert_eq!(fs::read_dir(system.path())?.count(), 0, "the probe is removed");
        assert_eq!(data_dir(None, &missing, local), std::path::absolute(local)?);
        assert!(!missing.exists());
        Ok(())
    }
}
