//! Whatever is done to both databases, they tell the same.

use proptest::prelude::*;
use scalelite_core::recordings::catalog::{Catalog, MetadataChange};
use scalelite_core::recordings::model::{Filter, States};

use crate::database;
use crate::given::{any, format, import, metadata, new};

#[derive(Debug, Clone)]
enum Step {
    Import { record: usize, meeting: usize, start: Option<i64>, format: usize, value: String },
    Publish(usize),
    Unpublish(usize),
    Delete(usize),
    Update { record: usize, key: usize, value: String },
}

const RECORDS: [&str; 4] = ["a", "ab", "a_b", "\u{fc}%"];
const KEYS: [&str; 3] = ["k", "K", "tenant-id"];

fn step() -> impl Strategy<Value = Step> {
    let record = 0..RECORDS.len();
    let value = || "[v%_'\"\\\\\u{e4}]{0,3}";
    prop_oneof![
        4 => (record.clone(), 0..3_usize, proptest::option::of(0..3_i64), 0..2_usize, value())
            .prop_map(|(record, meeting, start, format, value)| Step::Import { record, meeting, start, format, value }),
        1 => record.clone().prop_map(Step::Publish),
        1 => record.clone().prop_map(Step::Unpublish),
        1 => record.clone().prop_map(Step::Delete),
        2 => (record, 0..KEYS.len(), value()).prop_map(|(record, key, value)| Step::Update { record, key, value }),
    ]
}

async fn take(catalog: &dyn Catalog, step: &Step) {
    match step {
        Step::Import { record, meeting, start, format: name, value } => {
            let id = RECORDS[*record];
            let mut recording = new(id, &format!("m{meeting}"), start.unwrap_or(0) * 43_200_000);
            recording.start = start.and(recording.start);
            recording.metadata = metadata(&[("k", value)]);
            recording.format = format(["presentation", "video"][*name], id);
            import(catalog, recording).await;
        }
        Step::Publish(record) => drop(catalog.publish(RECORDS[*record]).await.unwrap()),
        Step::Unpublish(record) => drop(catalog.unpublish(RECORDS[*record]).await.unwrap()),
        Step::Delete(record) => {
            let heads = catalog.heads(&[RECORDS[*record].to_owned()], None).await.unwrap();
            catalog.delete(&heads.iter().map(|head| head.id).collect::<Vec<_>>()).await.unwrap();
        }
        Step::Update { record, key, value } => {
            let change = if value.is_empty() {
                MetadataChange { remove: vec![KEYS[*key].to_owned()], ..MetadataChange::default() }
            } else {
                MetadataChange { set: metadata(&[(KEYS[*key], value)]), ..MetadataChange::default() }
            };
            catalog.update(&[RECORDS[*record].to_owned()], None, &change).await.unwrap();
        }
    }
}

/// All that a catalog tells, without the keys of its rows.
async fn told(catalog: &dyn Catalog, value: &str) -> String {
    let of = |state: &str| States::of(vec![state.to_owned()]);
    let filters = [
        any(),
        Filter::default(),
        Filter { states: of("deleted"), ..any() },
        Filter { record_ids: vec!["a".to_owned(), "\u{fc}%".to_owned()], ..any() },
        Filter { meeting_ids: vec!["m1".to_owned()], ..any() },
        Filter { metadata: metadata(&[("k", value)]), ..any() },
        Filter { tenant_id: Some(value.to_owned()), ..any() },
        Filter {
            metadata: metadata(&[("k", value), ("K", value)]),
            tenant_id: Some(value.to_owned()),
            ..any()
        },
        Filter {
            record_ids: vec!["a".to_owned(), "ab".to_owned()],
            metadata: metadata(&[("K", value)]),
            ..any()
        },
        Filter {
            record_ids: vec!["a".to_owned()],
            meeting_ids: vec!["m0".to_owned(), "m1".to_owned()],
            tenant_id: Some(value.to_owned()),
            ..any()
        },
    ];
    let mut told = String::new();
    for filter in filters {
        for offset in 0..3 {
            let page = catalog.page(&filter, offset, 2).await.unwrap();
            told += &format!("{} ", page.total);
            for mut recording in page.recordings {
                recording.id = 0;
                told += &format!("{recording:?}\n");
            }
        }
    }
    told
}

#[test]
fn both_databases_tell_the_same() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let postgres = runtime.block_on(database::postgres());
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(steps in proptest::collection::vec(step(), 1..25), value in "[v%_']{1}")| {
        runtime.block_on(async {
            let sqlite = database::sqlite().await;
            postgres.clear();
            for step in &steps {
                take(&*sqlite.catalog, step).await;
                take(&*postgres.catalog, step).await;
            }
            prop_assert_eq!(told(&*sqlite.catalog, &value).await, told(&*postgres.catalog, &value).await);
            Ok(())
        })?;
    });
}
