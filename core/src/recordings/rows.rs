//! Rows that both databases give alike; most are lists in a column of JSON, which belong to a recording without another
//! question.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{ColumnIndex, Decode, Row, Type};

use super::model::{PlaybackFormat, Thumbnail};
use crate::usage::{Amounts, Usage};

/// Key of the row, key, value.
#[derive(Deserialize)]
struct MetadataRow(i64, Option<String>, Option<String>);

/// Name, URL, length, processing time, thumbnails.
#[derive(Deserialize)]
struct FormatRow(
    Option<String>,
    Option<String>,
    Option<i32>,
    Option<i32>,
    #[serde(default)] Option<Vec<ThumbnailRow>>,
);

/// Place, key of the row, width, height, alt, URL.
#[derive(Deserialize)]
struct ThumbnailRow(Option<i32>, i64, Option<i32>, Option<i32>, Option<String>, Option<String>);

/// Metadata of a recording, from a list of rows: in the order of their keys.
pub(super) fn metadata(column: Option<&str>) -> sqlx::Result<Vec<(String, String)>> {
    let mut rows: Vec<MetadataRow> = list(column)?;
    rows.sort_unstable_by_key(|MetadataRow(id, ..)| *id);
    let pairs =
        rows.into_iter().filter_map(|MetadataRow(_, key, value)| Some((key?, value.unwrap_or_default())));
    Ok(pairs.collect())
}

/// Playback formats of a recording by name, with their thumbnails in the order of their places.
pub(super) fn formats(column: Option<&str>) -> sqlx::Result<Vec<PlaybackFormat>> {
    let rows: Vec<FormatRow> = list(column)?;
    let formats = rows.into_iter().filter_map(|FormatRow(format, url, length, processing_time, rows)| {
        let thumbnails = thumbnails(rows.unwrap_or_default());
        Some(PlaybackFormat { format: format?, url, length, processing_time, thumbnails })
    });
    let mut formats: Vec<_> = formats.collect();
    formats.sort_unstable_by(|one, other| one.format.cmp(&other.format));
    Ok(formats)
}

/// What has no place is last.
fn thumbnails(mut rows: Vec<ThumbnailRow>) -> Vec<Thumbnail> {
    rows.sort_unstable_by_key(|ThumbnailRow(place, id, ..)| (place.is_none(), *place, *id));
    let rows = rows.into_iter();
    rows.map(|ThumbnailRow(_, _, width, height, alt, url)| Thumbnail { width, height, alt, url }).collect()
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

/// What a tenant has used in a month. Nothing where the month is none.
pub(super) fn used<'r, R>(row: &'r R) -> sqlx::Result<Option<Usage>>
where
    R: Row,
    &'static str: ColumnIndex<R>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let number = |name: &'static str| row.try_get(name).map(i64::unsigned_abs);
    let Ok(month) = row.try_get::<String, _>("month")?.parse() else { return Ok(None) };
    let amounts = Amounts {
        meetings: number("meetings")?,
        participants: Duration::from_millis(number("participant_ms")?),
        recordings: number("recordings")?,
        bytes: number("bytes")?,
    };
    Ok(Some(Usage { month, tenant_id: row.try_get("tenant_id")?, amounts }))
}
