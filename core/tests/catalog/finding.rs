//! Filters are exact, and answers whole.

use scalelite_core::recordings::catalog::{Catalog, Playback};
use scalelite_core::recordings::model::{Filter, Micros, NewRecording, States};

use crate::given::{any, by_record, format, ids, import, import_formats, metadata, new, one};

fn by_meeting(ids: &[&str]) -> Filter {
    Filter { meeting_ids: ids.iter().map(|&id| id.to_owned()).collect(), ..any() }
}

pub(crate) async fn all_that_is_told_of_a_recording(catalog: &dyn Catalog) {
    let mut first = new("rec-1", "meeting", 1_700_000_000_123);
    first.metadata = metadata(&[("b", "2"), ("a", ""), ("c", "ä\"<>&\u{1f600}\n")]);
    first.format = format("video", "rec-1");
    let mut second = first.clone();
    second.format = format("presentation", "rec-1");
    second.format.thumbnails.reverse();
    import_formats(catalog, &[first.clone(), second.clone()]).await;

    let found = one(catalog, "rec-1").await;
    assert_eq!((found.meeting_id.as_str(), found.name.as_deref()), ("meeting", Some("Meeting meeting")));
    assert!(found.published && !found.protected);
    assert_eq!(found.state.as_deref(), Some("published"));
    assert_eq!(found.participants, Some(3));
    assert_eq!(found.start, Some(Micros(1_700_000_000_123_000)));
    assert_eq!(found.end, Some(Micros(1_700_000_060_123_000)));
    assert_eq!(found.metadata, first.metadata);
    assert_eq!(found.formats, [second.format, first.format], "formats by name, thumbnails in their order");
}

pub(crate) async fn by_prefix_of_the_record_id(catalog: &dyn Catalog) {
    for (start, id) in ["abc-1", "abc-2", "abd", "ab", "\u{e9}-1", "\u{10ffff}x"].into_iter().enumerate() {
        import(catalog, new(id, "m", start as i64)).await;
    }
    assert_eq!(ids(catalog, &by_record(&["abc"])).await, ["abc-2", "abc-1"]);
    assert_eq!(ids(catalog, &by_record(&["abc-1", "abc", "abd"])).await, ["abd", "abc-2", "abc-1"]);
    assert_eq!(ids(catalog, &by_record(&["\u{e9}"])).await, ["\u{e9}-1"]);
    assert_eq!(ids(catalog, &by_record(&["\u{10ffff}"])).await, ["\u{10ffff}x"]);
    assert!(ids(catalog, &by_record(&["abc-12", "ABC", "x"])).await.is_empty());
}

pub(crate) async fn by_meeting_id(catalog: &dyn Catalog) {
    for (start, (id, meeting)) in [("1", "a"), ("2", "b"), ("3", "a"), ("4", "ab")].into_iter().enumerate() {
        import(catalog, new(id, meeting, start as i64)).await;
    }
    assert_eq!(ids(catalog, &by_meeting(&["a"])).await, ["3", "1"]);
    assert_eq!(ids(catalog, &by_meeting(&["b", "a", "c", "a"])).await, ["3", "2", "1"]);
    assert!(ids(catalog, &by_meeting(&["A"])).await.is_empty());
}

pub(crate) async fn by_state(catalog: &dyn Catalog) {
    for (start, id) in ["1", "2", "3"].into_iter().enumerate() {
        import(catalog, new(id, "m", start as i64)).await;
    }
    catalog.unpublish("2").await.unwrap();
    let gone = catalog.heads(&["3".to_owned()], None).await.unwrap();
    catalog.delete(&[gone[0].id]).await.unwrap();
    let of = |states: &[&str]| Filter {
        states: States::of(states.iter().map(|&state| state.to_owned()).collect()),
        ..Filter::default()
    };
    assert_eq!(ids(catalog, &of(&["published"])).await, ["1"]);
    assert_eq!(ids(catalog, &of(&["unpublished", "published", "published"])).await, ["2", "1"]);
    assert_eq!(ids(catalog, &of(&["deleted"])).await, ["3"]);
    assert_eq!(ids(catalog, &Filter::default()).await, ["2", "1"], "deleted ones are not listed unasked");
    assert_eq!(ids(catalog, &any()).await, ["3", "2", "1"]);
    assert!(ids(catalog, &of(&["processing", "%"])).await.is_empty());
    let many: Vec<String> =
        (0..2000).map(|number| format!("state {number}")).chain(["deleted".into()]).collect();
    let many = Filter { states: States::of(many), ..Filter::default() };
    assert_eq!(ids(catalog, &many).await, ["3"]);
}

pub(crate) async fn by_metadata(catalog: &dyn Catalog) {
    let long = "x".repeat(3000);
    for (start, (id, pairs)) in [
        ("1", vec![("course", "1"), ("term", "spring")]),
        ("2", vec![("course", "2")]),
        ("3", vec![("course", "1 ")]),
        ("4", vec![("Course", "1")]),
        ("5", vec![("long", long.as_str())]),
    ]
    .into_iter()
    .enumerate()
    {
        import(catalog, recording(id, start, &pairs)).await;
    }
    assert_eq!(ids(catalog, &by_pairs(&[("course", "1")])).await, ["1"]);
    assert_eq!(ids(catalog, &by_pairs(&[("course", "2"), ("term", "spring")])).await, ["2", "1"]);
    assert!(ids(catalog, &by_pairs(&[("course", "%"), ("%", "1"), ("1", "course")])).await.is_empty());
    assert_eq!(ids(catalog, &by_pairs(&[("long", &long)])).await, ["5"]);
    assert!(ids(catalog, &by_pairs(&[("long", &"x".repeat(2999))])).await.is_empty());
}

fn by_pairs(pairs: &[(&str, &str)]) -> Filter {
    Filter { metadata: metadata(pairs), ..any() }
}

fn recording(id: &str, start: usize, pairs: &[(&str, &str)]) -> NewRecording {
    let mut recording = new(id, "m", start as i64);
    recording.metadata = metadata(pairs);
    recording
}

pub(crate) async fn by_tenant(catalog: &dyn Catalog) {
    import(catalog, recording("1", 1, &[("tenant-id", "t1"), ("a", "1")])).await;
    import(catalog, recording("2", 2, &[("tenant-id", "t2"), ("a", "1")])).await;
    import(catalog, recording("3", 3, &[("a", "1")])).await;
    let of = |tenant: &str| Filter { tenant_id: Some(tenant.to_owned()), ..any() };
    assert_eq!(ids(catalog, &of("t1")).await, ["1"]);
    let both = Filter { metadata: metadata(&[("a", "1")]), ..of("t2") };
    assert_eq!(ids(catalog, &both).await, ["2"]);
    let page = catalog.page(&both, 0, 10).await.unwrap();
    assert_eq!(page.total, 1);
    let others = Filter { record_ids: vec!["2".to_owned()], ..of("t1") };
    assert!(ids(catalog, &others).await.is_empty());
    assert!(catalog.heads(&["2".to_owned()], Some("t1")).await.unwrap().is_empty());
    assert!(catalog.playback("2", "presentation", Some("t1")).await.unwrap().is_none());
    assert!(catalog.playback("2", "presentation", Some("t2")).await.unwrap().is_some());
}

pub(crate) async fn filters_together(catalog: &dyn Catalog) {
    for (start, (id, meeting)) in [("a1", "m"), ("a2", "n"), ("b1", "m")].into_iter().enumerate() {
        let mut recording = new(id, meeting, start as i64);
        recording.metadata = metadata(&[("k", "v")]);
        import(catalog, recording).await;
    }
    let all = Filter {
        record_ids: vec!["a".to_owned()],
        meeting_ids: vec!["m".to_owned()],
        metadata: metadata(&[("k", "v")]),
        ..Filter::default()
    };
    assert_eq!(ids(catalog, &all).await, ["a1"]);
    assert!(ids(catalog, &Filter { metadata: metadata(&[("k", "w")]), ..all }).await.is_empty());
}

pub(crate) async fn two_thousand_ids(catalog: &dyn Catalog) {
    for number in 0..20 {
        import(catalog, new(&format!("rec-{number:02}-x"), &format!("m{number}"), number)).await;
    }
    let wanted: Vec<String> = (0..2000).map(|number| format!("rec-{number:02}-")).collect();
    let filter = Filter { record_ids: wanted, ..any() };
    assert_eq!(ids(catalog, &filter).await.len(), 20);
    let wanted: Vec<String> = (0..2000).map(|number| format!("m{number}")).collect();
    let filter = Filter { meeting_ids: wanted, ..any() };
    assert_eq!(ids(catalog, &filter).await.len(), 20);
    let wanted = (0..2000).map(|number| ("k".to_owned(), format!("v{number}"))).collect();
    let filter = Filter { metadata: wanted, ..filter };
    assert!(ids(catalog, &filter).await.is_empty());
}

pub(crate) async fn wild_cards_and_quotes_are_ordinary_characters(catalog: &dyn Catalog) {
    let odd = [
        "%",
        "_",
        "a%b",
        "a_b",
        "'; DROP TABLE recordings; --",
        "\"",
        "\\",
        "{}",
        "{\"a\",b}",
        "[1]",
        "*",
        "?",
    ];
    for (start, id) in odd.into_iter().enumerate() {
        let mut recording = new(id, id, start as i64);
        recording.metadata = metadata(&[(id, id)]);
        import(catalog, recording).await;
    }
    import(catalog, new("axb", "axb", 99)).await;
    for id in odd {
        let mut expected: Vec<&str> = odd.into_iter().filter(|other| other.starts_with(id)).collect();
        expected.reverse();
        assert_eq!(ids(catalog, &by_record(&[id])).await, expected, "{id}");
        assert_eq!(ids(catalog, &by_meeting(&[id])).await, [id]);
        assert_eq!(ids(catalog, &by_pairs(&[(id, id)])).await, [id]);
        assert_eq!(catalog.heads(&[id.to_owned()], None).await.unwrap().len(), 1, "{id}");
    }
}

pub(crate) async fn heads_of_exact_ids(catalog: &dyn Catalog) {
    let mut video = new("a", "m", 1);
    video.format = format("video", "a");
    import_formats(catalog, &[new("a", "m", 1), video]).await;
    import(catalog, new("ab", "m", 2)).await;
    let wanted = ["a", "b", "a"].map(str::to_owned);
    let heads = catalog.heads(&wanted, None).await.unwrap();
    assert_eq!(heads.len(), 1);
    assert_eq!((heads[0].record_id.as_str(), heads[0].published), ("a", true));
    assert_eq!(heads[0].formats, ["presentation", "video"]);
}

pub(crate) async fn what_is_needed_to_play(catalog: &dyn Catalog) {
    import(catalog, new("a", "m", 1)).await;
    let url = Some("/playback/presentation/2.3/a".to_owned());
    let playback = Playback { published: true, protected: false, url };
    assert_eq!(catalog.playback("a", "presentation", None).await.unwrap(), Some(playback));
    assert_eq!(catalog.playback("a", "video", None).await.unwrap(), None);
    assert_eq!(catalog.playback("A", "presentation", None).await.unwrap(), None);
    catalog.unpublish("a").await.unwrap();
    assert!(!catalog.playback("a", "presentation", None).await.unwrap().unwrap().published);
}
