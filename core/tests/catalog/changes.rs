//! What operators and clients change.

use std::time::Duration;

use scalelite_core::recordings::catalog::{Catalog, CatalogError, MetadataChange};
use scalelite_core::recordings::model::{NewRecording, Shelf};

use crate::given::{any, format, ids, import, import_formats, metadata, new, one};

fn of_tenant(record_id: &str, tenant: &str) -> NewRecording {
    let mut recording = new(record_id, "m", 1);
    recording.metadata = metadata(&[("tenant-id", tenant)]);
    recording
}

pub(crate) async fn publish_and_unpublish(catalog: &dyn Catalog) {
    import(catalog, new("a", "m", 1)).await;
    let work = catalog.unpublish("a").await.unwrap().unwrap();
    assert_eq!(work.len(), 1);
    assert_eq!((work[0].format.as_str(), work[0].shelf), ("presentation", Some(Shelf::Unpublished)));
    assert_eq!(catalog.pending_tree_work(Duration::ZERO, 10).await.unwrap(), work);
    assert!(catalog.pending_tree_work(Duration::from_secs(60), 10).await.unwrap().is_empty());
    assert_eq!(one(catalog, "a").await.state.as_deref(), Some("unpublished"));
    // Once more: one thing to do, not two.
    let again = catalog.unpublish("a").await.unwrap().unwrap();
    assert_eq!(catalog.pending_tree_work(Duration::ZERO, 10).await.unwrap(), again);
    assert!(catalog.publish("a").await.unwrap());
    assert!(catalog.pending_tree_work(Duration::ZERO, 10).await.unwrap().is_empty());
    let shown = one(catalog, "a").await;
    assert_eq!((shown.published, shown.state.as_deref()), (true, Some("published")));

    let work = catalog.unpublish("a").await.unwrap().unwrap();
    catalog.tree_work_done(&[work[0].id]).await.unwrap();
    assert!(catalog.pending_tree_work(Duration::ZERO, 10).await.unwrap().is_empty());

    assert!(!catalog.publish("b").await.unwrap());
    assert!(catalog.unpublish("b").await.unwrap().is_none());
    catalog.delete(&[shown.id]).await.unwrap();
    assert!(!catalog.publish("a").await.unwrap());
    assert!(catalog.unpublish("a").await.unwrap().is_none());
}

pub(crate) async fn metadata_is_set_and_removed(catalog: &dyn Catalog) {
    for id in ["a", "b"] {
        let mut recording = new(id, "m", 1);
        recording.metadata = metadata(&[("x", "1"), ("y", "1"), ("z", "1")]);
        import(catalog, recording).await;
    }
    let change = MetadataChange {
        set: metadata(&[("x", "2"), ("new", "\"%'"), ("x", "3")]),
        remove: vec!["y".to_owned(), "unknown".to_owned()],
        protect: Some(true),
    };
    let wanted = ["a", "b", "a"].map(str::to_owned);
    assert!(catalog.update(&wanted, None, &change).await.unwrap());
    for id in ["a", "b"] {
        let changed = one(catalog, id).await;
        assert_eq!(changed.metadata, metadata(&[("x", "3"), ("z", "1"), ("new", "\"%'")]));
        assert!(changed.protected);
    }
    assert!(catalog.update(&wanted, None, &MetadataChange::default()).await.unwrap());
}

pub(crate) async fn all_or_none_are_changed(catalog: &dyn Catalog) {
    import(catalog, of_tenant("a", "t1")).await;
    import(catalog, of_tenant("b", "t2")).await;
    let change = MetadataChange { set: metadata(&[("x", "1")]), ..MetadataChange::default() };
    let list = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
    assert!(!catalog.update(&list(&["a", "c"]), None, &change).await.unwrap());
    assert!(!catalog.update(&list(&["a", "b"]), Some("t1"), &change).await.unwrap());
    assert_eq!(one(catalog, "a").await.metadata, metadata(&[("tenant-id", "t1")]));
    assert!(catalog.update(&list(&["a"]), Some("t1"), &change).await.unwrap());
    assert!(catalog.update(&list(&["a", "b"]), None, &change).await.unwrap());
}

pub(crate) async fn delete_keeps_the_row(catalog: &dyn Catalog) {
    let mut recording = new("a", "m", 1);
    recording.metadata = metadata(&[("x", "1")]);
    import(catalog, recording).await;
    let before = one(catalog, "a").await;
    let work = catalog.delete(&[before.id]).await.unwrap();
    assert_eq!(work.len(), 1);
    assert_eq!((work[0].record_id.as_str(), work[0].shelf), ("a", None));
    let after = one(catalog, "a").await;
    assert_eq!((after.state.as_deref(), after.name.as_ref()), (Some("deleted"), before.name.as_ref()));
    assert!(after.metadata.is_empty() && after.formats.is_empty());
    assert!(catalog.playback("a", "presentation", None).await.unwrap().is_none());
    // Once more does no harm.
    assert!(catalog.delete(&[before.id]).await.unwrap().is_empty());
}

pub(crate) async fn delete_of_several_is_one(catalog: &dyn Catalog) {
    let mut video = new("a", "m", 1);
    video.format = format("video", "a");
    import_formats(catalog, &[new("a", "m", 1), video]).await;
    import(catalog, new("b", "m", 1)).await;
    import(catalog, new("c", "m", 1)).await;
    catalog.unpublish("a").await.unwrap();
    let delete = [one(catalog, "a").await.id, one(catalog, "b").await.id];
    let work = catalog.delete(&delete).await.unwrap();
    // What was to be moved is to be removed instead.
    assert_eq!(catalog.pending_tree_work(Duration::ZERO, 10).await.unwrap(), work);
    let trees: Vec<_> = work.iter().map(|work| (work.record_id.as_str(), work.format.as_str())).collect();
    assert_eq!(trees, [("a", "presentation"), ("a", "video"), ("b", "presentation")]);
    assert_eq!(ids(catalog, &scalelite_core::recordings::model::Filter::default()).await, ["c"]);
    assert_eq!(ids(catalog, &any()).await.len(), 3);
}

pub(crate) async fn adopted_once(catalog: &dyn Catalog) {
    import(catalog, new("a", "m", 1)).await;
    import(catalog, of_tenant("b", "t2")).await;
    let both = [one(catalog, "a").await.id, one(catalog, "b").await.id];
    assert_eq!(catalog.adopt(&both, "t1").await.unwrap(), 1);
    assert_eq!(catalog.adopt(&both, "t1").await.unwrap(), 0);
    assert_eq!(one(catalog, "a").await.metadata, metadata(&[("tenant-id", "t1")]));
    assert_eq!(one(catalog, "b").await.metadata, metadata(&[("tenant-id", "t2")]));
}

pub(crate) async fn work_that_cannot_be_done_lets_other_work_pass(catalog: &dyn Catalog) {
    for id in ["a", "b"] {
        import(catalog, new(id, "m", 1)).await;
        catalog.unpublish(id).await.unwrap();
    }
    let first = catalog.pending_tree_work(Duration::ZERO, 1).await.unwrap();
    assert_eq!(first[0].record_id, "a");
    catalog.tree_work_postponed(&[first[0].id]).await.unwrap();
    assert_eq!(catalog.pending_tree_work(Duration::ZERO, 1).await.unwrap()[0].record_id, "b");
    assert_eq!(catalog.pending_tree_work(Duration::ZERO, 10).await.unwrap().len(), 2);
}

pub(crate) async fn too_much_metadata_is_refused(catalog: &dyn Catalog) {
    import(catalog, new("a", "m", 1)).await;
    let ids = ["a".to_owned()];
    let set = |key: &str, length: usize| MetadataChange {
        set: metadata(&[(key, &"\u{e4}".repeat(length / 2))]),
        ..MetadataChange::default()
    };
    assert!(catalog.update(&ids, None, &set("x", 40_000)).await.unwrap());
    let refused = catalog.update(&ids, None, &set("y", 40_000)).await;
    assert!(matches!(refused, Err(CatalogError::TooMuchMetadata)), "{refused:?}");
    assert_eq!(one(catalog, "a").await.metadata.len(), 1);
    assert!(catalog.update(&ids, None, &set("x", 60_000)).await.unwrap());
}
