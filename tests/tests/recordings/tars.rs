//! Tars as a BigBlueButton server drops them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::playback::given::Library;

/// The meeting that they are of.
pub(crate) const MEETING: &str = "5bd0e35013bc9761d06f01d4bfd9b4ae1c8df289";

/// As a server of a real site wrote it.
const METADATA: &str =
    include_str!("../../../core/src/recordings/metadata_xml/fixtures/greenlight-presentation.xml");

/// Drops a tar of a recording with a presentation and a video.
pub(crate) fn drop_tar(library: &Library, record_id: &str) {
    drop_tar_with(library, record_id, &[]);
}

/// Drops one that holds these files as well, in each of its formats.
pub(crate) fn drop_tar_with(library: &Library, record_id: &str, files: &[(&str, &str)]) {
    let spool = library.site.dir().join("spool");
    fs::create_dir_all(&spool).unwrap();
    fs::rename(pack(library, record_id, files), spool.join(format!("{record_id}.tar"))).unwrap();
}

/// A tar that is not dropped yet. It is in the way of the next one.
pub(crate) fn pack(library: &Library, record_id: &str, files: &[(&str, &str)]) -> PathBuf {
    pack_below(library.site.dir(), record_id, files)
}

/// The same, made below this directory.
pub(crate) fn pack_below(dir: &Path, record_id: &str, files: &[(&str, &str)]) -> PathBuf {
    let source = publish_below(dir, record_id, files);
    let part = dir.join("part.tar");
    let packed = Command::new("tar")
        .arg("-C")
        .arg(&source)
        .arg("-cf")
        .arg(&part)
        .args(["presentation", "video"])
        .status();
    assert!(packed.unwrap().success());
    part
}

/// The trees of a recording as a server publishes them, in the directory that is given back.
pub(crate) fn publish_on_server(library: &Library, record_id: &str, files: &[(&str, &str)]) -> PathBuf {
    publish_below(library.site.dir(), record_id, files)
}

fn publish_below(dir: &Path, record_id: &str, files: &[(&str, &str)]) -> PathBuf {
    let source = dir.join("source").join(record_id);
    let metadata = |format: &str| {
        METADATA
            .replace(record_id_of(METADATA), record_id)
            .replace("<format>presentation<", &format!("<format>{format}<"))
    };
    for format in ["presentation", "video"] {
        let tree = source.join(format).join(record_id);
        write(&tree.join("metadata.xml"), &metadata(format));
        write(&tree.join("index.html"), &format!("page of {format}"));
        write(&tree.join("a b/ñ%.vtt"), "WEBVTT");
        for (path, content) in files {
            write(&tree.join(path), content);
        }
    }
    source
}

fn record_id_of(metadata: &str) -> &str {
    metadata.split_once("<id>").unwrap().1.split_once("</id>").unwrap().0
}

pub(crate) fn write(path: &Path, content: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}
