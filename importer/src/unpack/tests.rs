use std::fs;
use std::io::{Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use proptest::prelude::*;
use tar::{EntryType, Header};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::*;

const LIMITS: Limits = Limits { entries: 1000, bytes: 1 << 20 };

/// A header with any path at all, which the crate's own builder would refuse.
fn header(path: &[u8], kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.as_mut_bytes()[..path.len()].copy_from_slice(path);
    header.set_entry_type(kind);
    header.set_mode(0o4777);
    header.set_size(size);
    header.set_cksum();
    header
}

#[derive(Default)]
struct Made(Vec<u8>);

impl Made {
    fn member(mut self, path: impl AsRef<[u8]>, kind: EntryType, content: &[u8]) -> Self {
        self.0.extend_from_slice(header(path.as_ref(), kind, content.len() as u64).as_bytes());
        self.0.extend_from_slice(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    fn file(self, path: impl AsRef<[u8]>, content: &str) -> Self {
        self.member(path, EntryType::Regular, content.as_bytes())
    }

    fn said(mut self, path: &str, size: u64) -> Self {
        self.0.extend_from_slice(header(path.as_bytes(), EntryType::Regular, size).as_bytes());
        self
    }

    fn end(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        self.0
    }
}

struct Unpacked {
    dir: TempDir,
    result: Result<(), UnpackError>,
    progress: Progress,
}

impl Unpacked {
    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.dir.path().join(path)).unwrap()
    }

    fn mode(&self, path: &str) -> u32 {
        fs::metadata(self.dir.path().join(path)).unwrap().permissions().mode() & 0o7777
    }

    fn reason(&self) -> String {
        self.result.as_ref().unwrap_err().to_string()
    }
}

fn unpack_within(tar: &[u8], limits: Limits) -> Unpacked {
    let (dir, mut file) = (TempDir::new().unwrap(), tempfile::tempfile().unwrap());
    file.write_all(tar).unwrap();
    file.rewind().unwrap();
    let progress = Progress::default();
    let result = unpack(file, dir.path(), limits, &progress);
    Unpacked { dir, result, progress }
}

fn unpacked(tar: &[u8]) -> Unpacked {
    unpack_within(tar, LIMITS)
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn sample() -> Vec<u8> {
    Made::default()
        .member("./", EntryType::Directory, b"")
        .member("./video/id/", EntryType::Directory, b"")
        .file("./video/id/metadata.xml", "<recording/>")
        .file("./video/id/deep/er/file", "x")
        .file("./video/id/empty", "")
        .member("./notes/", EntryType::Regular, b"")
        .end()
}

fn assert_is_sample(unpacked: &Unpacked) {
    assert!(unpacked.result.is_ok(), "{:?}", unpacked.result);
    assert_eq!(unpacked.read("video/id/metadata.xml"), "<recording/>");
    assert_eq!(unpacked.read("video/id/deep/er/file"), "x");
    assert_eq!(unpacked.read("video/id/empty"), "");
    assert!(unpacked.dir.path().join("notes").is_dir());
    assert_eq!(unpacked.progress.written(), 13);
}

#[test]
fn whatever_it_is_compressed_with() {
    let tar = sample();
    assert_is_sample(&unpacked(&tar));
    assert_is_sample(&unpacked(&gzip(&tar)));
    // One stream after another is one file.
    assert_is_sample(&unpacked(&[gzip(&tar[..1000]), gzip(&tar[1000..])].concat()));
    assert_is_sample(&unpacked(&zstd::encode_all(&tar[..], 1).unwrap()));
}

#[test]
fn modes_are_what_a_web_server_needs() {
    let unpacked = unpacked(&sample());
    for (path, mode) in [("video/id", 0o755), ("video/id/deep", 0o755), ("video/id/deep/er/file", 0o644)] {
        assert_eq!(unpacked.mode(path), mode, "{path}");
    }
}

#[test]
fn the_later_of_two_files_with_one_name_stays() {
    let unpacked = unpacked(&Made::default().file("a/b", "old").file("c", "").file("a/b", "new").end());
    assert_eq!(unpacked.read("a/b"), "new");
}

#[test]
fn a_file_longer_than_any_buffer() {
    let content = "0123456789".repeat(70_000);
    let unpacked = unpacked(&Made::default().file("a/b", &content).file("c", "after it").end());
    assert_eq!(unpacked.read("a/b"), content);
    assert_eq!(unpacked.read("c"), "after it");
}

#[test]
fn long_names_of_both_kinds() {
    let long = format!("video/{}", "n".repeat(200));
    let name = format!("{long}\0");
    let gnu = Made::default().member("././@LongLink", EntryType::GNULongName, name.as_bytes());
    assert_eq!(unpacked(&gnu.file("cut", "gnu").end()).read(&long), "gnu");
    let record = format!("216 path={long}\n");
    let pax = Made::default().member("PaxHeader", EntryType::XHeader, record.as_bytes());
    assert_eq!(unpacked(&pax.file("cut", "pax").end()).read(&long), "pax");
}

#[test]
fn a_size_in_an_extended_header() {
    let mut tar = Made::default().member("PaxHeader", EntryType::XHeader, b"10 size=3\n").said("a", 0);
    tar.0.extend_from_slice(b"abc");
    tar.0.resize(tar.0.len().next_multiple_of(512), 0);
    assert_eq!(unpacked(&tar.file("b", "b").end()).read("a"), "abc");
}

#[test]
fn what_is_hostile_is_refused_and_leaves_nothing_outside() {
    let link = |kind| {
        let mut header = header(b"video/link", kind, 0);
        header.set_link_name_literal("/etc/passwd").unwrap();
        header.set_cksum();
        let mut tar = Made(header.as_bytes().to_vec());
        tar = tar.file("video/link/x", "through it");
        tar.end()
    };
    let of_kind = |kind| Made::default().member("a/b", kind, b"").end();
    let extended = |record: &str| {
        Made::default().member("PaxHeader", EntryType::XHeader, record.as_bytes()).file("a", "").end()
    };
    let large = vec![b'a'; 2 << 20];
    let long_name = Made::default().member("x", EntryType::GNULongName, &large).file("a", "").end();
    for (tar, reason) in [
        (Made::default().file("/etc/x", "").end(), "absolute"),
        (Made::default().file("video/../../x", "").end(), "`..`"),
        (Made::default().file(b"video/\xff", "").end(), "not UTF-8"),
        (link(EntryType::Symlink), "a symbolic link"),
        (link(EntryType::Link), "a hard link"),
        (of_kind(EntryType::Fifo), "a named pipe"),
        (of_kind(EntryType::Char), "a device"),
        (of_kind(EntryType::Block), "a device"),
        (of_kind(EntryType::GNUSparse), "with holes"),
        (of_kind(EntryType::new(b'M')), "of an unknown kind"),
        (Made::default().file("a", "").file("a/b", "").end(), "a file in one place"),
        (Made::default().file("a/b", "").file("a", "").end(), "a file in one place"),
        (Made::default().said("a", (1 << 40) + 1).end(), "1099511627777 bytes"),
        (Made::default().said("a", u64::MAX).end(), "18446744073709551615 bytes"),
        (Made::default().said("a", 2 << 20).end(), "RECORDING_IMPORT_MAX_BYTES"),
        (extended("13 path=../x\n"), "`..`"),
        (extended("12 path=a\0b\n"), "NUL"),
        (extended("22 GNU.sparse.major=1\n"), "with holes"),
        (extended("29 size=18446744073709551615\n"), "18446744073709551615 bytes"),
        (extended("99 path=x\n"), "malformed"),
        (long_name, "larger than 1 MiB"),
        (Made::default().member("x", EntryType::XGlobalHeader, b"10 path=x\n").end(), "for all its members"),
        (Made::default().member("x", EntryType::XHeader, b"10 path=x\n").end(), "not there"),
        ([sample(), sample()].concat(), "after its end"),
        (b"PK\x03\x04".repeat(200), "checksum"),
    ] {
        let unpacked = unpacked(&tar);
        assert!(matches!(unpacked.result, Err(UnpackError::Refused(_))), "{reason}: {:?}", unpacked.result);
        assert!(unpacked.reason().contains(reason), "{reason}: {}", unpacked.reason());
    }
}

#[test]
fn too_many_members_or_directories() {
    let limits = Limits { entries: 3, ..LIMITS };
    let files = (0..3).fold(Made::default(), |tar, n| tar.file(n.to_string(), ""));
    assert!(unpack_within(&Made(files.0.clone()).end(), limits).result.is_ok());
    let more = files.file("3", "").end();
    assert!(unpack_within(&more, limits).reason().contains("more than 3 files"));
    // Directories count, also those that no member names; so do members that leave nothing new.
    let deep = Made::default().file("a/b/c", "").file("d/e", "").end();
    assert!(unpack_within(&deep, limits).reason().contains("more than 3 files"));
    let same = (0..4).fold(Made::default(), |tar, _| tar.member("a/", EntryType::Directory, b"")).end();
    assert!(unpack_within(&same, limits).reason().contains("more than 3 files"));
}

#[test]
fn a_bomb_is_stopped_at_the_limit() {
    let zeros = vec![0; 3 << 20];
    let tar = gzip(&Made::default().member("a", EntryType::Regular, &zeros).end());
    assert!(unpacked(&tar).reason().contains("RECORDING_IMPORT_MAX_BYTES"));
    let endless = gzip(&[Made::default().file("a", "").end(), vec![0; 5 << 20]].concat());
    assert!(unpacked(&endless).reason().contains("after its end"));
}

#[test]
fn zstd_may_not_take_more_memory_than_allowed() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(27).unwrap();
    encoder.write_all(&sample()).unwrap();
    assert!(unpacked(&encoder.finish().unwrap()).reason().contains("cannot be uncompressed"));
}

#[test]
fn a_cut_off_tar_is_told_from_a_damaged_one() {
    let tar = Made::default().file("a", &"x".repeat(1500)).file("b", "y").end();
    let compressed = [gzip(&tar), zstd::encode_all(&tar[..], 1).unwrap()];
    for cut in [0, 1, 511, 512, 600, 2048, 3000, tar.len() - 1024] {
        let result = unpacked(&tar[..cut]).result;
        assert!(matches!(result, Err(UnpackError::Truncated(_))), "{cut}: {result:?}");
    }
    for tar in compressed {
        assert!(unpacked(&tar).result.is_ok());
        for cut in [5, tar.len() / 2, tar.len() - 1] {
            let result = unpacked(&tar[..cut]).result;
            assert!(matches!(result, Err(UnpackError::Truncated(_))), "{cut}: {result:?}");
        }
        let mut damaged = tar.clone();
        damaged[tar.len() - 6] ^= 1;
        let result = unpacked(&damaged).result;
        assert!(matches!(result, Err(UnpackError::Refused(_))), "{result:?}");
    }
    // One block of zeros is an end, too: nothing is missing.
    assert!(unpacked(&tar[..tar.len() - 512]).result.is_ok());
}

#[test]
fn it_stops_when_told() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&sample()).unwrap();
    file.rewind().unwrap();
    let (stop, dir) = (CancellationToken::new(), TempDir::new().unwrap());
    let progress = Progress::new(stop.clone());
    stop.cancel();
    assert!(matches!(unpack(file, dir.path(), LIMITS, &progress), Err(UnpackError::Stopped)));
}

fn paths_below(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a few changed bytes make of a tar: it ends, and nothing is written beside the directory.
    #[test]
    fn changed_bytes(changes in prop::collection::vec((0..5120_usize, any::<u8>()), 1..6)) {
        let mut tar = sample();
        for (at, byte) in changes {
            let at = at % tar.len();
            tar[at] = byte;
        }
        let outer = TempDir::new().unwrap();
        let dir = outer.path().join("staged");
        fs::create_dir(&dir).unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&tar).unwrap();
        file.rewind().unwrap();
        let _ = unpack(file, &dir, LIMITS, &Progress::default());
        prop_assert_eq!(paths_below(outer.path()), [dir]);
    }
}
