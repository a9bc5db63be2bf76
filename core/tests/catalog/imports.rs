//! Recording what a tar held.

use scalelite_core::recordings::catalog::{Catalog, CatalogError, Lease, TarMark};
use scalelite_core::recordings::model::Shelf;

use crate::given::{TTL, format, import, import_as, import_formats, mark, metadata, new, one};

pub(crate) async fn a_new_recording(catalog: &dyn Catalog) {
    let mut hidden = new("hidden", "m", 2);
    hidden.published = false;
    assert_eq!(import(catalog, new("shown", "m", 1)).await, Shelf::Published);
    assert_eq!(import(catalog, hidden).await, Shelf::Unpublished);
    let (shown, hidden) = (one(catalog, "shown").await, one(catalog, "hidden").await);
    assert_eq!((shown.published, shown.state.as_deref()), (true, Some("published")));
    assert_eq!((hidden.published, hidden.state.as_deref()), (false, Some("unpublished")));
}

pub(crate) async fn an_import_again_updates(catalog: &dyn Catalog) {
    let mut first = new("a", "m", 1);
    first.metadata = metadata(&[("stays", "1"), ("changes", "1"), ("twice", "1")]);
    import(catalog, first.clone()).await;
    let before = one(catalog, "a").await;

    let mut second = first;
    second.metadata = metadata(&[("changes", "2"), ("twice", "2"), ("twice", "3")]);
    second.name = None;
    second.participants = Some(7);
    second.format = format("video", "a");
    import(catalog, second.clone()).await;
    second.format.thumbnails.truncate(1);
    import(catalog, second).await;

    let after = one(catalog, "a").await;
    assert_eq!(after.id, before.id);
    assert_eq!(after.name, before.name);
    assert_eq!(after.participants, Some(7));
    assert_eq!(after.metadata, metadata(&[("stays", "1"), ("changes", "2"), ("twice", "3")]));
    let formats: Vec<_> =
        after.formats.iter().map(|one| (one.format.as_str(), one.thumbnails.len())).collect();
    assert_eq!(formats, [("presentation", 3), ("video", 1)]);
}

pub(crate) async fn formats_of_one_tar_are_recorded_together(catalog: &dyn Catalog) {
    let (mut one_of, mut other) = (new("a", "m", 1), new("a", "m", 1));
    one_of.metadata = metadata(&[("x", "1"), ("y", "1")]);
    other.metadata = metadata(&[("y", "2")]);
    other.format = format("video", "a");
    import_formats(catalog, &[one_of, other]).await;
    let found = one(catalog, "a").await;
    assert_eq!(found.metadata, metadata(&[("x", "1"), ("y", "2")]));
    assert_eq!(found.formats.len(), 2);
}

pub(crate) async fn the_operators_last_word_holds(catalog: &dyn Catalog) {
    import(catalog, new("a", "m", 1)).await;
    catalog.unpublish("a").await.unwrap();
    assert_eq!(import(catalog, new("a", "m", 1)).await, Shelf::Unpublished);
    assert_eq!(one(catalog, "a").await.state.as_deref(), Some("unpublished"));
    catalog.publish("a").await.unwrap();
    let mut hidden = new("a", "m", 1);
    hidden.published = false;
    assert_eq!(catalog.shelf_for(&hidden, true).await.unwrap(), Shelf::Published);
}

pub(crate) async fn import_unpublished(catalog: &dyn Catalog) {
    assert_eq!(catalog.shelf_for(&new("a", "m", 1), true).await.unwrap(), Shelf::Unpublished);
    assert_eq!(catalog.shelf_for(&new("a", "m", 1), false).await.unwrap(), Shelf::Published);
}

pub(crate) async fn a_deleted_recording_comes_back(catalog: &dyn Catalog) {
    let mut with_video = new("a", "m", 1);
    with_video.format = format("video", "a");
    import_formats(catalog, &[new("a", "m", 1), with_video]).await;
    let id = one(catalog, "a").await.id;
    let work = catalog.delete(&[id]).await.unwrap();
    assert_eq!(work.len(), 2);
    import(catalog, new("a", "m", 1)).await;
    let back = one(catalog, "a").await;
    assert_eq!((back.id, back.state.as_deref()), (id, Some("published")));
    assert_eq!(back.formats.len(), 1);
    // What it brought is not to be removed any more, the rest still is.
    let left = catalog.pending_tree_work(std::time::Duration::ZERO, 10).await.unwrap();
    let left: Vec<_> = left.iter().map(|work| (work.format.as_str(), work.shelf)).collect();
    assert_eq!(left, [("video", None)]);
}

pub(crate) async fn protection_of_a_known_recording_stays(catalog: &dyn Catalog) {
    import_as(catalog, &new("new", "m", 1), Shelf::Published, true, &[]).await.unwrap();
    assert!(one(catalog, "new").await.protected);
    import(catalog, new("old", "m", 1)).await;
    import_as(catalog, &new("old", "m", 1), Shelf::Published, true, &[]).await.unwrap();
    assert!(!one(catalog, "old").await.protected);
    import_as(catalog, &new("new", "m", 1), Shelf::Published, false, &[]).await.unwrap();
    assert!(one(catalog, "new").await.protected);
}

pub(crate) async fn nothing_is_recorded_without_the_lease(catalog: &dyn Catalog) {
    let held = catalog.acquire("tar:a.tar", TTL).await.unwrap().unwrap();
    let lost = Lease { token: "of another".to_owned(), ..held.clone() };
    let never = Lease { name: "tar:b.tar".to_owned(), token: held.token.clone() };
    for leases in [vec![lost], vec![held.clone(), never]] {
        let refused = import_as(catalog, &new("a", "m", 1), Shelf::Published, false, &leases).await;
        assert!(matches!(refused, Err(CatalogError::LeaseLost(_))), "{refused:?}");
        assert!(catalog.heads(&["a".to_owned()], None).await.unwrap().is_empty());
    }
    import_as(catalog, &new("a", "m", 1), Shelf::Published, false, &[held]).await.unwrap();
}

pub(crate) async fn a_tar_is_known_by_its_mark(catalog: &dyn Catalog) {
    import(catalog, new("a", "m", 1)).await;
    let tar = mark("a.tar");
    assert!(catalog.is_recorded(&tar).await.unwrap());
    let newer = TarMark { fingerprint: "newer".to_owned(), ..tar.clone() };
    let other = TarMark { file_name: "b.tar".to_owned(), ..tar.clone() };
    assert!(!catalog.is_recorded(&newer).await.unwrap());
    assert!(!catalog.is_recorded(&other).await.unwrap());
    let id = one(catalog, "a").await.id;
    catalog.delete(&[id]).await.unwrap();
    assert!(!catalog.is_recorded(&tar).await.unwrap(), "it was deleted since");
}

pub(crate) async fn marks_are_forgotten_only_when_they_are_old(catalog: &dyn Catalog) {
    import(catalog, new("a", "m", 1)).await;
    catalog.forget_tars(&[]).await.unwrap();
    assert!(catalog.is_recorded(&mark("a.tar")).await.unwrap());
}
