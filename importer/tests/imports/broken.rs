//! Tars that cannot be imported, or not as a whole.

use std::fs;

use tar::EntryType;

use crate::place::{Place, eventually};
use crate::tars::{Tar, gzip, metadata, zstd};

/// Name, content, and what the reason must tell.
fn hostile() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let good = || Tar::of("good", &["video"]);
    let compressed = gzip(&good().bytes());
    let mut damaged = compressed.clone();
    let end = damaged.len() - 6;
    damaged[end] ^= 1;
    let many = (0..60).fold(good(), |tar, n| tar.file(format!("video/good/{n}"), ""));
    let large = metadata("large", "video", "n") + &" ".repeat(10_000_001);
    let link = |kind| good().member("video/good/link", kind, 0, b"").file("video/good/link/x", "").bytes();
    let deep = format!("video/good/{}x", "d/".repeat(40));
    let deep = good().file(deep.replace("d/", "d/./"), "").file("d/".repeat(49), "").bytes();
    vec![
        ("empty.tar", Vec::new(), "truncated"),
        ("zeros.tar", Tar::default().bytes(), "no recording in it"),
        ("garbage.tar", b"PK\x03\x04".repeat(500), "no tar archive"),
        ("truncated.tar", good().bytes()[..1500].to_vec(), "truncated"),
        ("endless.tar", good().cut_off(), "truncated"),
        ("cut.tar.gz", compressed[..compressed.len() / 2].to_vec(), "truncated"),
        ("damaged.tgz", damaged, "cannot be uncompressed"),
        ("window.tar.zst", zstd(&good().bytes(), 27), "cannot be uncompressed"),
        ("absolute.tar", good().file("/tmp/scalelite-hostile", "").bytes(), "absolute"),
        ("upwards.tar", good().file("video/good/../../../../outside", "").bytes(), "`..`"),
        ("text.tar", good().file(b"video/good/\xff\xfe", "").bytes(), "not UTF-8"),
        ("symlink.tar", link(EntryType::Symlink), "a symbolic link"),
        ("hardlink.tar", link(EntryType::Link), "a hard link"),
        ("device.tar", good().member("video/good/d", EntryType::Block, 0, b"").bytes(), "a device"),
        ("fifo.tar", good().member("video/good/f", EntryType::Fifo, 0, b"").bytes(), "a named pipe"),
        ("sparse.tar", good().member("video/good/s", EntryType::GNUSparse, 0, b"").bytes(), "with holes"),
        (
            "huge.tar",
            good().member("video/good/h", EntryType::Regular, 2 << 40, b"").bytes(),
            "2199023255552",
        ),
        (
            "bytes.tar",
            good().file("video/good/b", &"x".repeat(2 << 20)).bytes(),
            "RECORDING_IMPORT_MAX_BYTES",
        ),
        ("bomb.tar.gz", gzip(&good().file("b", &"0".repeat(2 << 20)).bytes()), "RECORDING_IMPORT_MAX_BYTES"),
        ("entries.tar", many.bytes(), "RECORDING_IMPORT_MAX_ENTRIES"),
        ("deep.tar", deep, "more than"),
        ("conflict.tar", good().file("video/good/metadata.xml/x", "").bytes(), "a file in one place"),
        ("after.tar", [good().bytes(), good().bytes()].concat(), "after its end"),
        ("metadata.tar", Tar::default().file("video/good/video.webm", "").bytes(), "no metadata.xml"),
        ("xml.tar", Tar::default().file("video/x/metadata.xml", "<recording>").bytes(), "not XML"),
        (
            "doctype.tar",
            Tar::default().file("video/x/metadata.xml", "<!DOCTYPE x><recording/>").bytes(),
            "type",
        ),
        ("large.tar", Tar::default().file("video/large/metadata.xml", &large).bytes(), "bytes"),
        (
            "id.tar",
            Tar::default().file("video/a/metadata.xml", &metadata("b", "video", "n")).bytes(),
            "\"b\"",
        ),
        ("hidden.tar", Tar::of(".hidden", &["video"]).bytes(), "cannot be the name"),
        (
            "flat.tar",
            Tar::default().file("metadata.xml", &metadata("a", "video", "n")).bytes(),
            "no recording",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_tars_end_in_failed_and_the_good_ones_behind_them_are_imported() {
    let here =
        Place::new().with("RECORDING_IMPORT_MAX_ENTRIES", "50").with("RECORDING_IMPORT_MAX_BYTES", "1048576");
    let hostile = hostile().into_iter().map(|mut one| {
        // A large metadata.xml must not fail by the limit that others are to fail by.
        if one.0 == "large.tar" {
            one.2 = "RECORDING_IMPORT_MAX_BYTES";
        }
        one
    });
    let hostile: Vec<_> = hostile.collect();
    for (name, content, _) in &hostile {
        here.drop_tar(name, content);
    }
    for n in 0..3 {
        here.drop_tar(&format!("fine{n}.tar"), &Tar::of(&format!("fine{n}"), &["video"]).bytes());
    }
    let importer = here.start().await;
    eventually("the spool is empty", || here.is_clean()).await;
    importer.stop().await;
    here.assert_clean();
    for (name, content, why) in &hostile {
        assert_eq!(
            fs::read(here.path(&format!("spool/failed/{name}"))).ok().as_ref(),
            Some(content),
            "{name}"
        );
        let reason = here.read(&format!("spool/failed/{name}.reason")).unwrap_or_default();
        assert!(reason.contains(name) && reason.contains(why), "{name}: {reason}");
    }
    assert_eq!(here.files("spool/failed").len(), 2 * hostile.len());
    let recorded: Vec<_> = here.catalog.all().into_keys().collect();
    assert_eq!(recorded, ["fine0", "fine1", "fine2"]);
    assert_eq!(here.files("published").len(), 6);
    assert!(here.files("unpublished").is_empty());
    let mut outside: Vec<_> =
        fs::read_dir(here.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    outside.retain(|name| !name.to_string_lossy().starts_with("live.sqlite3"));
    outside.sort();
    assert_eq!(outside, ["published", "spool", "unpublished", "work"]);
    assert!(!std::path::Path::new("/tmp/scalelite-hostile").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_metadata_of_more_than_ten_megabytes() {
    let here = Place::new();
    let large = metadata("large", "video", "n") + &" ".repeat(10_000_001);
    here.drop_tar("large.tar", &Tar::default().file("video/large/metadata.xml", &large).bytes());
    let importer = here.start().await;
    eventually("it has failed", || here.path("spool/failed/large.tar").exists() && here.is_clean()).await;
    importer.stop().await;
    assert!(here.read("spool/failed/large.tar.reason").unwrap().contains("more than 10000000"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_bad_tar_of_one_name_does_not_replace_the_first() {
    let here = Place::new();
    let importer = here.start().await;
    for (n, content) in ["first", "second", "third"].into_iter().enumerate() {
        here.drop_tar("bad.tar", content.repeat(200).as_bytes());
        eventually("it has failed", || here.is_clean() && here.files("spool/failed").len() == 2 * (n + 1))
            .await;
    }
    importer.stop().await;
    assert!(here.read("spool/failed/bad.tar").unwrap().starts_with("first"));
    assert!(here.read("spool/failed/bad.2.tar").unwrap().starts_with("second"));
    assert!(here.read("spool/failed/bad.3.tar").unwrap().starts_with("third"));
    assert!(here.read("spool/failed/bad.3.tar.reason").unwrap().contains("checksum"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_tar_that_is_broken_in_part_the_rest_is_imported() {
    let here = Place::new();
    let tar = Tar::of("a", &["presentation", "video"]).file("notes/a/metadata.xml", "<broken").bytes();
    here.drop_tar("a.tar", &tar);
    let importer = here.start().await;
    eventually("it is dealt with", || here.path("spool/failed/a.tar").exists() && here.is_clean()).await;
    importer.stop().await;
    let recorded = here.catalog.recorded("a").unwrap();
    assert_eq!(recorded.formats.into_iter().collect::<Vec<_>>(), ["presentation", "video"]);
    assert_eq!(here.files("published").len(), 4);
    assert_eq!(fs::read(here.path("spool/failed/a.tar")).unwrap(), tar);
    let reason = here.read("spool/failed/a.tar.reason").unwrap();
    assert!(reason.contains("in part") && reason.contains("presentation/a\n"), "{reason}");
    assert!(reason.contains("notes/a: its metadata.xml cannot be used"), "{reason}");
}
