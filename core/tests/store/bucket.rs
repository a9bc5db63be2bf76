//! What is particular to a bucket.

use futures_util::TryStreamExt;
use scalelite_core::recordings::model::Shelf::{Published, Unpublished};
use scalelite_core::recordings::store::{Shelved, TreeName};

use crate::place::Place;

const FILES: [(&str, &str); 3] = [("metadata.xml", "m"), ("a.html", "a"), ("b.pdf", "b")];

async fn placed(here: &Place, record_id: &str) -> TreeName {
    let tree = TreeName::new("notes", record_id).unwrap();
    let staged = here.stage(record_id, &FILES).await;
    here.store.place(&staged, &tree, Published).await.unwrap();
    here.store.unstage(record_id).await.unwrap();
    tree
}

/// A move that was cut off after each of its steps is ended by the next one, and nothing is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_that_was_cut_off() {
    let Some(here) = Place::in_a_bucket() else { return };
    let moto = here.moto.as_ref().unwrap();
    // Before the last object was copied: the mark is not there yet.
    let tree = placed(&here, "while-copying").await;
    let whole = here.content(&tree, Published);
    moto.copy("published/notes/while-copying/a.html", "unpublished/notes/while-copying/a.html");
    assert_eq!(here.store.shelve(&tree, Unpublished).await.unwrap(), Shelved::Moved);
    assert_eq!(here.content(&tree, Unpublished), whole);
    assert!(here.content(&tree, Published).is_empty());
    // While the old objects were removed: the mark went first.
    let tree = placed(&here, "while-removing").await;
    for name in ["a.html", "b.pdf", "metadata.xml"] {
        moto.copy(
            &format!("published/notes/while-removing/{name}"),
            &format!("unpublished/notes/while-removing/{name}"),
        );
    }
    for name in ["metadata.xml", "a.html"] {
        moto.remove(&format!("published/notes/while-removing/{name}"));
    }
    assert_eq!(here.store.shelve(&tree, Unpublished).await.unwrap(), Shelved::WasThere);
    assert_eq!(here.content(&tree, Unpublished), whole);
    assert!(here.content(&tree, Published).is_empty());
    // A tree that never had a mark moves, too.
    let tree = placed(&here, "without").await;
    moto.remove("published/notes/without/metadata.xml");
    assert_eq!(here.store.shelve(&tree, Unpublished).await.unwrap(), Shelved::Moved);
    assert_eq!(here.content(&tree, Unpublished).len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_tell_what_they_are() {
    let Some(here) = Place::in_a_bucket() else { return };
    let moto = here.moto.as_ref().unwrap();
    let tree = placed(&here, "r").await;
    for shelf in [Published, Unpublished] {
        here.store.shelve(&tree, shelf).await.unwrap();
        let head = |name: &str| {
            let answer = moto.object(&format!("{}/notes/r/{name}", shelf.name()));
            answer.split_once("\r\n\r\n").unwrap().0.to_lowercase()
        };
        assert!(head("a.html").contains("content-type: text/html"), "{}", head("a.html"));
        assert!(!head("a.html").contains("content-disposition"));
        assert!(head("b.pdf").contains("content-type: application/pdf"));
        assert!(head("b.pdf").contains("content-disposition: attachment"));
    }
}

/// More objects than S3 lists or removes in one answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_files() {
    let Some(here) = Place::in_a_bucket() else { return };
    let moto = here.moto.as_ref().unwrap();
    let tree = TreeName::new("video", "many").unwrap();
    let staged = here.stage("many", &FILES).await;
    for n in 0..1010 {
        std::fs::write(staged.join(format!("{n:04}.txt")), n.to_string()).unwrap();
    }
    here.store.place(&staged, &tree, Published).await.unwrap();
    assert_eq!(moto.keys().len(), 1000, "it lists no more");
    for n in [0, 999, 1009] {
        assert!(moto.object(&format!("published/video/many/{n:04}.txt")).ends_with(&format!("\r\n\r\n{n}")));
    }
    here.store.remove(&tree).await.unwrap();
    assert_eq!(moto.keys(), Vec::<String>::new());
}

/// More than one part, from a task that may go from thread to thread.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_file() {
    let Some(here) = Place::in_a_bucket() else { return };
    let tree = TreeName::new("video", "large").unwrap();
    let staged = here.stage("large", &FILES).await;
    let large = "0123456789abcdef".repeat(700_000);
    std::fs::write(staged.join("large.webm"), &large).unwrap();
    let (store, name) = (here.store.clone(), tree.clone());
    let moved = tokio::spawn(async move {
        store.place(&staged, &name, Unpublished).await?;
        store.shelve(&name, Published).await
    });
    assert_eq!(moved.await.unwrap().unwrap(), Shelved::Moved);
    let answer = here.moto.as_ref().unwrap().object("published/video/large/large.webm");
    assert!(answer.split_once("\r\n\r\n").unwrap().1 == large);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_is_not_there_is_told() {
    let Some(here) = Place::in_a_bucket() else { return };
    here.store.prepare().await.unwrap();
    let elsewhere = here.of_bucket("no-such-bucket");
    let error = elsewhere.prepare().await.unwrap_err().to_string();
    assert!(error.contains("NoSuchBucket"), "{error}");
    assert!(!error.contains(scalelite_testbed::moto::Moto::SECRET));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_are_read_whole_and_in_part() {
    let Some(here) = Place::in_a_bucket() else { return };
    let tree = TreeName::new("presentation", "r").unwrap();
    let files = [
        ("metadata.xml", "m"),
        ("index.html", "page"),
        ("sub/index.html", "sub"),
        ("video/v 1.webm", "0123456789"),
    ];
    let staged = here.stage("r", &files).await;
    here.store.place(&staged, &tree, Published).await.unwrap();
    let bucket = here.store.bucket().unwrap();
    let read = async |path: &str, part| {
        let found = bucket.find(&tree, Published, path).await.unwrap().unwrap();
        let content: Vec<_> = bucket.read(&found, part).await.unwrap().try_collect().await.unwrap();
        String::from_utf8(content.concat()).unwrap()
    };
    assert_eq!(read("", None).await, "page");
    assert_eq!(read("sub/", None).await, "sub");
    assert_eq!(read("video/v 1.webm", None).await, "0123456789");
    assert_eq!(read("video/v 1.webm", Some(2..5)).await, "234");
    let found = bucket.find(&tree, Published, "video/v 1.webm").await.unwrap().unwrap();
    assert_eq!((found.size, found.content_type.as_deref()), (10, Some("video/webm")));
    assert!(found.etag.as_deref().is_some_and(|etag| etag.starts_with('"') && etag.len() > 2));
    for missing in ["nothing", "video", "../r/index.html", "./index.html", "sub//index.html", "a\0b", "/"] {
        assert_eq!(bucket.find(&tree, Published, missing).await.unwrap(), None, "{missing:?}");
    }
    assert_eq!(bucket.find(&tree, Unpublished, "index.html").await.unwrap(), None);
    // Another one has taken its place.
    std::fs::write(staged.join("video/v 1.webm"), "abcdefghij").unwrap();
    here.store.place(&staged, &tree, Published).await.unwrap();
    assert!(bucket.read(&found, None).await.is_err());
}
