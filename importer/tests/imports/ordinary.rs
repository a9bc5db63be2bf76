//! What BigBlueButton servers do every day.

use std::fs;
use std::io::Write;

use crate::place::{Place, SETTLE, eventually};
use crate::tars::{Tar, gzip, zstd};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tars_of_every_kind_are_imported() {
    let here = Place::new();
    here.drop_tar("plain.tar", &Tar::of("plain", &["presentation", "video"]).bytes());
    let importer = here.start().await;
    here.drop_tar("gz.tar.gz", &gzip(&Tar::of("gz", &["video"]).bytes()));
    here.drop_tar("tgz.tgz", &gzip(&Tar::of("tgz", &["video"]).bytes()));
    here.drop_tar("zst.tar.zst", &zstd(&Tar::of("zst", &["video"]).bytes(), 20));
    here.drop_tar("notes.txt", b"not a tar");
    eventually("all are recorded", || here.catalog.all().len() == 4).await;
    eventually("they leave the spool", || here.files("spool") == ["notes.txt"]).await;
    importer.stop().await;
    fs::remove_file(here.path("spool/notes.txt")).unwrap();
    here.assert_clean();
    for (record_id, recorded) in here.catalog.all() {
        assert_eq!((recorded.published, recorded.protected, recorded.times), (true, false, 1));
        let path = format!("published/video/{record_id}/deep/er/file");
        assert_eq!(here.read(&path).as_deref(), Some("video a name"));
    }
    let formats = here.catalog.recorded("plain").unwrap().formats;
    assert_eq!(formats.into_iter().collect::<Vec<_>>(), ["presentation", "video"]);
    assert!(here.files("unpublished").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_to_be_looked_at_first_is_unpublished() {
    let here = Place::new()
        .with("RECORDING_IMPORT_UNPUBLISHED", "true")
        .with("PROTECTED_RECORDINGS_ENABLED", "true");
    here.drop_tar("a.tar", &Tar::of("a", &["video"]).bytes());
    let importer = here.start().await;
    eventually("it is imported", || here.catalog.recorded("a").is_some() && here.is_clean()).await;
    importer.stop().await;
    let recorded = here.catalog.recorded("a").unwrap();
    assert!(!recorded.published && recorded.protected);
    assert_eq!(here.files("unpublished"), ["video/a/deep/er/file", "video/a/metadata.xml"]);
    assert!(here.files("published").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_that_comes_again_is_updated() {
    let here = Place::new();
    let importer = here.start().await;
    here.drop_tar(
        "a.tar",
        &Tar::named("a", &["presentation", "video"], "old").file("video/a/extra", "").bytes(),
    );
    eventually("it is imported", || here.catalog.recorded("a").is_some() && here.is_clean()).await;
    here.drop_tar("a.tar", &Tar::named("a", &["video"], "new").bytes());
    eventually("it is updated", || here.catalog.recorded("a").unwrap().times == 2 && here.is_clean()).await;
    importer.stop().await;
    let recorded = here.catalog.recorded("a").unwrap();
    assert_eq!(recorded.name.as_deref(), Some("new"));
    assert_eq!(recorded.formats.len(), 2);
    assert_eq!(here.read("published/video/a/deep/er/file").as_deref(), Some("video new"));
    assert_eq!(here.read("published/presentation/a/deep/er/file").as_deref(), Some("presentation old"));
    assert!(!here.path("published/video/a/extra").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_tar_of_that_name_is_imported_after_it() {
    let here = Place::new();
    here.catalog.hold_up();
    here.drop_tar("a.tar", &Tar::named("a", &["video"], "old").bytes());
    let importer = here.start().await;
    eventually("the old one is about to be recorded", || here.catalog.is_waiting()).await;
    here.drop_tar("a.tar", &Tar::named("a", &["video"], "new").bytes());
    here.catalog.let_go();
    eventually("both are recorded", || {
        here.catalog.recorded("a").is_some_and(|recorded| recorded.times == 2) && here.is_clean()
    })
    .await;
    importer.stop().await;
    assert_eq!(here.read("published/video/a/deep/er/file").as_deref(), Some("video new"));
    assert!(!here.path("spool/failed").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tar_that_is_still_coming_is_left_alone() {
    let here = Place::new();
    let importer = here.start().await;
    let tar = Tar::of("slow", &["video"]).bytes();
    let (first, rest) = tar.split_at(1000);
    let mut file = fs::File::create(here.path("spool/slow.tar")).unwrap();
    file.write_all(first).unwrap();
    // It is still for longer than others have to be, and its beginning was looked at.
    here.drop_tar("other.tar", &Tar::of("other", &["video"]).bytes());
    eventually("another one is imported", || here.catalog.recorded("other").is_some()).await;
    tokio::time::sleep(SETTLE * 5).await;
    assert!(here.path("spool/slow.tar").exists());
    file.write_all(rest).unwrap();
    drop(file);
    eventually("it is imported", || here.catalog.recorded("slow").is_some() && here.is_clean()).await;
    importer.stop().await;
    assert!(!here.path("spool/failed").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_importers_import_each_tar_once() {
    let here = Place::new();
    for n in 0..20 {
        here.drop_tar(&format!("r{n}.tar"), &Tar::of(&format!("r{n}"), &["presentation", "video"]).bytes());
    }
    let importers = [here.start().await, here.start().await, here.start().await];
    eventually("all are imported", || here.catalog.all().len() == 20 && here.is_clean()).await;
    for importer in importers {
        importer.stop().await;
    }
    assert!(here.catalog.all().values().all(|recorded| recorded.times == 1));
    assert_eq!(here.files("published").len(), 80);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_there_are_no_recordings_the_spool_is_left_alone() {
    let here = Place::new().with("RECORDING_DISABLED", "true");
    here.drop_tar("a.tar", &Tar::of("a", &["video"]).bytes());
    let importer = here.start().await;
    tokio::time::sleep(SETTLE * 5).await;
    importer.stop().await;
    assert_eq!(here.files("spool"), ["a.tar"]);
    assert!(here.catalog.all().is_empty());
}
