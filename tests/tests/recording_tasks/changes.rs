//! `recordings:publish`, `recordings:unpublish` and `recordings:delete`: rows and files together.

use serde_json::Value;

use super::on_both_databases;
use crate::playback::given::{Given, Library};

on_both_databases!(published_and_unpublished, deleted);

const FILES: &[(&str, &str)] = &[("index.html", "page")];

async fn two(library: &Library) {
    for id in ["r-1", "r-2"] {
        library.add(Given { id, files: FILES, ..Given::default() }).await;
    }
}

/// The state of a recording, and on which shelf its files are: published, unpublished.
async fn standing(library: &Library, id: &str) -> (Option<String>, bool, bool) {
    let heads = library.catalog.heads(&[id.to_owned()], None).await.unwrap();
    let on = |shelf: &str| library.site.dir().join(shelf).join("video").join(id).join("index.html").exists();
    (heads[0].state.clone(), on("publish"), on("unpublish"))
}

fn state(name: &str, published: bool, unpublished: bool) -> (Option<String>, bool, bool) {
    (Some(name.to_owned()), published, unpublished)
}

async fn published_and_unpublished(library: Library) {
    two(&library).await;
    let out = library.task(&["recordings:unpublish[r-2:r-1]"]).clean();
    assert_eq!(out, "Unpublishing recording r-2...\nUnpublishing recording r-1...\nOK\n");
    for id in ["r-1", "r-2"] {
        assert_eq!(standing(&library, id).await, state("unpublished", false, true), "{id}");
    }
    assert_eq!(library.task(&["recordings:publish", "r-1"]).clean(), "Publishing recording r-1...\nOK\n");
    assert_eq!(standing(&library, "r-1").await, state("published", true, false));
    assert_eq!(standing(&library, "r-2").await, state("unpublished", false, true));

    let ran = library.task(&["recordings:publish", "r-2", "r"]);
    assert_eq!(ran.out, "");
    assert_eq!(ran.failed(), "ERROR: No recording found with id: r\n");
    assert_eq!(standing(&library, "r-2").await, state("unpublished", false, true), "all or none");
}

async fn deleted(library: Library) {
    two(&library).await;
    let refused = library.task_with_input(&["recordings:delete", "r-1"], "no\n");
    assert_eq!((refused.code, refused.out.as_str()), (Some(0), "OK\n"));
    assert!(refused.err.starts_with("WARNING: You are trying to delete these recordings"), "{refused:?}");
    assert!(refused.err.contains("\nr-1 ") && refused.err.ends_with("Nothing was deleted\n"), "{refused:?}");
    let unanswered = library.task(&["recordings:delete[r-1]", "--json"]);
    assert_eq!(unanswered.out, "");
    assert!(unanswered.failed().ends_with("ERROR: no answer; use --yes\n"));
    let unknown = library.task(&["recordings:delete", "r-1:none", "--yes"]).failed();
    assert_eq!(unknown, "ERROR: No recording found with id: none\n");
    assert_eq!(standing(&library, "r-1").await, state("published", true, false), "nothing was done so far");

    assert_eq!(library.task_with_input(&["recordings:delete[r-1]"], "yes\n").out, "OK\n");
    assert_eq!(standing(&library, "r-1").await, state("deleted", false, false));
    let out = library.task(&["recordings:delete", "r-2", "--yes", "--json"]).clean();
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((told.as_array().unwrap().len(), &told[0]["record_id"]), (1, &"r-2".into()));
    assert_eq!(standing(&library, "r-2").await, state("deleted", false, false));

    for words in [&["recordings:delete", "r-1", "--yes"][..], &["recordings:publish", "r-1"]] {
        assert_eq!(library.task(words).failed(), "ERROR: Recording is deleted already, id: r-1\n");
    }
    let listed = library.task(&["recordings:list", "--state", "deleted"]).clean();
    assert_eq!(listed.lines().count(), 3, "{listed}");
}
