//! Something goes away in the middle of an import.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use scalelite_core::recordings::catalog::{Catalog, Lease};

use crate::place::{Place, SETTLE, eventually};
use crate::tars::Tar;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_is_waited_for() {
    let here = Place::new();
    here.catalog.hold_up();
    here.drop_tar("a.tar", &Tar::of("a", &["video"]).bytes());
    let importer = here.start().await;
    eventually("it is about to be recorded", || here.catalog.is_waiting()).await;
    here.catalog.be_away(true);
    here.catalog.let_go();
    // Long enough for the lease to run out.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(here.path("spool/a.tar").exists());
    here.drop_tar("b.tar", &Tar::of("b", &["video"]).bytes());
    tokio::time::sleep(SETTLE * 3).await;
    here.catalog.be_away(false);
    eventually("both are imported", || here.catalog.all().len() == 2 && here.is_clean()).await;
    importer.stop().await;
    assert!(here.catalog.all().values().all(|recorded| recorded.times == 1));
    assert!(!here.path("spool/failed").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_at_the_start_is_waited_for() {
    let here = Place::new();
    here.catalog.be_away(true);
    here.drop_tar("a.tar", &Tar::of("a", &["video"]).bytes());
    let importer = here.start().await;
    tokio::time::sleep(SETTLE * 3).await;
    assert!(here.path("spool/a.tar").exists());
    here.catalog.be_away(false);
    eventually("it is imported", || here.catalog.all().len() == 1 && here.is_clean()).await;
    importer.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_another_process_has_taken_over_is_given_up() {
    let here = Place::new();
    here.catalog.hold_up();
    here.drop_tar("a.tar", &Tar::of("a", &["video"]).bytes());
    let importer = here.start().await;
    eventually("it is about to be recorded", || here.catalog.is_waiting()).await;
    let stolen = here.catalog.steal(&Lease::of_tar("a.tar"), Duration::from_secs(60));
    here.catalog.let_go();
    eventually("it is given up", || fs::read_dir(here.path("work")).unwrap().next().is_none()).await;
    assert!(here.catalog.all().is_empty());
    assert!(here.path("spool/a.tar").exists());
    here.catalog.release(&stolen).await.unwrap();
    eventually("it is imported then", || here.catalog.all().len() == 1 && here.is_clean()).await;
    importer.stop().await;
    assert_eq!(here.catalog.recorded("a").unwrap().times, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_at_the_recording_is_waited_for_and_a_stop_leaves_nothing() {
    let here = Place::new();
    let lease = here.catalog.steal(&Lease::of_recording("a"), Duration::from_secs(60));
    here.drop_tar("a.tar", &Tar::of("a", &["video"]).bytes());
    let importer = here.start().await;
    eventually("it is unpacked", || here.files("work").len() == 2).await;
    importer.stop().await;
    assert!(here.files("work").is_empty() && here.files("published").is_empty());
    assert_eq!(here.catalog.leases_held(), 1);
    assert_eq!(here.files("spool"), ["a.tar"]);
    let importer = here.start().await;
    eventually("it is unpacked again", || here.files("work").len() == 2).await;
    here.catalog.release(&lease).await.unwrap();
    eventually("it is imported", || here.catalog.recorded("a").is_some() && here.is_clean()).await;
    importer.stop().await;
}

/// A file where a directory is to be is an obstacle for root, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_cannot_be_written_is_waited_for() {
    let here = Place::new();
    let importer = here.start().await;
    eventually("the store is there", || here.path("published").exists()).await;
    fs::write(here.path("published/video"), "in the way").unwrap();
    here.drop_tar("a.tar", &Tar::of("a", &["video"]).bytes());
    here.drop_tar("b.tar", &Tar::of("b", &["notes"]).bytes());
    eventually("the other one is imported", || here.catalog.recorded("b").is_some()).await;
    tokio::time::sleep(SETTLE * 3).await;
    assert!(here.catalog.recorded("a").is_none() && here.path("spool/a.tar").exists());
    fs::remove_file(here.path("published/video")).unwrap();
    eventually("it is imported", || here.catalog.recorded("a").is_some() && here.is_clean()).await;
    importer.stop().await;
    let mode = fs::metadata(here.path("published/video/a/metadata.xml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
}
