//! Files are sent from `RECORDING_PUBLISH_DIR`.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use actix_files::NamedFile;
use actix_web::{HttpRequest, HttpResponse};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;
use scalelite_core::recordings::store::TreeName;

use crate::playback::error::PlaybackError;
use crate::playback::place::Place;
use crate::playback::resource::into_directory;

/// The page of a directory.
const PAGE: &str = "index.html";

/// What a path leads to.
#[derive(Debug)]
enum Found {
    File(File),
    Directory,
}

/// The file at `path` of a tree, whole or in part, as the request asks for.
pub(super) async fn answer(
    root: &Arc<PathBuf>,
    request: &HttpRequest,
    place: &Place,
    path: &str,
) -> Result<HttpResponse, PlaybackError> {
    let page = if path.is_empty() || path.ends_with('/') { PAGE } else { "" };
    let path = format!("{path}{page}");
    let found = tokio::task::spawn_blocking({
        let (root, tree, path) = (Arc::clone(root), place.tree.clone(), path.clone());
        move || find(&root, &tree, &path)
    });
    let failed = |source| PlaybackError::File { path: format!("{}/{path}", place.tree), source };
    match found.await?.map_err(failed)? {
        None => Err(PlaybackError::NotFound),
        Some(Found::Directory) if page.is_empty() => Ok(into_directory(place, request.uri().query())),
        Some(Found::Directory) => Err(PlaybackError::NotFound),
        Some(Found::File(file)) => {
            let file = NamedFile::from_file(file, &path).map_err(failed)?;
            Ok(file.disable_content_disposition().prefer_utf8(true).into_response(request))
        }
    }
}

/// Opens what is at `path` of a tree. Links are not followed from the tree on, so nothing leads out of it; those
/// above it are the operator's own.
fn find(root: &Path, tree: &TreeName, path: &str) -> io::Result<Option<Found>> {
    let dir = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let open = || {
        let mut at = openat(CWD, root.join(tree.format()), dir, Mode::empty())?;
        let (dirs, name) = path.rsplit_once('/').unwrap_or(("", path));
        let dirs = dirs.split('/').filter(|name| !name.is_empty());
        for name in [tree.record_id()].into_iter().chain(dirs) {
            at = openat(&at, name, dir | OFlags::NOFOLLOW, Mode::empty())?;
        }
        // What is no plain file must not keep us waiting.
        let file = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        openat(&at, name, file, Mode::empty())
    };
    match open() {
        Ok(opened) => {
            let file = File::from(opened);
            let kind = file.metadata()?.file_type();
            Ok(if kind.is_file() {
                Some(Found::File(file))
            } else {
                kind.is_dir().then_some(Found::Directory)
            })
        }
        // A socket, or a device without a driver, cannot be opened either.
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NAMETOOLONG | Errno::INVAL | Errno::NXIO) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::fs::symlink;

    use rustix::fs::{FileType, mknodat};
    use tempfile::TempDir;

    use super::*;

    fn content(root: &Path, path: &str) -> Option<String> {
        let tree = TreeName::new("video", "r-1").unwrap();
        match find(root, &tree, path).unwrap() {
            Some(Found::File(mut file)) => {
                let mut text = String::new();
                file.read_to_string(&mut text).unwrap();
                Some(text)
            }
            Some(Found::Directory) => Some("(directory)".to_owned()),
            None => None,
        }
    }

    #[test]
    fn files_of_the_tree_only() {
        let dir = TempDir::new().unwrap();
        let (outside, shelf) = (dir.path().join("secret"), dir.path().join("published"));
        let tree = shelf.join("video/r-1");
        std::fs::create_dir_all(tree.join("a/b")).unwrap();
        for (path, text) in [(&outside, "secret"), (&tree.join("x"), "x"), (&tree.join("a/b/c"), "c")] {
            std::fs::write(path, text).unwrap();
        }
        symlink(&outside, tree.join("out")).unwrap();
        symlink(dir.path(), tree.join("outdir")).unwrap();
        symlink("x", tree.join("within")).unwrap();
        symlink("../../..", tree.join("a/up")).unwrap();
        mknodat(CWD, tree.join("fifo"), FileType::Fifo, Mode::RUSR, 0).unwrap();

        assert_eq!(content(&shelf, "x").as_deref(), Some("x"));
        assert_eq!(content(&shelf, "a/b/c").as_deref(), Some("c"));
        assert_eq!(content(&shelf, "a").as_deref(), Some("(directory)"));
        let long = "x".repeat(300);
        for nothing in ["y", "x/y", "out", "outdir/secret", "within", "a/up/secret", "fifo", "fifo/x", &long]
        {
            assert_eq!(content(&shelf, nothing), None, "{nothing}");
        }
        // The shelf and the format may be elsewhere, by the operator's own links; a recording may not.
        symlink(&shelf, dir.path().join("linked")).unwrap();
        assert_eq!(content(&dir.path().join("linked"), "x").as_deref(), Some("x"));
        std::fs::rename(shelf.join("video"), dir.path().join("moved")).unwrap();
        symlink(dir.path().join("moved"), shelf.join("video")).unwrap();
        assert_eq!(content(&shelf, "x").as_deref(), Some("x"));
        std::fs::rename(dir.path().join("moved/r-1"), dir.path().join("r-1")).unwrap();
        symlink(dir.path().join("r-1"), shelf.join("video/r-1")).unwrap();
        assert_eq!(content(&shelf, "x"), None);
    }
}
