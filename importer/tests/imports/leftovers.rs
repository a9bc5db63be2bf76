//! What importers that died have left.

use std::fs;
use std::time::{Duration, Instant};

use scalelite_core::recordings::catalog::{Lease, TreeWork};
use scalelite_core::recordings::model::Shelf::{Published, Unpublished};
use scalelite_core::recordings::store::{Store, TreeName};

use crate::place::{Place, eventually};
use crate::tars::Tar;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_unpacked_is_removed_and_a_hidden_tar_is_put_back() {
    let here = Place::new();
    let store = here.store();
    let staged = store.stage("lost").await.unwrap();
    fs::write(staged.join("half"), "").unwrap();
    fs::write(here.path("spool/.scalelite-a.tar"), Tar::of("a", &["video"]).bytes()).unwrap();
    let importer = here.start().await;
    eventually("it is imported", || here.catalog.recorded("a").is_some() && here.is_clean()).await;
    importer.stop().await;
}

/// Its importer died when the tar was out of the spool, so nobody else wants its lease.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_unpacked_is_removed_when_the_lease_of_its_tar_has_run_out() {
    let here = Place::new();
    let lease = here.catalog.steal(&Lease::of_tar("gone.tar"), Duration::ZERO);
    let alive = here.catalog.steal(&Lease::of_tar("alive.tar"), Duration::from_secs(600));
    let store = here.store();
    for lease in [&lease, &alive] {
        store.stage(&lease.token).await.unwrap();
    }
    let importer = here.start().await;
    let staged = async || store.staged().await.unwrap();
    let until = Instant::now() + Duration::from_secs(30);
    while staged().await.contains(&lease.token) {
        assert!(Instant::now() < until, "it is never removed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    importer.stop().await;
    assert_eq!(staged().await, [alive.token]);
}

/// Between its recording and the sync of the store the machine crashed: the tar is there, the tree is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tar_that_is_recorded_is_placed_again_but_not_recorded_again() {
    let here = Place::new().with("RECORDING_IMPORT_LEASE", "60");
    here.catalog.hold_up();
    here.drop_tar("a.tar", &Tar::of("a", &["video"]).bytes());
    let importer = here.start().await;
    eventually("it is about to be recorded", || here.catalog.is_waiting()).await;
    // The same file under a second name stays when the import removes the first.
    fs::hard_link(here.path("spool/a.tar"), here.path("a.tar")).unwrap();
    here.catalog.let_go();
    eventually("it is imported", || here.catalog.recorded("a").is_some() && here.is_clean()).await;
    importer.stop().await;
    fs::remove_dir_all(here.path("published/video/a")).unwrap();
    here.catalog.set_published("a", false);
    fs::rename(here.path("a.tar"), here.path("spool/a.tar")).unwrap();
    let importer = here.start().await;
    eventually("it leaves the spool", || here.is_clean()).await;
    importer.stop().await;
    assert_eq!(here.catalog.recorded("a").unwrap().times, 1);
    assert_eq!(here.files("unpublished").len(), 2);
}

async fn place(store: &Store, name: &str) -> TreeName {
    let tree = TreeName::new("video", name).unwrap();
    let staged = store.stage(name).await.unwrap();
    fs::create_dir(staged.join("tree")).unwrap();
    store.place(&staged.join("tree"), &tree, Published).await.unwrap();
    store.unstage(name).await.unwrap();
    tree
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_on_trees_that_was_cut_off_is_done() {
    let here = Place::new();
    let store = here.store();
    for (id, record_id, shelf) in [(1, "hidden", Some(Unpublished)), (2, "deleted", None), (3, "../x", None)]
    {
        if id < 3 {
            place(&store, record_id).await;
        }
        let (record_id, format) = (record_id.to_owned(), "video".to_owned());
        here.catalog.note_work(TreeWork { id, record_id, format, shelf });
    }
    let importer = here.start().await;
    eventually("it is done", || here.catalog.work_left() == 0).await;
    importer.stop().await;
    assert!(here.path("unpublished/video/hidden").exists());
    assert_eq!(fs::read_dir(here.path("published/video")).unwrap().count(), 0);
}
