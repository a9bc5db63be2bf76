//! What an unpacked tar holds: trees `<format>/<record id>`, each with a `metadata.xml`.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use scalelite_core::recordings::metadata_xml::{self, LARGEST, MetadataError};
use scalelite_core::recordings::model::NewRecording;
use scalelite_core::recordings::store::{NameError, TreeName};

const METADATA: &str = "metadata.xml";
/// Most trees of one tar; BigBlueButton puts the formats of one recording into it.
const MOST_TREES: usize = 100;
/// All `metadata.xml` of one tar together, in bytes: what they tell is held in memory.
const MOST_METADATA: u64 = 2 * LARGEST;

/// A playback format that can be imported.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) name: TreeName,
    /// Where it lies now.
    pub(super) path: PathBuf,
    pub(super) recording: NewRecording,
}

/// A directory that looks like a playback format and cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    /// Its path in the tar.
    pub(super) path: String,
    pub(super) why: String,
}

/// What an unpacked tar holds.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Sorted by recording, and then by format.
    pub(super) trees: Vec<Tree>,
    pub(super) broken: Vec<Broken>,
}

/// Why a directory cannot be imported as a format.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error(transparent)]
    Name(#[from] NameError),
    #[error("it has no metadata.xml")]
    NoMetadata,
    #[error("its metadata.xml cannot be used: {0}")]
    Metadata(#[from] MetadataError),
    #[error("its metadata.xml is of the recording {0:?}, not of this one")]
    OtherRecording(String),
    #[error("its metadata.xml is of the format {0:?}, not of this one")]
    OtherFormat(String),
    #[error("there is more in the tar than {MOST_TREES} formats with {MOST_METADATA} bytes of metadata.xml")]
    TooMuch,
    #[error(transparent)]
    Io(io::Error),
}

/// Looks through a staging directory. Blocking.
///
/// # Errors
///
/// It cannot be read.
pub(super) fn examine(staged: &Path) -> io::Result<Found> {
    let (mut found, mut left) = (Found::default(), MOST_METADATA);
    for format in dirs_in(staged)? {
        for record_id in dirs_in(&staged.join(&format))? {
            if found.trees.len() + found.broken.len() > MOST_TREES {
                return Ok(found);
            }
            let path = staged.join(&format).join(&record_id);
            let full = found.trees.len() == MOST_TREES;
            let read =
                if full { Err(Unusable::TooMuch) } else { read(&path, &format, &record_id, &mut left) };
            match read {
                Ok((name, recording)) => found.trees.push(Tree { name, path, recording }),
                Err(Unusable::Io(error)) => return Err(error),
                Err(why) => {
                    let path = format!("{format}/{record_id}");
                    found.broken.push(Broken { path, why: why.to_string() });
                }
            }
        }
    }
    let key = |tree: &Tree| (tree.name.record_id().to_owned(), tree.name.format().to_owned());
    found.trees.sort_by_cached_key(key);
    Ok(found)
}

fn read(
    path: &Path,
    format: &str,
    record_id: &str,
    left: &mut u64,
) -> Result<(TreeName, NewRecording), Unusable> {
    let name = TreeName::new(format, record_id)?;
    let mut file = match File::open(path.join(METADATA)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Unusable::NoMetadata),
        opened => opened.map_err(Unusable::Io)?,
    };
    let metadata = file.metadata().map_err(Unusable::Io)?;
    if !metadata.is_file() {
        return Err(Unusable::NoMetadata);
    }
    if metadata.len() > LARGEST {
        return Err(MetadataError::TooLarge(metadata.len()).into());
    }
    *left = left.checked_sub(metadata.len()).ok_or(Unusable::TooMuch)?;
    let mut document = Vec::new();
    file.read_to_end(&mut document).map_err(Unusable::Io)?;
    let recording = metadata_xml::parse(&document)?;
    if recording.record_id != record_id {
        return Err(Unusable::OtherRecording(recording.record_id));
    }
    // The format's directory is what its links lead to.
    if recording.format.format != format {
        return Err(Unusable::OtherFormat(recording.format.format));
    }
    Ok((name, recording))
}

/// The names of the directories in a directory, sorted. (All names are UTF-8: unpacking allows no other.)
fn dirs_in(dir: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn metadata(record_id: &str, format: &str) -> String {
        format!(
            "<recording><id>{record_id}</id><published>true</published><meta><meetingId>m</meetingId></meta>\
             <playback><format>{format}</format><link>https://x/{format}/{record_id}</link></playback></recording>"
        )
    }

    struct Staged(TempDir);

    impl Staged {
        fn new() -> Self {
            Self(TempDir::new().unwrap())
        }

        fn with(self, path: &str, content: &str) -> Self {
            let path = self.0.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
            self
        }

        fn examine(&self) -> Found {
            examine(self.0.path()).unwrap()
        }
    }

    #[test]
    fn formats_of_several_recordings_in_order() {
        let staged = Staged::new();
        let staged = staged.with("video/b/metadata.xml", &metadata("b", "video"));
        let staged = staged.with("video/a/metadata.xml", &metadata("a", "video"));
        let staged =
            staged.with("notes/b/metadata.xml", &metadata("b", "notes")).with("stray", "").with("x/y", "");
        let found = staged.examine();
        let names: Vec<_> = found.trees.iter().map(|tree| tree.name.to_string()).collect();
        assert_eq!(names, ["video/a", "notes/b", "video/b"]);
        assert_eq!(found.trees[1].recording.format.format, "notes");
        assert!(found.trees.iter().all(|tree| tree.path.join(METADATA).exists()));
        assert_eq!(found.broken, []);
    }

    #[test]
    fn broken_ones_do_not_harm_the_others() {
        let large = format!("{}{}", metadata("large", "video"), " ".repeat(10_000_001));
        let staged = Staged::new()
            .with("video/good/metadata.xml", &metadata("good", "video"))
            .with("video/none/video.webm", "")
            .with("video/dir/metadata.xml/x", "")
            .with("video/damaged/metadata.xml", "<recording>")
            .with("video/other/metadata.xml", &metadata("good", "video"))
            .with("notes/good/metadata.xml", &metadata("good", "video"))
            .with("video/large/metadata.xml", &large)
            .with("video/.hidden/metadata.xml", &metadata(".hidden", "video"));
        let found = staged.examine();
        assert_eq!(found.trees.len(), 1);
        let expected = [
            ("notes/good", "format \"video\""),
            ("video/.hidden", "cannot be the name"),
            ("video/damaged", "not XML"),
            ("video/dir", "no metadata.xml"),
            ("video/large", "bytes; more than"),
            ("video/none", "no metadata.xml"),
            ("video/other", "recording \"good\""),
        ];
        assert_eq!(found.broken.len(), expected.len(), "{:?}", found.broken);
        for (broken, (path, why)) in found.broken.iter().zip(expected) {
            assert!(broken.path == path && broken.why.contains(why), "{broken:?}");
        }
    }

    #[test]
    fn only_so_many_are_looked_at() {
        let staged = (0..MOST_TREES + 5).fold(Staged::new(), |staged, n| {
            staged.with(&format!("video/r{n}/metadata.xml"), &metadata(&format!("r{n}"), "video"))
        });
        let found = staged.examine();
        assert_eq!(found.trees.len(), MOST_TREES);
        assert_eq!(found.broken.len(), 1);
        let padding = " ".repeat(9_000_000);
        let staged = (0..3).fold(Staged::new(), |staged, n| {
            let text = metadata(&format!("r{n}"), "video") + &padding;
            staged.with(&format!("video/r{n}/metadata.xml"), &text)
        });
        let found = staged.examine();
        assert_eq!((found.trees.len(), found.broken.len()), (2, 1));
        assert!(found.broken[0].why.contains("more in the tar"));
    }
}
