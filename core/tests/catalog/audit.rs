//! Who changed what.

use std::time::Duration;

use scalelite_core::audit::{Actor, Change};
use scalelite_core::recordings::catalog::Catalog;
use scalelite_core::recordings::model::Micros;

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

fn change(target: &str) -> Change {
    Change::new(&Actor::user("alice", "h1"), "servers:tag", target).how("tag='%_\"\\ \u{e4}")
}

async fn note(catalog: &dyn Catalog, targets: &[&str]) {
    let changes: Vec<Change> = targets.iter().map(|target| change(target)).collect();
    catalog.note_changes(&changes).await.unwrap();
}

async fn targets(catalog: &dyn Catalog, since: Option<Micros>, limit: u32) -> Vec<String> {
    let changes = catalog.changes(since, limit).await.unwrap();
    changes.into_iter().map(|change| change.target).collect()
}

pub(crate) async fn the_newest_first(catalog: &dyn Catalog) {
    assert!(catalog.changes(None, 10).await.unwrap().is_empty());
    note(catalog, &["a", "b"]).await;
    note(catalog, &[]).await;
    catalog.note_changes(&[change("c").failed()]).await.unwrap();
    assert_eq!(targets(catalog, None, 10).await, ["c", "b", "a"]);
    assert_eq!(targets(catalog, None, 2).await, ["c", "b"]);
    let newest = catalog.changes(None, 1).await.unwrap().remove(0);
    assert_eq!((newest.who.as_str(), newest.host.as_str()), ("alice", "h1"));
    assert_eq!((newest.what.as_str(), newest.outcome.as_str()), ("servers:tag", "failed"));
    assert_eq!(newest.how, "tag='%_\"\\ \u{e4}");
}

pub(crate) async fn since_a_moment(catalog: &dyn Catalog) {
    note(catalog, &["a"]).await;
    note(catalog, &["b"]).await;
    let at = catalog.changes(None, 1).await.unwrap()[0].at;
    assert_eq!(targets(catalog, Some(at), 10).await[0], "b");
    assert!(targets(catalog, Some(Micros(at.0 + 1)), 10).await.is_empty());
    assert_eq!(targets(catalog, Some(Micros(0)), 10).await, ["b", "a"]);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    assert!(i64::try_from(now.as_micros()).unwrap() - at.0 < 60_000_000, "{at:?}");
}

pub(crate) async fn all_at_the_same_time(catalog: &dyn Catalog) {
    let names: Vec<String> = (0..20).map(|number| number.to_string()).collect();
    let notes = names.iter().map(|name| async { catalog.note_changes(&[change(name), change(name)]).await });
    futures_util::future::join_all(notes).await.into_iter().for_each(Result::unwrap);
    let mut noted = targets(catalog, None, 100).await;
    assert_eq!(noted.len(), 40);
    noted.sort();
    noted.dedup();
    assert_eq!(noted.len(), 20);
}

pub(crate) async fn forgotten_when_old(catalog: &dyn Catalog) {
    note(catalog, &["a"]).await;
    catalog.forget_changes(YEAR).await.unwrap();
    assert_eq!(targets(catalog, None, 10).await, ["a"]);
    catalog.forget_changes(Duration::ZERO).await.unwrap();
    assert!(targets(catalog, None, 10).await.is_empty());
}
