//! What is particular to the store on disk.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use scalelite_core::recordings::model::Shelf::{Published, Unpublished};
use scalelite_core::recordings::store::{Store, TreeName};
use tempfile::TempDir;

use crate::place::{Place, config_of};

/// Whoever looks while a tree is being replaced sees the old one or the new one: never none, never a mixture.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_always_a_whole_tree() {
    let here = Place::on_disk();
    let tree = TreeName::new("presentation", "always").unwrap();
    let put = async |content: &str| {
        let staged = here.stage(content, &[("a", content), ("b", content)]).await;
        here.store.place(&staged, &tree, Published).await.unwrap();
        here.store.unstage(content).await.unwrap();
    };
    put("0").await;
    let path = here.work().with_file_name("published").join(tree.path());
    let over = AtomicBool::new(false);
    let looks = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut looks = 0;
            while !over.load(Ordering::Relaxed) {
                // The directory that is there now, whatever its name means later.
                let dir = fs::File::open(&path).unwrap();
                let dir = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&dir));
                let read = |name| fs::read_to_string(Path::new(&dir).join(name));
                // One that is on its way out may be gone by now.
                if let (Ok(a), Ok(b)) = (read("a"), read("b")) {
                    assert_eq!(a, b);
                    looks += 1;
                }
            }
            looks
        });
        let runtime = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            for n in 1..100 {
                runtime.block_on(put(&n.to_string()));
            }
        });
        over.store(true, Ordering::Relaxed);
        watcher.join().unwrap()
    });
    assert!(looks > 0);
    assert_eq!(here.content(&tree, Published)["a"], "99");
    here.store.sync().await.unwrap();
}

/// Shelves on two file systems, and a work directory that shares one with neither or one of them. Skipped where
/// there is no second file system to write to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shelves_on_two_file_systems() {
    let shared_memory = Path::new("/dev/shm");
    let (Ok(here), Ok(there)) = (TempDir::new(), TempDir::new_in(shared_memory)) else { return };
    let device = |path: &Path| fs::metadata(path).unwrap().dev();
    if device(here.path()) == device(there.path()) {
        eprintln!("skipped: /dev/shm is no file system of its own");
        return;
    }
    let dirs = [
        (here.path().join("work"), here.path().join("published"), there.path().join("unpublished")),
        (here.path().join("work2"), there.path().join("published2"), there.path().join("unpublished2")),
    ];
    for (work, published, unpublished) in dirs {
        let store = Store::new(&config_of(&work, &published, &unpublished, &[])).unwrap();
        let tree = TreeName::new("video", "far").unwrap();
        let staged = store.stage("one").await.unwrap();
        assert_eq!(device(&staged), device(&published), "it is unpacked where it will be");
        fs::create_dir_all(staged.join("deep/er")).unwrap();
        fs::write(staged.join("deep/er/file"), "x").unwrap();
        store.place(&staged.join("deep"), &tree, Unpublished).await.unwrap();
        let there = unpublished.join("video/far/er/file");
        assert_eq!(fs::read_to_string(&there).unwrap(), "x");
        store.shelve(&tree, Published).await.unwrap();
        assert!(!there.exists());
        assert_eq!(fs::read_to_string(published.join("video/far/er/file")).unwrap(), "x");
        assert_eq!(store.staged().await.unwrap(), ["one"]);
        assert_eq!(store.sweep(&["one".to_owned()]).await.unwrap(), 1);
        store.sync().await.unwrap();
        store.remove(&tree).await.unwrap();
        assert_eq!(fs::read_dir(published.join("video")).unwrap().count(), 0);
    }
}
