//! A walk through either database.

use std::sync::Arc;

use scalelite_core::recordings::catalog::Catalog;
use scalelite_core::recordings::model::Filter;
use scalelite_core::recordings::walk::Walk;

use crate::database;
use crate::given::{any, import, metadata, new};

async fn comes_by_each_once(catalog: &Arc<dyn Catalog>) {
    // More than come at once, twice.
    for number in 0..450_i64 {
        let mut recording = new(&format!("{number}"), "m", number % 7);
        recording.metadata = metadata(&[("k", if number % 9 == 0 { "w" } else { "v" })]);
        import(&**catalog, recording).await;
    }
    let of = |value: &str| Filter { metadata: metadata(&[("k", value)]), ..any() };
    for (filter, expected) in [(any(), 450), (of("v"), 400), (of("w"), 50), (of("x"), 0)] {
        let mut walk = Walk::new(Arc::clone(catalog), filter.clone());
        let mut seen = Vec::new();
        loop {
            let some = walk.next().await.unwrap();
            if some.is_empty() {
                break;
            }
            seen.extend(some.into_iter().map(|recording| recording.id));
        }
        assert_eq!(seen, catalog.rest(&filter, None).await.unwrap());
        assert_eq!(seen.len(), expected);
        assert!(walk.next().await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    comes_by_each_once(&database::sqlite().await.catalog).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    comes_by_each_once(&database::postgres().await.catalog).await;
}
