//! The secrets that `scalelite up` makes for itself (CONTRACT §8): once, in a file of the data directory
//! that only its owner can read.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use uuid::Uuid;

const FILE: &str = "secrets.env";
const LOADBALANCER: &str = "LOADBALANCER_SECRET";
const KEY_BASE: &str = "SECRET_KEY_BASE";

/// Secrets of this installation.
pub(crate) struct Kept {
    /// For `LOADBALANCER_SECRET`.
    pub(crate) loadbalancer: SecretString,
    /// For `SECRET_KEY_BASE`.
    pub(crate) key_base: SecretString,
    /// Where they are kept.
    pub(crate) path: PathBuf,
}

/// Why there are no secrets.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretsError {
    /// A file or directory cannot be used.
    #[error("cannot keep the secrets in {path}: {source}")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Somebody changed the file.
    #[error("{path} has no {name}: add it, or remove the file so that new secrets are made")]
    Missing {
        /// The file.
        path: PathBuf,
        /// What it lacks.
        name: &'static str,
    },
}

/// The secrets in `dir`; made now if there are none. Of several starts at the same time, one makes them and
/// all have the same. Blocks: for use before a runtime is there.
pub(crate) fn obtain(dir: &Path) -> Result<Kept, SecretsError> {
    let path = dir.join(FILE);
    if let Some(kept) = load(&path)? {
        return Ok(kept);
    }
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| SecretsError::File { path, source }
    };
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(failed(dir))?;
    publish(dir, &path).map_err(failed(&path))?;
    load(&path)?.ok_or_else(|| failed(&path)(ErrorKind::NotFound.into()))
}

/// Writes new secrets under another name and links them to `path`, unless somebody was faster: at no moment
/// is there a file of that name without all its content.
fn publish(dir: &Path, path: &Path) -> io::Result<()> {
    let draft = dir.join(format!(".{FILE}-{}", Uuid::new_v4()));
    let linked = write(&draft).and_then(|()| fs::hard_link(&draft, path));
    // What is left behind if this fails is of no use to anybody.
    let _ = fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}

fn write(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let loadbalancer = hex::encode(rand::random::<[u8; 32]>());
    let key_base = hex::encode([rand::random::<[u8; 32]>(), rand::random::<[u8; 32]>()].concat());
    writeln!(file, "# Made by `scalelite up`. Keep it: who has it can use and change this installation.")?;
    writeln!(file, "{LOADBALANCER}={loadbalancer}\n{KEY_BASE}={key_base}")?;
    file.sync_all()
}

fn load(path: &Path) -> Result<Option<Kept>, SecretsError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(SecretsError::File { path: path.to_owned(), source }),
    };
    let value = |name: &'static str| {
        let lines = text.lines().filter_map(|line| line.trim().split_once('='));
        let mut values = lines.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim());
        let value = values.next_back().filter(|value| !value.is_empty());
        value
            .map(|value| SecretString::from(value.to_owned()))
            .ok_or(SecretsError::Missing { path: path.to_owned(), name })
    };
    Ok(Some(Kept { loadbalancer: value(LOADBALANCER)?, key_base: value(KEY_BASE)?, path: path.to_owned() }))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn made_once_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("a/b");
        let first = obtain(&data).unwrap_or_else(|error| panic!("{error}"));
        let second = obtain(&data).unwrap_or_else(|error| panic!("{error}"));
        let both = |kept: &Kept| {
            (kept.loadbalancer.expose_secret().to_owned(), kept.key_base.expose_secret().to_owned())
        };
        let (loadbalancer, key_base) = both(&first);
        assert_eq!((loadbalancer.len(), key_base.len()), (64, 128));
        assert_eq!(both(&second), (loadbalancer, key_base));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&data), mode(&first.path)), (0o700, 0o600));
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn many_starts_agree() {
        let dir = tempfile::tempdir().unwrap();
        let starts: Vec<_> = (0..16)
            .map(|_| {
                let dir = dir.path().to_owned();
                std::thread::spawn(move || {
                    obtain(&dir).map(|kept| kept.loadbalancer.expose_secret().to_owned()).ok()
                })
            })
            .collect();
        let found: Vec<_> = starts.into_iter().map(|start| start.join().unwrap()).collect();
        assert!(found[0].is_some() && found.iter().all(|secret| *secret == found[0]), "{found:?}");
    }

    #[test]
    fn a_changed_file_is_told() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), "LOADBALANCER_SECRET=x\n").unwrap();
        let error = obtain(dir.path()).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("has no SECRET_KEY_BASE"), "{error}");
    }
}
