//! `recordings:list` and `recordings:show`.

use scalelite_core::recordings::catalog::{Import, Lease, TarMark};
use scalelite_core::recordings::model::{Micros, NewRecording, PlaybackFormat, Shelf, Thumbnail};
use serde_json::Value;

use super::on_both_databases;
use crate::playback::given::{HOUR, Library};

on_both_databases!(filters, shown_in_full, many);

fn new(record_id: &str, meeting_id: &str, minute: i64) -> NewRecording {
    NewRecording {
        record_id: record_id.to_owned(),
        meeting_id: meeting_id.to_owned(),
        name: Some("A lesson".to_owned()),
        published: true,
        state: Some("published".to_owned()),
        participants: Some(3),
        start: Some(Micros::from_millis(1_700_000_000_000 + minute * 60_000)),
        end: Some(Micros::from_millis(1_700_003_600_000 + minute * 60_000)),
        metadata: Vec::new(),
        format: PlaybackFormat {
            format: "video".to_owned(),
            url: Some(format!("/video/{record_id}/")),
            length: Some(60),
            processing_time: Some(7),
            thumbnails: Vec::new(),
        },
    }
}

/// Puts rows into the catalog; their files do not matter here.
async fn record(library: &Library, recordings: &[NewRecording]) {
    let name = Lease::of_tar("a.tar");
    let lease = library.catalog.acquire(&name, HOUR).await.unwrap().expect("it is free");
    let imports: Vec<Import<'_>> = recordings
        .iter()
        .map(|recording| Import {
            formats: std::slice::from_ref(recording),
            shelf: Shelf::of(recording.published),
            protected: false,
            bytes: 0,
        })
        .collect();
    let mark = TarMark { file_name: "a.tar".to_owned(), fingerprint: "1".to_owned() };
    library.catalog.record_import(&imports, &mark, std::slice::from_ref(&lease)).await.unwrap();
    library.catalog.release(&lease).await.unwrap();
}

/// The IDs that a task lists as JSON.
fn ids(library: &Library, words: &[&str]) -> Vec<String> {
    let out = library.task(&[words, &["--json"]].concat()).clean();
    let listed: Vec<Value> = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"));
    listed.iter().map(|object| object["record_id"].as_str().unwrap().to_owned()).collect()
}

async fn filters(library: Library) {
    let ran = library.task(&["recordings:list"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(0), "", "No recordings are there\n"));
    assert_eq!(ids(&library, &["recordings"]), [""; 0]);

    let of_tenant = NewRecording {
        metadata: vec![("tenant-id".to_owned(), "t-1".to_owned())],
        ..new("b-1", "room:with:colons", 1)
    };
    let hidden = NewRecording { published: false, ..new("b-2", "other", 2) };
    record(&library, &[new("a-1", "room", 0), of_tenant, hidden, new("c_%1", "room", 3)]).await;

    assert_eq!(ids(&library, &["recordings:list"]), ["c_%1", "b-2", "b-1", "a-1"], "the newest first");
    for (words, expected) in [
        (&["--meeting", "room"][..], &["c_%1", "a-1"][..]),
        (&["--meeting", "room:with:colons", "--meeting=other"], &["b-2", "b-1"]),
        (&["--record", "b-"], &["b-2", "b-1"]),
        (&["--record", "c_%", "--record", "a-1:none"], &["c_%1", "a-1"]),
        (&["--record", "%"], &[]),
        (&["--state", "unpublished"], &["b-2"]),
        (&["--state", "deleted"], &[]),
        (&["--state=any", "--limit", "3"], &["c_%1", "b-2", "b-1"]),
        (&["--tenant", "t-1"], &["b-1"]),
        (&["--tenant", "t-1", "--meeting", "room"], &[]),
    ] {
        assert_eq!(ids(&library, &[&["recordings:list"], words].concat()), expected, "{words:?}");
    }
    assert_eq!(ids(&library, &["recordings:list[a-:b-2]"]), ["b-2", "a-1"]);
    assert_eq!(ids(&library, &["recordings", "a-", "b-2"]), ["b-2", "a-1"]);
    assert!(library.task(&["recordings:list", "--limit", "0"]).failed().contains("--limit"));

    let out = library.task(&["recordings:list", "--limit", "2"]).clean();
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 3, "{out}");
    assert!(lines[0].starts_with("RECORD ID ") && lines[0].ends_with(" NAME"), "{out}");
    assert!(lines[1].starts_with("c_%1 ") && lines[1].ends_with(" A lesson"), "{out}");
    for part in ["published", "2023-11-14 22:16:20", "video", "room"] {
        assert!(lines[1].contains(part), "{out}");
    }
}

async fn shown_in_full(library: Library) {
    let mut recording = new("a-1", "room", 0);
    recording.name = Some("Odd \u{1b}[31m\nname".to_owned());
    recording.metadata =
        vec![("gl-listed".to_owned(), "true".to_owned()), ("empty".to_owned(), String::new())];
    recording.format.thumbnails = vec![Thumbnail {
        width: Some(176),
        height: Some(136),
        alt: Some("first slide".to_owned()),
        url: Some("/video/a-1/1.png".to_owned()),
    }];
    record(&library, &[recording, new("a-12", "room", 1)]).await;

    let out = library.task(&["recordings:show[a-1]"]).clean();
    assert!(out.starts_with("id: a-1\n\tmeeting id: room\n\tname: Odd \u{fffd}[31m\u{fffd}name\n"), "{out}");
    for part in ["\tmetadata gl-listed: true\n", "\tformat: video\n\t\turl: /video/a-1/\n", "thumbnails: 1\n"]
    {
        assert!(out.contains(part), "{out}");
    }
    assert_eq!(out.matches("id: a-").count(), 1, "an ID is no prefix here: {out}");

    let out = library.task(&["recordings:show", "a-12:a-1", "--json"]).clean();
    let shown: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(shown[0]["record_id"], "a-12");
    let expected = serde_json::json!({
        "record_id": "a-1", "meeting_id": "room", "name": "Odd \u{1b}[31m\nname", "state": "published",
        "published": true, "protected": false, "start_time": 1_700_000_000_000_i64,
        "end_time": 1_700_003_600_000_i64, "participants": 3,
        "metadata": {"gl-listed": "true", "empty": ""},
        "formats": [{
            "format": "video", "url": "/video/a-1/", "length": 60, "processing_time": 7,
            "thumbnails": [{"url": "/video/a-1/1.png", "alt": "first slide", "width": 176, "height": 136}],
        }],
    });
    assert_eq!(shown[1], expected);

    let out = library.task(&["recordings:show[a-12, a-1,a-12]"]).clean();
    assert_eq!(out.matches("id: a-").count(), 2, "each once: {out}");

    for words in [&["recordings:show", "a-1:a"][..], &["recordings:show[a]", "--json"]] {
        let ran = library.task(words);
        assert_eq!(ran.out, "", "all or none");
        assert_eq!(ran.failed(), "ERROR: No recording found with id: a\n");
    }
    assert!(library.task(&["recordings:show[]"]).failed().contains("<IDS>"));
    assert_eq!(
        library.task(&["recordings:show", ":"]).failed(),
        "ERROR: Please input at least one record ID!\n"
    );
}

async fn many(library: Library) {
    const MANY: usize = 450;
    let recordings: Vec<NewRecording> = (0..MANY)
        .map(|number| {
            new(&format!("r-{number:04}"), if number % 2 == 0 { "even" } else { "odd" }, number as i64)
        })
        .collect();
    record(&library, &recordings).await;
    let expected: Vec<String> = (0..MANY).rev().map(|number| format!("r-{number:04}")).collect();
    assert_eq!(ids(&library, &["recordings:list"]), expected);
    let odd: Vec<String> = expected.iter().step_by(2).cloned().collect();
    assert_eq!(ids(&library, &["recordings:list", "--meeting", "odd"]), odd);
    assert_eq!(ids(&library, &["recordings:list", "--limit", "210"]), expected[..210]);
    assert_eq!(library.task(&["recordings:list"]).clean().lines().count(), 1 + MANY);
}
