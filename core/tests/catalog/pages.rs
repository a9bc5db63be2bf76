//! Order, pages, totals.

use scalelite_core::recordings::catalog::Catalog;
use scalelite_core::recordings::model::{Cursor, Filter, NewRecording, States};

use crate::given::{any, ids, import, metadata, new};

/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// Recordings on several days, some at the same moment and some without a start.
async fn several(catalog: &dyn Catalog) {
    for number in 0..12_i64 {
        let start = 1_700_000_000_000 + (number / 4) * DAY + (number / 2 % 2);
        let recording = new(&format!("rec-{number:02}"), "m", start);
        let start = if number >= 10 { None } else { recording.start };
        let metadata = metadata(&[("k", "v")]);
        import(catalog, NewRecording { start, metadata, ..recording }).await;
    }
    catalog.unpublish("rec-03").await.unwrap();
}

const ORDER: [&str; 12] = [
    "rec-09", "rec-08", "rec-07", "rec-06", "rec-05", "rec-04", "rec-03", "rec-02", "rec-01", "rec-00",
    "rec-11", "rec-10",
];

fn filters() -> [Filter; 4] {
    let of = |state: &str| Filter { states: States::of(vec![state.to_owned()]), ..Filter::default() };
    let found = Filter { metadata: metadata(&[("k", "v")]), ..any() };
    [any(), Filter::default(), of("published"), found]
}

pub(crate) async fn newest_first(catalog: &dyn Catalog) {
    several(catalog).await;
    for filter in filters() {
        let expected: Vec<&str> = ORDER
            .into_iter()
            .filter(|&id| id != "rec-03" || filter.states != States::of(vec!["published".into()]))
            .collect();
        assert_eq!(ids(catalog, &filter).await, expected, "{filter:?}");
    }
}

pub(crate) async fn pages_and_chunks_are_parts_of_the_same_list(catalog: &dyn Catalog) {
    several(catalog).await;
    for filter in filters() {
        let all = catalog.chunk(&filter, None, 100).await.unwrap();
        for limit in [1, 2, 5] {
            let (mut paged, mut chunked, mut after) = (Vec::new(), Vec::new(), None);
            loop {
                let page = catalog.page(&filter, paged.len() as u64, limit).await.unwrap();
                assert_eq!(page.total, all.len() as u64);
                let chunk = catalog.chunk(&filter, after, limit).await.unwrap();
                assert_eq!(page.recordings, chunk, "{filter:?} {limit}");
                let Some(last) = chunk.last() else { break };
                after = Some(Cursor::from(last));
                paged.extend(page.recordings);
                chunked.extend(chunk);
            }
            assert_eq!(paged, all);
            assert_eq!(chunked, all);
        }
        let after = Cursor::from(&all[2]);
        let rest = catalog.rest(&filter, Some(after)).await.unwrap();
        assert_eq!(rest, all[3..].iter().map(|recording| recording.id).collect::<Vec<_>>());
        assert_eq!(catalog.recordings(&rest).await.unwrap(), all[3..]);
    }
}

pub(crate) async fn totals_follow_every_change(catalog: &dyn Catalog) {
    several(catalog).await;
    let total = async |filter: &Filter| catalog.page(filter, 0, 1).await.unwrap().total;
    let [any, _, published, _] = filters();
    assert_eq!((total(&any).await, total(&published).await), (12, 11));
    catalog.unpublish("rec-00").await.unwrap();
    catalog.publish("rec-03").await.unwrap();
    catalog.unpublish("rec-10").await.unwrap();
    assert_eq!((total(&any).await, total(&published).await), (12, 10));
    let heads = catalog.heads(&["rec-01".to_owned(), "rec-02".to_owned()], None).await.unwrap();
    catalog.delete(&[heads[0].id, heads[1].id]).await.unwrap();
    assert_eq!((total(&any).await, total(&published).await), (12, 8));
    // A re-import with another start moves it to another day.
    import(catalog, new("rec-01", "m", 1_600_000_000_000)).await;
    assert_eq!((total(&any).await, total(&published).await), (12, 9));
    catalog.tidy().await.unwrap();
    let last = catalog.page(&published, 6, 10).await.unwrap();
    let last: Vec<&str> = last.recordings.iter().map(|recording| recording.record_id.as_str()).collect();
    assert_eq!(last, ["rec-03", "rec-01", "rec-11"]);
}

pub(crate) async fn far_offsets(catalog: &dyn Catalog) {
    several(catalog).await;
    for filter in filters() {
        for offset in [12, 13, 1_000_000, u64::MAX] {
            let page = catalog.page(&filter, offset, 100).await.unwrap();
            assert!(page.recordings.is_empty());
            assert!(page.total >= 11, "{filter:?}");
        }
    }
    let nothing = Filter { states: States::of(vec!["processing".into()]), ..Filter::default() };
    assert_eq!(catalog.page(&nothing, 0, 10).await.unwrap().total, 0);
}

pub(crate) async fn many_come_by_once(catalog: &dyn Catalog) {
    // More than come at once.
    for number in 0..450_i64 {
        let mut recording = new(&format!("{number}"), "m", number % 7);
        recording.metadata = metadata(&[("k", "v")]);
        import(catalog, recording).await;
    }
    for filter in filters() {
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let chunk = catalog.chunk(&filter, after, 200).await.unwrap();
            let Some(last) = chunk.last() else { break };
            after = Some(Cursor::from(last));
            seen.extend(chunk.into_iter().map(|recording| recording.id));
        }
        assert_eq!(seen, catalog.rest(&filter, None).await.unwrap());
        assert_eq!(seen.len(), 450);
    }
}
