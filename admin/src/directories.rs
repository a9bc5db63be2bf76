//! Where recordings are on a machine that needs nothing else: below the data directory, where `scalelite up` keeps
//! them unless it is told otherwise. Tasks find them there, too.
//!
//! That is so with the embedded database only: a site that has a PostgreSQL may have other hosts that share the
//! directories that Scalelite has always had.

use std::path::Path;

use scalelite_core::config::{StoresConfig, resolve_data_dir};

const DIRECTORY: &str = "recordings";
const PARTS: [(&str, &str); 4] = [
    ("RECORDING_SPOOL_DIR", "spool"),
    ("RECORDING_WORK_DIR", "work"),
    ("RECORDING_PUBLISH_DIR", "published"),
    ("RECORDING_UNPUBLISH_DIR", "unpublished"),
];

/// Variables and their values.
pub(crate) type Variables = Vec<(&'static str, String)>;

/// The directories that `up` uses where none are set.
pub(crate) fn for_up(stores: &StoresConfig) -> Variables {
    if stores.is_embedded() { below(&resolve_data_dir(stores)) } else { Vec::new() }
}

/// The directories that a task uses where none are set: those of `up`, if it has made them.
pub(crate) fn for_tasks(stores: &StoresConfig) -> Variables {
    let data_dir = resolve_data_dir(stores);
    let made = stores.is_embedded() && data_dir.join(DIRECTORY).is_dir();
    if made { below(&data_dir) } else { Vec::new() }
}

/// The directories below a data directory.
pub(crate) fn below(data_dir: &Path) -> Variables {
    let path = |part: &str| data_dir.join(DIRECTORY).join(part).display().to_string();
    PARTS.map(|(variable, part)| (variable, path(part))).to_vec()
}

#[cfg(test)]
mod tests {
    use scalelite_core::config::{Config, source::from_pairs};

    use super::*;

    fn stores(pairs: &[(&'static str, &str)]) -> StoresConfig {
        Config::from_source(&from_pairs(pairs)).unwrap().config.stores
    }

    #[test]
    fn below_the_data_directory_with_the_embedded_database() {
        let dir = tempfile::tempdir().unwrap();
        let data_dir = ("SCALELITE_DATA_DIR", dir.path().to_str().unwrap());
        let embedded = stores(&[data_dir]);
        let spool = ("RECORDING_SPOOL_DIR", dir.path().join("recordings/spool").display().to_string());
        assert_eq!(for_up(&embedded).first(), Some(&spool));
        assert_eq!(for_tasks(&embedded), [], "`up` has not been here");
        std::fs::create_dir(dir.path().join(DIRECTORY)).unwrap();
        assert_eq!(for_tasks(&embedded), for_up(&embedded));
        let postgres = stores(&[data_dir, ("DATABASE_URL", "postgres://h/d")]);
        assert_eq!((for_up(&postgres), for_tasks(&postgres)), (Vec::new(), Vec::new()));
    }
}
