//! A store of the test's own, and a look into it from outside.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use scalelite_core::config::{Config, RecordingsConfig, source};
use scalelite_core::recordings::model::Shelf;
use scalelite_core::recordings::store::{Store, TreeName};
use scalelite_testbed::moto::Moto;
use tempfile::TempDir;

/// A tree's files: path and content.
pub(crate) type Content = BTreeMap<String, String>;

pub(crate) struct Place {
    pub(crate) store: Store,
    pub(crate) moto: Option<Moto>,
    dir: TempDir,
}

impl Place {
    pub(crate) fn on_disk() -> Self {
        let dir = TempDir::new().unwrap();
        let store = Store::new(&config(dir.path(), &[])).unwrap();
        Self { store, moto: None, dir }
    }

    pub(crate) fn in_a_bucket() -> Option<Self> {
        let moto = Moto::start()?;
        let dir = TempDir::new().unwrap();
        let store = Store::new(&config(dir.path(), &moto.env())).unwrap();
        Some(Self { store, moto: Some(moto), dir })
    }

    /// The store in another bucket.
    pub(crate) fn of_bucket(&self, name: &str) -> Store {
        let mut env = self.moto.as_ref().unwrap().env();
        env.retain(|(name, _)| *name != "S3_BUCKET_NAME");
        env.push(("S3_BUCKET_NAME", name.to_owned()));
        Store::new(&config(self.dir.path(), &env)).unwrap()
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.dir.path().join("work")
    }

    /// Stages a tree of these files.
    pub(crate) async fn stage(&self, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let staged = self.store.stage(name).await.unwrap().join("tree");
        for (path, content) in files {
            let path = staged.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        staged
    }

    /// What stands on a shelf.
    pub(crate) fn content(&self, tree: &TreeName, shelf: Shelf) -> Content {
        let mut content = Content::new();
        match &self.moto {
            Some(moto) => {
                let prefix = format!("{}/{tree}/", shelf.name());
                for key in moto.keys() {
                    if let Some(path) = key.strip_prefix(&prefix) {
                        let answer = moto.object(&key);
                        let body = answer.split_once("\r\n\r\n").unwrap().1;
                        content.insert(path.to_owned(), body.to_owned());
                    }
                }
            }
            None => read(&self.dir.path().join(shelf.name()).join(tree.path()), "", &mut content),
        }
        content
    }
}

fn read(root: &Path, below: &str, content: &mut Content) {
    let Ok(entries) = fs::read_dir(root.join(below)) else { return };
    for entry in entries {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if entry.file_type().unwrap().is_dir() {
            read(root, &path, content);
        } else {
            content.insert(path, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

fn config(dir: &Path, bucket: &[(&'static str, String)]) -> RecordingsConfig {
    config_of(&dir.join("work"), &dir.join("published"), &dir.join("unpublished"), bucket)
}

pub(crate) fn config_of(
    work: &Path,
    published: &Path,
    unpublished: &Path,
    bucket: &[(&'static str, String)],
) -> RecordingsConfig {
    let mut pairs = bucket.to_vec();
    pairs.push(("RECORDING_WORK_DIR", work.to_str().unwrap().to_owned()));
    pairs.push(("RECORDING_PUBLISH_DIR", published.to_str().unwrap().to_owned()));
    pairs.push(("RECORDING_UNPUBLISH_DIR", unpublished.to_str().unwrap().to_owned()));
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Config::from_source(&source::from_pairs(&pairs)).unwrap().config.recordings
}
