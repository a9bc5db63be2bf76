//! Recordings as text for a terminal. Names come from users: nothing in them may control the terminal.

use chrono::DateTime;
use scalelite_core::printable::printable;
use scalelite_core::recordings::model::{Micros, PlaybackFormat, Recording};

/// The columns of a list, each as wide as it usually has to be; the last one is as long as it is.
pub(super) const HEADING: [&str; 6] =
    ["RECORD ID", "STATE", "STARTED (UTC)", "FORMATS", "MEETING ID", "NAME"];
const WIDTHS: [usize; 5] = [54, 11, 19, 18, 40];

/// A line of a list.
pub(super) fn line(cells: &[&str; 6]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(WIDTHS) {
        line.push_str(&format!("{cell:width$}  "));
    }
    line.push_str(cells[5]);
    line.truncate(line.trim_end().len());
    line
}

/// A recording's line of a list.
pub(super) fn brief(recording: &Recording) -> String {
    let formats: Vec<&str> = recording.formats.iter().map(|format| format.format.as_str()).collect();
    let started = recording.start.map(time).unwrap_or_default();
    let (formats, meeting_id) = (printable(&formats.join(",")), printable(&recording.meeting_id));
    line(&[
        &printable(&recording.record_id),
        &printable(recording.state.as_deref().unwrap_or_default()),
        &started,
        &formats,
        &meeting_id,
        &printable(recording.name.as_deref().unwrap_or_default()),
    ])
}

/// All that is known of a recording, in the manner of the other tasks.
pub(super) fn full(recording: &Recording) -> String {
    let Recording { published, protected, .. } = recording;
    let mut text = format!("id: {}\n", printable(&recording.record_id));
    let mut row = |name: &str, value: &str| text.push_str(&format!("\t{name}: {}\n", printable(value)));
    row("meeting id", &recording.meeting_id);
    row("name", recording.name.as_deref().unwrap_or_default());
    row("state", recording.state.as_deref().unwrap_or_default());
    row("published", &published.to_string());
    row("protected", &protected.to_string());
    row("start (UTC)", &recording.start.map(time).unwrap_or_default());
    row("end (UTC)", &recording.end.map(time).unwrap_or_default());
    row("participants", &number(recording.participants));
    for (key, value) in &recording.metadata {
        row(&format!("metadata {}", printable(key)), value);
    }
    recording.formats.iter().for_each(|playback| text.push_str(&format(playback)));
    text.truncate(text.trim_end_matches('\n').len());
    text
}

fn format(playback: &PlaybackFormat) -> String {
    let url = printable(playback.url.as_deref().unwrap_or_default());
    let (length, thumbnails) = (number(playback.length), playback.thumbnails.len());
    let format = printable(&playback.format);
    format!("\tformat: {format}\n\t\turl: {url}\n\t\tlength: {length} min\n\t\tthumbnails: {thumbnails}\n")
}

fn number(number: Option<i32>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

/// A moment, to the second.
fn time(moment: Micros) -> String {
    let time = DateTime::from_timestamp_micros(moment.0);
    time.map(|time| time.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording() -> Recording {
        Recording {
            id: 1,
            record_id: "r-1".to_owned(),
            meeting_id: "room".to_owned(),
            name: Some("Evil \u{1b}[2J\nName".to_owned()),
            published: true,
            state: Some("published".to_owned()),
            participants: Some(3),
            start: Some(Micros(1_700_000_000_123_456)),
            end: None,
            protected: false,
            metadata: vec![("a".to_owned(), "b\tc".to_owned())],
            formats: vec![PlaybackFormat {
                format: "video".to_owned(),
                url: Some("/video/r-1/".to_owned()),
                length: Some(7),
                processing_time: None,
                thumbnails: Vec::new(),
            }],
        }
    }

    #[test]
    fn a_line_of_a_list() {
        let heading = line(&HEADING);
        let told = brief(&recording());
        for (column, cell) in HEADING.iter().zip([
            "r-1",
            "published",
            "2023-11-14 22:13:20",
            "video",
            "room",
            "Evil \u{fffd}[2J\u{fffd}Name",
        ]) {
            let at = heading.find(column).unwrap();
            assert!(told[at..].starts_with(cell), "{column}: {told}");
        }
        assert_eq!(line(&["a", "", "", "", "", ""]), "a");
    }

    #[test]
    fn all_that_is_known() {
        let told = full(&recording());
        let expected = "id: r-1\n\tmeeting id: room\n\tname: Evil \u{fffd}[2J\u{fffd}Name\n\tstate: published\n\
            \tpublished: true\n\tprotected: false\n\tstart (UTC): 2023-11-14 22:13:20\n\tend (UTC): \n\
            \tparticipants: 3\n\tmetadata a: b\u{fffd}c\n\tformat: video\n\t\turl: /video/r-1/\n\
            \t\tlength: 7 min\n\t\tthumbnails: 0";
        assert_eq!(told, expected);
    }

    #[test]
    fn times_that_are_none() {
        assert_eq!(time(Micros(i64::MAX)), "");
    }
}
