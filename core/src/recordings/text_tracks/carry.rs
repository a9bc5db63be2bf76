//! Uploaded tracks outlive the tree that they were put into.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::index::{self, Index};
use super::{Kind, LARGEST, Language, Listed, NewTrack, read};
use crate::recordings::model::Shelf;
use crate::recordings::store::{Store, StoreError, TreeName};

/// Copies the tracks that were uploaded to a tree into the staged one that is about to be placed over it; gives how
/// many. Doing it again does no harm. The recording's lease is held.
///
/// # Errors
///
/// The store is away, or the staged tree has something else where they belong.
pub async fn carry_over(store: &Store, staged: &Path, tree: &TreeName) -> Result<usize, StoreError> {
    let mut carried = Vec::new();
    for shelf in [Shelf::Published, Shelf::Unpublished] {
        let Some(old) = read(store, tree, shelf).await? else { continue };
        for listed in old.uploaded() {
            let Some(track) = new_track(&listed) else { continue };
            match store.read_file(tree, shelf, &listed.file, LARGEST as u64).await? {
                Some(content) => {
                    let path = staged.to_owned();
                    tokio::task::spawn_blocking(move || add(&path, &track, &content)).await??;
                    carried.push(listed.file);
                }
                None => tracing::warn!(%tree, file = listed.file, "a text track is listed, but not there"),
            }
        }
    }
    if !carried.is_empty() {
        tracing::info!(%tree, ?carried, "text tracks that were uploaded are kept");
    }
    Ok(carried.len())
}

fn new_track(listed: &Listed) -> Option<NewTrack> {
    Some(NewTrack::new(Kind::parse(&listed.kind)?, Language::parse(&listed.lang)?, &listed.label))
}

/// Adds a track to a staged tree.
fn add(staged: &Path, track: &NewTrack, content: &[u8]) -> Result<(), StoreError> {
    let list = staged.join(index::NAME);
    let mut index = list_of(&list).map_err(unusable(&list))?;
    let Some(file) = index.put(track) else { return Ok(()) };
    for (name, content) in [(file.as_str(), content), (index::NAME, &index.to_json())] {
        let path = staged.join(name);
        fs::write(&path, content).map_err(unusable(&path))?;
    }
    Ok(())
}

/// The list that a staged tree came with.
fn list_of(path: &Path) -> io::Result<Index> {
    let mut json = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(index::LARGEST).read_to_end(&mut json)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Index::default()),
        Err(error) => return Err(error),
    };
    Ok(Index::parse(&json).unwrap_or_default())
}

/// A directory instead of a file is the tree's own mistake, and will not pass.
fn unusable(path: &Path) -> impl FnOnce(io::Error) -> StoreError + use<> {
    let path: PathBuf = path.to_owned();
    move |error| {
        let source = match error.kind() {
            ErrorKind::IsADirectory => io::Error::new(ErrorKind::Unsupported, error),
            _ => error,
        };
        StoreError::Io { action: "keep uploaded text tracks in", path, source }
    }
}
