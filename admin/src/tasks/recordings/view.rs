//! Recordings as JSON, with the names of `getRecordings` in the manner of the management API.

use scalelite_core::recordings::model::{Micros, PlaybackFormat, Recording, Thumbnail};
use serde::{Serialize, Serializer};

/// A recording; times are milliseconds since 1970, as BigBlueButton counts them.
#[derive(Serialize)]
pub(super) struct RecordingView<'a> {
    record_id: &'a str,
    meeting_id: &'a str,
    name: Option<&'a str>,
    state: Option<&'a str>,
    published: bool,
    protected: bool,
    start_time: Option<i64>,
    end_time: Option<i64>,
    participants: Option<i32>,
    #[serde(serialize_with = "as_object")]
    metadata: &'a [(String, String)],
    formats: Vec<FormatView<'a>>,
}

/// A playback format; `length` in minutes, `processing_time` in milliseconds.
#[derive(Serialize)]
struct FormatView<'a> {
    format: &'a str,
    url: Option<&'a str>,
    length: Option<i32>,
    processing_time: Option<i32>,
    thumbnails: Vec<ThumbnailView<'a>>,
}

#[derive(Serialize)]
struct ThumbnailView<'a> {
    url: Option<&'a str>,
    alt: Option<&'a str>,
    width: Option<i32>,
    height: Option<i32>,
}

impl<'a> From<&'a Recording> for RecordingView<'a> {
    fn from(recording: &'a Recording) -> Self {
        Self {
            record_id: &recording.record_id,
            meeting_id: &recording.meeting_id,
            name: recording.name.as_deref(),
            state: recording.state.as_deref(),
            published: recording.published,
            protected: recording.protected,
            start_time: recording.start.map(Micros::millis),
            end_time: recording.end.map(Micros::millis),
            participants: recording.participants,
            metadata: &recording.metadata,
            formats: recording.formats.iter().map(FormatView::from).collect(),
        }
    }
}

impl<'a> From<&'a PlaybackFormat> for FormatView<'a> {
    fn from(format: &'a PlaybackFormat) -> Self {
        Self {
            format: &format.format,
            url: format.url.as_deref(),
            length: format.length,
            processing_time: format.processing_time,
            thumbnails: format.thumbnails.iter().map(ThumbnailView::from).collect(),
        }
    }
}

impl<'a> From<&'a Thumbnail> for ThumbnailView<'a> {
    fn from(thumbnail: &'a Thumbnail) -> Self {
        Self {
            url: thumbnail.url.as_deref(),
            alt: thumbnail.alt.as_deref(),
            width: thumbnail.width,
            height: thumbnail.height,
        }
    }
}

fn as_object<S: Serializer>(pairs: &&[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}
