//! Pages, and answers that are longer than what is read at once.

use scalelite_core::recordings::catalog::{Import, TarMark};
use scalelite_core::recordings::model::{Micros, NewRecording, PlaybackFormat, Shelf};
use scalelite_system_tests::store::Mode;

use crate::playback::given::Library;

const COUNT: i64 = 450;

async fn fill(library: &Library) {
    for number in 0..COUNT {
        let recording = NewRecording {
            record_id: format!("rec-{number:03}"),
            meeting_id: "room".to_owned(),
            name: Some("ä".repeat(100)),
            published: true,
            state: None,
            participants: None,
            start: Some(Micros::from_millis(1_600_000_000_000 + number * 3_600_000)),
            end: None,
            metadata: Vec::new(),
            format: PlaybackFormat {
                format: "video".to_owned(),
                url: None,
                length: None,
                processing_time: None,
                thumbnails: Vec::new(),
            },
        };
        let import =
            Import { formats: &[recording], shelf: Shelf::Published, protected: number % 2 == 0, bytes: 0 };
        let tar = TarMark { file_name: "x.tar".to_owned(), fingerprint: "1".to_owned() };
        library.catalog.record_import(&[import], &tar, &[]).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn are_parts_of_the_whole() {
    let library = Library::start(Mode::Embedded, &[]).await;
    fill(&library).await;
    let api = library.api().await;
    let whole = api.call("getRecordings", &[]).await;
    let all = whole.assert_success().fields("recordID");
    let newest_first: Vec<String> = (0..COUNT).rev().map(|number| format!("rec-{number:03}")).collect();
    assert_eq!(all, newest_first);
    assert_eq!(whole.field("totalElements"), None);
    // Of the protected ones each has a token of its own.
    let mut links = whole.fields("url");
    links.retain(|url| url.contains("token="));
    links.sort();
    links.dedup();
    assert_eq!(links.len(), 225);
    let by_meeting = api.call("getRecordings", &[("meetingID", "room")]).await;
    assert_eq!(by_meeting.assert_success().fields("recordID"), newest_first);

    for filter in [("state", "published"), ("meetingID", "room")] {
        for (offset, limit, expected) in [
            ("0", "25", 0..25),
            ("440", "100", 440..450),
            ("-3", "1", 0..1),
            ("7", "0", 7..8),
            ("0", "1000", 0..100),
        ] {
            let page = api.call("getRecordings", &[filter, ("offset", offset), ("limit", limit)]).await;
            page.assert_success().assert_text("totalElements", "450");
            assert_eq!(page.fields("recordID"), newest_first[expected], "{filter:?} {offset} {limit}");
        }
        let beyond = api.call("getRecordings", &[filter, ("offset", "1000"), ("limit", "10")]).await;
        beyond.assert_success().assert_text("messageKey", "noRecordings");
        assert!(beyond.body.contains("<totalElements>450</totalElements></response>"), "{beyond:?}");
    }
    let no_page = api.call("getRecordings", &[("limit", "ten"), ("offset", "5")]).await;
    assert_eq!(no_page.fields("recordID").len(), 450);
}
