//! What the tests start from: imported recordings.

use std::time::Duration;

use scalelite_core::recordings::catalog::{Catalog, CatalogError, Import, Lease, TarMark};
use scalelite_core::recordings::model::{
    Filter, Micros, NewRecording, PlaybackFormat, Recording, Shelf, States, Thumbnail,
};

pub(crate) const TTL: Duration = Duration::from_secs(60);

/// What a format's metadata tells; nothing special.
pub(crate) fn new(record_id: &str, meeting_id: &str, start_ms: i64) -> NewRecording {
    NewRecording {
        record_id: record_id.to_owned(),
        meeting_id: meeting_id.to_owned(),
        name: Some(format!("Meeting {meeting_id}")),
        published: true,
        state: Some("published".to_owned()),
        participants: Some(3),
        start: Some(Micros::from_millis(start_ms)),
        end: Some(Micros::from_millis(start_ms + 60_000)),
        metadata: Vec::new(),
        format: format("presentation", record_id),
    }
}

pub(crate) fn format(name: &str, record_id: &str) -> PlaybackFormat {
    PlaybackFormat {
        format: name.to_owned(),
        url: Some(format!("/playback/{name}/2.3/{record_id}")),
        length: Some(1),
        processing_time: Some(1234),
        thumbnails: (0..3).map(|number| thumbnail(record_id, number)).collect(),
    }
}

fn thumbnail(record_id: &str, number: i32) -> Thumbnail {
    Thumbnail {
        width: Some(176),
        height: Some(136),
        alt: Some(format!("slide {number}")),
        url: Some(format!("/presentation/{record_id}/thumb-{number}.png")),
    }
}

pub(crate) fn metadata(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
}

pub(crate) fn mark(name: &str) -> TarMark {
    TarMark { file_name: name.to_owned(), fingerprint: format!("fingerprint of {name}") }
}

/// Records these formats of one recording, as an importer does.
pub(crate) async fn import_formats(catalog: &dyn Catalog, formats: &[NewRecording]) -> Shelf {
    let shelf = catalog.shelf_for(&formats[0], false).await.unwrap();
    let name = Lease::of_recording(&formats[0].record_id);
    let lease = catalog.acquire(&name, TTL).await.unwrap().expect("nobody else works on it");
    let imports = [Import { formats, shelf, protected: false, bytes: 0 }];
    let tar = mark(&format!("{}.tar", formats[0].record_id));
    catalog.record_import(&imports, &tar, std::slice::from_ref(&lease)).await.unwrap();
    catalog.release(&lease).await.unwrap();
    shelf
}

pub(crate) async fn import(catalog: &dyn Catalog, recording: NewRecording) -> Shelf {
    import_formats(catalog, &[recording]).await
}

pub(crate) async fn import_as(
    catalog: &dyn Catalog,
    recording: &NewRecording,
    shelf: Shelf,
    protected: bool,
    leases: &[Lease],
) -> Result<(), CatalogError> {
    let formats = std::slice::from_ref(recording);
    let imports = [Import { formats, shelf, protected, bytes: 0 }];
    catalog.record_import(&imports, &mark("a.tar"), leases).await
}

pub(crate) fn any() -> Filter {
    Filter { states: States::Any, ..Filter::default() }
}

pub(crate) fn by_record(ids: &[&str]) -> Filter {
    Filter { record_ids: ids.iter().map(|&id| id.to_owned()).collect(), ..any() }
}

/// All recordings that the filter lets pass.
pub(crate) async fn list(catalog: &dyn Catalog, filter: &Filter) -> Vec<Recording> {
    catalog.chunk(filter, None, 10_000).await.unwrap()
}

/// Their IDs, the newest first.
pub(crate) async fn ids(catalog: &dyn Catalog, filter: &Filter) -> Vec<String> {
    list(catalog, filter).await.into_iter().map(|recording| recording.record_id).collect()
}

pub(crate) async fn one(catalog: &dyn Catalog, record_id: &str) -> Recording {
    let found = list(catalog, &by_record(&[record_id])).await;
    found.into_iter().find(|recording| recording.record_id == record_id).expect("the recording is there")
}
