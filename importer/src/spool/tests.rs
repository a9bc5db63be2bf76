use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

struct Place {
    dir: TempDir,
    spool: Spool,
}

impl Place {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let spool = Spool::new(dir.path().to_owned());
        Self { dir, spool }
    }

    fn put(&self, name: &str, content: &str) -> Fingerprint {
        let path = self.dir.path().join(name);
        // As rsync does it: a file of its own, renamed.
        let new = self.dir.path().join(".new");
        fs::write(&new, content).unwrap();
        fs::rename(new, &path).unwrap();
        Fingerprint::of(&fs::metadata(path).unwrap())
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.dir.path().join(name)).unwrap()
    }

    fn names(&self, below: &str) -> Vec<String> {
        let entries = fs::read_dir(self.dir.path().join(below)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[test]
fn only_files_that_are_tars_are_seen() {
    let here = Place::new();
    let fingerprint = here.put("a.tar", "a");
    here.put("notes.txt", "");
    here.put(".hidden.tar", "");
    here.put(".scalelite-b.tar", "");
    fs::create_dir(here.dir.path().join("dir.tar")).unwrap();
    fs::create_dir(here.dir.path().join("failed")).unwrap();
    here.put("failed/c.tar", "");
    // Uploads that are under way.
    fs::create_dir(here.dir.path().join(".uploads")).unwrap();
    here.put(".uploads/d.tar.part", "");
    symlink("/etc/passwd", here.dir.path().join("link.tar")).unwrap();
    let listing = here.spool.look().unwrap();
    assert_eq!(listing.tars, [Seen { name: "a.tar".to_owned(), fingerprint }]);
    assert_eq!(listing.aside, ["b.tar"]);
    assert!(here.spool.open("a.tar").unwrap().is_some_and(|(_, opened)| opened == fingerprint));
    assert!(here.spool.open("dir.tar").unwrap().is_none());
    assert!(here.spool.open("none.tar").unwrap().is_none());
    assert!(here.spool.open("link.tar").is_err());
}

#[test]
fn what_was_imported_goes_and_a_newer_one_stays() {
    let here = Place::new();
    let old = here.put("a.tar", "old");
    let new = here.put("a.tar", "new");
    assert_eq!(here.spool.remove("a.tar", old).unwrap(), Left::Replaced);
    assert_eq!(here.read("a.tar"), "new");
    assert_eq!(here.spool.fail("a.tar", old, "broken").unwrap(), Left::Replaced);
    assert_eq!(here.names(""), ["a.tar"]);
    assert_eq!(here.spool.remove("a.tar", new).unwrap(), Left::Removed);
    assert!(here.names("").is_empty());
    assert_eq!(here.spool.remove("a.tar", new).unwrap(), Left::Gone);
}

#[test]
fn failed_tars_never_replace_each_other() {
    let here = Place::new();
    for content in ["one", "two", "three"] {
        let fingerprint = here.put("a.tar.gz", content);
        here.spool.fail("a.tar.gz", fingerprint, &format!("why {content}")).unwrap();
    }
    let expected =
        ["a.2.tar.gz", "a.2.tar.gz.reason", "a.3.tar.gz", "a.3.tar.gz.reason", "a.tar.gz", "a.tar.gz.reason"];
    assert_eq!(here.names("failed"), expected);
    assert_eq!(here.read("failed/a.tar.gz"), "one");
    assert_eq!(here.read("failed/a.3.tar.gz.reason"), "why three");
    assert_eq!(here.names(""), ["failed"]);
}

#[test]
fn a_name_that_is_too_long_is_cut() {
    let here = Place::new();
    let name = format!("{}.tar", "x".repeat(251));
    let fingerprint = here.put(&name, "long");
    assert_eq!(here.spool.recover(&name).unwrap(), None);
    let Left::Failed(cut) = here.spool.fail(&name, fingerprint, "too long").unwrap() else { panic!() };
    assert_eq!(here.read(&format!("failed/{cut}")), "long");
}

#[test]
fn what_a_process_that_died_left_is_put_back() {
    let here = Place::new();
    assert_eq!(here.spool.recover("a.tar").unwrap(), None);
    here.put(".scalelite-a.tar", "old");
    assert_eq!(here.spool.recover("a.tar").unwrap(), Some(Left::Replaced));
    assert_eq!(here.read("a.tar"), "old");
    // Unless a newer one has come: then nothing is thrown away.
    here.put(".scalelite-a.tar", "older");
    assert_eq!(here.spool.recover("a.tar").unwrap(), Some(Left::Failed("a.tar".to_owned())));
    assert_eq!(here.read("a.tar"), "old");
    assert_eq!(here.read("failed/a.tar"), "older");
    assert!(here.read("failed/a.tar.reason").contains("newer"));
}
