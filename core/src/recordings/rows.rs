//! What both databases give in a column of JSON: a list that belongs to a recording, without another question.

use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::model::{PlaybackFormat, Thumbnail};

#[derive(Deserialize)]
struct MetadataRow(Option<String>, Option<String>);

/// Name, URL, length, processing time, thumbnails.
#[derive(Deserialize)]
struct FormatRow(
    Option<String>,
    Option<String>,
    Option<i32>,
    Option<i32>,
    #[serde(default)] Option<Vec<ThumbnailRow>>,
);

/// Width, height, alt, URL.
#[derive(Deserialize)]
struct ThumbnailRow(Option<i32>, Option<i32>, Option<String>, Option<String>);

/// Metadata of a recording, from a list of pairs.
pub(super) fn metadata(column: Option<&str>) -> sqlx::Result<Vec<(String, String)>> {
    let rows: Vec<MetadataRow> = list(column)?;
    let pairs =
        rows.into_iter().filter_map(|MetadataRow(key, value)| Some((key?, value.unwrap_or_default())));
    Ok(pairs.collect())
}

/// Playback formats of a recording with their thumbnails.
pub(super) fn formats(column: Option<&str>) -> sqlx::Result<Vec<PlaybackFormat>> {
    let rows: Vec<FormatRow> = list(column)?;
    let formats =
        rows.into_iter().filter_map(|FormatRow(format, url, length, processing_time, thumbnails)| {
            let thumbnails = thumbnails.unwrap_or_default().into_iter();
            let thumbnails = thumbnails
                .map(|ThumbnailRow(width, height, alt, url)| Thumbnail { width, height, alt, url })
                .collect();
            Some(PlaybackFormat { format: format?, url, length, processing_time, thumbnails })
        });
    Ok(formats.collect())
}

/// Names, such as those of a recording's formats.
pub(super) fn names(column: Option<&str>) -> sqlx::Result<Vec<String>> {
    let names: Vec<Option<String>> = list(column)?;
    Ok(names.into_iter().flatten().collect())
}

fn list<T: DeserializeOwned>(column: Option<&str>) -> sqlx::Result<Vec<T>> {
    match column {
        None => Ok(Vec::new()),
        Some(json) => serde_json::from_str(json).map_err(|error| sqlx::Error::Decode(error.into())),
    }
}

/// A list as a parameter.
pub(super) fn json<T: Serialize>(list: &[T]) -> sqlx::Result<String> {
    serde_json::to_string(list).map_err(|error| sqlx::Error::Encode(error.into()))
}
