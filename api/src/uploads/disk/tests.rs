use std::os::unix::fs::symlink;

use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::*;

const CONTENT: &[u8] = b"the content of a tar";

struct Spool {
    dir: TempDir,
    place: Place,
    name: Name,
    wanted: State,
}

impl Spool {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let place = Place::new(dir.path(), 0);
        let wanted = State {
            length: CONTENT.len() as u64,
            sha256: hex::encode(Sha256::digest(CONTENT)),
            server: "s-1".to_owned(),
            whole: false,
        };
        Self { dir, place, name: Name::parse("r-1.tar").unwrap(), wanted }
    }

    fn begin(&self) -> (u64, bool) {
        let Progress { offset, is_new } = self.place.begin(&self.name, &self.wanted).unwrap();
        (offset, is_new)
    }

    fn open(&self, offset: u64) -> Upload {
        self.place.open(&self.name, offset, |_| true).unwrap().unwrap()
    }

    fn finish(&self, upload: Upload) -> Result<(), DiskError> {
        upload.finish(None, &CancellationToken::new())
    }

    fn part(&self) -> PathBuf {
        upload_names::part(self.dir.path(), "r-1.tar")
    }
}

#[test]
fn the_last_byte_counts_when_all_is_checked() {
    let spool = Spool::new();
    assert_eq!(spool.begin(), (0, true));
    let mut upload = spool.open(0);
    upload.append(CONTENT).unwrap();
    // As if the process were killed before it is checked.
    drop(upload);
    let almost = CONTENT.len() as u64 - 1;
    assert_eq!(spool.begin(), (almost, false));
    assert!(
        matches!(spool.place.open(&spool.name, almost + 1, |_| true), Ok(Err(offset)) if offset == almost)
    );
    let mut upload = spool.open(almost);
    upload.append(&CONTENT[CONTENT.len() - 1..]).unwrap();
    spool.finish(upload).unwrap();
    assert_eq!(fs::read(spool.dir.path().join("r-1.tar")).unwrap(), CONTENT);
    assert_eq!(spool.begin(), (CONTENT.len() as u64, false));
}

#[test]
fn one_that_was_noted_to_be_whole_and_not_renamed_is_checked_again() {
    let spool = Spool::new();
    spool.begin();
    let mut upload = spool.open(0);
    upload.append(CONTENT).unwrap();
    upload.state.whole = true;
    upload.note().unwrap();
    drop(upload);
    let (offset, is_new) = spool.begin();
    assert!(offset < CONTENT.len() as u64 && !is_new);
    // Killed once more, in between.
    drop(spool.open(offset));
    assert_eq!(spool.begin(), (offset, false));
    let mut upload = spool.open(offset);
    upload.append(&CONTENT[CONTENT.len() - 1..]).unwrap();
    spool.finish(upload).unwrap();
    assert!(spool.dir.path().join("r-1.tar").exists() && !spool.part().exists());
}

#[test]
fn a_part_that_came_too_late_is_none() {
    let spool = Spool::new();
    spool.begin();
    let mut upload = spool.open(0);
    upload.append(CONTENT).unwrap();
    spool.finish(upload).unwrap();
    // As if another process had made it while this one was renamed.
    File::create(spool.part()).unwrap();
    let length = CONTENT.len() as u64;
    assert_eq!(spool.begin(), (length, false));
    for offset in [0, length - 1, length] {
        let opened = spool.place.open(&spool.name, offset, |_| true);
        assert!(matches!(opened, Ok(Err(there)) if there == length));
    }
}

#[test]
fn only_one_has_it() {
    let spool = Spool::new();
    spool.begin();
    let upload = spool.open(0);
    assert!(matches!(spool.place.open(&spool.name, 0, |_| true), Err(DiskError::Busy)));
    assert!(matches!(spool.place.forget(&spool.name, |_| true), Err(DiskError::Busy)));
    let other = State { sha256: "00".repeat(32), ..spool.wanted.clone() };
    assert!(matches!(spool.place.begin(&spool.name, &other), Err(DiskError::Busy)));
    drop(upload);
    spool.place.forget(&spool.name, |_| true).unwrap();
    assert!(matches!(spool.place.find(&spool.name), Err(DiskError::Unknown)));
}

#[test]
fn an_end_of_the_process_ends_the_check() {
    let spool = Spool::new();
    spool.begin();
    let mut upload = spool.open(0);
    upload.append(CONTENT).unwrap();
    let stop = CancellationToken::new();
    stop.cancel();
    assert!(matches!(upload.finish(None, &stop), Err(DiskError::Stopped)));
    assert_eq!(spool.begin(), (CONTENT.len() as u64 - 1, false));
}

#[test]
fn links_are_not_followed() {
    let spool = Spool::new();
    fs::create_dir(upload_names::dir(spool.dir.path())).unwrap();
    let victim = spool.dir.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    symlink(&victim, spool.part()).unwrap();
    assert!(matches!(spool.place.begin(&spool.name, &spool.wanted), Err(DiskError::Io(_))));
    symlink(&victim, upload_names::state(spool.dir.path(), "r-2.tar")).unwrap();
    assert!(spool.place.begin(&Name::parse("r-2.tar").unwrap(), &spool.wanted).is_err());
    assert_eq!(fs::read_to_string(victim).unwrap(), "precious");
}
