//! The store of recordings' files: one contract, on disk and in a bucket, and what is particular to either.
//! The bucket is that of `moto`, which needs a Python with pip; without one those tests are skipped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on has failed.

mod bucket;
mod contract;
mod disk;
mod place;

use place::Place;

/// Makes each test of the contract one test on disk; in a bucket they are one test, for its server takes longer
/// to start than they take.
macro_rules! contract {
    ($($test:ident),+ $(,)?) => {
        mod on_disk {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                crate::contract::$test(&crate::Place::on_disk(), stringify!($test)).await;
            })+
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn in_a_bucket() {
            let Some(place) = Place::in_a_bucket() else { return };
            $(contract::$test(&place, stringify!($test)).await;)+
        }
    };
}

contract! {
    a_placed_tree_is_there,
    a_new_tree_replaces_the_old_one,
    a_tree_moves_between_the_shelves,
    work_can_be_done_again,
    a_removed_tree_is_gone,
    names_of_any_kind,
    staging_directories_come_and_go,
    small_files_of_a_tree,
    uploaded_text_tracks_outlive_their_tree,
}
