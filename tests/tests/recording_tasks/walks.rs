//! `recordings:update` and `recordings:addToTenant`: tasks that look at all recordings.

use std::fs;

use scalelite_core::recordings::model::{Filter, Shelf, States};
use scalelite_core::recordings::store::TreeName;
use scalelite_core::tenant::Tenant;

use super::on_both_databases;
use crate::playback::given::{Given, Library};

on_both_databases!(unpublished_files_are_moved, old_recordings_get_a_tenant);

const FILES: &[(&str, &str)] = &[("index.html", "page")];

async fn unpublished_files_are_moved(library: Library) {
    library.add(Given { id: "shown", files: FILES, ..Given::default() }).await;
    for format in ["video", "presentation", "notes"] {
        library.add(Given { id: "hidden", format, published: false, files: FILES, ..Given::default() }).await;
    }
    library
        .add(Given { id: "stuck", format: "podcast", published: false, files: FILES, ..Given::default() })
        .await;
    let is_on =
        |shelf: &str, tree: &str| library.site.dir().join(shelf).join(tree).join("index.html").exists();
    // As a crash of the original, or a copy of its files, may leave them.
    let misplace = async |format: &str, id: &str| {
        library.store.shelve(&TreeName::new(format, id).unwrap(), Shelf::Published).await.unwrap();
    };
    misplace("video", "hidden").await;
    misplace("notes", "hidden").await;
    assert!(is_on("publish", "video/hidden") && is_on("publish", "notes/hidden"));

    let moved = "Unpublished recordings whose files were moved: 1\n";
    assert_eq!(library.task(&["recordings:update"]).clean(), moved);
    for tree in ["video/hidden", "presentation/hidden", "notes/hidden"] {
        assert!(is_on("unpublish", tree) && !is_on("publish", tree), "{tree}");
    }
    assert!(is_on("publish", "video/shown"));
    let none = "Unpublished recordings whose files were moved: 0\n";
    assert_eq!(library.task(&["recordings:update"]).clean(), none, "nothing is left to do");

    // Where one cannot be moved, the others are.
    misplace("podcast", "stuck").await;
    misplace("video", "hidden").await;
    let blocked = library.site.dir().join("unpublish/podcast");
    fs::remove_dir_all(&blocked).unwrap();
    fs::write(&blocked, "no directory").unwrap();
    let ran = library.task(&["recordings:update"]);
    assert_eq!(ran.out, moved);
    let err = ran.failed();
    assert!(err.starts_with("ERROR: Failed to move recording stuck: cannot "), "{err}");
    assert!(err.ends_with("ERROR: unpublished recordings whose files can still be played: 1\n"), "{err}");
    assert!(is_on("publish", "podcast/stuck") && !is_on("publish", "video/hidden"));
}

async fn old_recordings_get_a_tenant(library: Library) {
    for id in ["a", "b", "gone"] {
        library.add(Given { id, ..Given::default() }).await;
    }
    library.add(Given { id: "other's", tenant: Some("t-2"), ..Given::default() }).await;
    assert_eq!(library.task(&["recordings:delete", "gone", "--yes"]).clean(), "OK\n");
    let secrets = vec!["s".to_owned().into()];
    let tenant = Tenant { id: "t-1".to_owned(), ..Tenant::new("school", secrets) };
    library.site.state().add_tenant(&tenant).await.unwrap();

    assert_eq!(library.task(&["recordings:addToTenant"]).failed(), "No tenant ID was provided\n");
    assert_eq!(library.task(&["recordings:addToTenant[]"]).failed(), "No tenant ID was provided\n");
    let told =
        |tenant: &str| format!("All existing recordings have been successfully linked to tenant {tenant}\n");
    for words in [&["recordings:addToTenant[t-1]"][..], &["recordings:addToTenant", "t-1"]] {
        assert_eq!(library.task(words).clean(), told("t-1"));
    }
    let all = Filter { states: States::Any, ..Filter::default() };
    let of = async |tenant: &str| {
        let filter = Filter { tenant_id: Some(tenant.to_owned()), ..all.clone() };
        let found = library.catalog.chunk(&filter, None, 10).await.unwrap();
        let mut ids: Vec<String> = found.into_iter().map(|recording| recording.record_id).collect();
        ids.sort();
        ids
    };
    assert_eq!(of("t-1").await, ["a", "b", "gone"]);
    assert_eq!(of("t-2").await, ["other's"], "it keeps its own");

    let ran = library.task(&["recordings:addToTenant[school]"]);
    assert_eq!((ran.code, ran.out), (Some(0), told("school")));
    assert!(ran.err.starts_with("WARNING: there is no tenant with the ID school"), "{}", ran.err);
}
