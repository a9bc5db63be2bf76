//! With the catalog as it is, embedded.

use std::sync::Arc;

use scalelite_core::callbacks::CallbackAttributes;
use scalelite_core::recordings::catalog::Catalog;
use scalelite_core::recordings::model::{Filter, Recording, States};

use crate::place::{Place, eventually};
use crate::tars::{Tar, metadata};

const REAL: &str =
    include_str!("../../../core/src/recordings/metadata_xml/fixtures/greenlight-presentation.xml");
const REAL_ID: &str = "b27af2f930d418879550e09c7548d1cdd0be25cf-1504122319984";

async fn all(catalog: &Arc<dyn Catalog>) -> Vec<Recording> {
    let filter = Filter { states: States::Any, ..Filter::default() };
    catalog.page(&filter, 0, 100).await.unwrap().recordings
}

/// Waits until nothing is left in the spool and unpacked.
async fn imported(here: &Place) {
    eventually("it is imported", || here.is_clean()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_recording() {
    let here = Place::new();
    let catalog = here.configured_catalog().await;
    let url = "https://receiver.invalid/ready".to_owned();
    let attributes = CallbackAttributes { recording_ready_url: Some(url), ..CallbackAttributes::default() };
    let meeting_id = "5bd0e35013bc9761d06f01d4bfd9b4ae1c8df289";
    catalog.remember_callbacks(meeting_id, &attributes).await.unwrap();
    let tar = Tar::default().file(format!("presentation/{REAL_ID}/metadata.xml"), REAL);
    here.drop_tar(&format!("{REAL_ID}.tar"), &tar.bytes());
    let importer = here.start_on(catalog.clone()).await;
    imported(&here).await;
    importer.stop().await;
    let recordings = all(&catalog).await;
    let [recording] = recordings.as_slice() else { panic!("{recordings:?}") };
    assert_eq!(recording.record_id, REAL_ID);
    assert_eq!(recording.meeting_id, meeting_id);
    assert_eq!(recording.name.as_deref(), Some("Prueba 2"));
    assert_eq!(recording.state.as_deref(), Some("published"));
    assert_eq!((recording.participants, recording.published), (Some(4), true));
    let format = &recording.formats[0];
    let path = format!("/playback/presentation/2.0/playback.html?meetingId={REAL_ID}");
    assert_eq!((format.url.as_deref(), format.length), (Some(path.as_str()), Some(2)));
    assert_eq!(format.thumbnails.len(), 3);
    assert!(here.path(&format!("published/presentation/{REAL_ID}/metadata.xml")).exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_stays_its_tenants() {
    let here = Place::new();
    let catalog = here.configured_catalog().await;
    let importer = here.start_on(catalog.clone()).await;
    let of = |tenant: &str, name: &str| {
        let whose = format!("<meta><tenant-id>{tenant}</tenant-id>");
        let xml = metadata("a", "video", name);
        let xml = if tenant.is_empty() { xml } else { xml.replace("<meta>", &whose) };
        Tar::default().file("video/a/metadata.xml", &xml).file("video/a/file", name).bytes()
    };
    // Nobody's becomes somebody's, then it is updated, also by a tar that does not tell whose it is.
    for (tenant, name) in [("", "nobody's"), ("acme", "first"), ("acme", "second"), ("", "third")] {
        here.drop_tar("a.tar", &of(tenant, name));
        imported(&here).await;
        assert_eq!(here.read("published/video/a/file").as_deref(), Some(name));
    }
    here.drop_tar("a.tar", &of("umbrella", "stolen"));
    imported(&here).await;
    let reason = here.read("spool/failed/a.tar.reason").unwrap();
    assert!(reason.contains("video/a: there is a recording of this ID that is another tenant's"), "{reason}");
    let [recording] = all(&catalog).await.try_into().expect("one recording");
    assert_eq!(recording.name.as_deref(), Some("third"));
    assert!(recording.metadata.contains(&("tenant-id".to_owned(), "acme".to_owned())), "{recording:?}");
    assert_eq!(here.read("published/video/a/file").as_deref(), Some("third"));

    // Once it is deleted, nothing of it is left to be guarded.
    catalog.delete(&[recording.id]).await.unwrap();
    here.drop_tar("a.tar", &of("umbrella", "its own"));
    imported(&here).await;
    importer.stop().await;
    assert_eq!(all(&catalog).await[0].name.as_deref(), Some("its own"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operators_word_holds_and_a_deleted_recording_comes_back() {
    let here = Place::new();
    let catalog = here.configured_catalog().await;
    let importer = here.start_on(catalog.clone()).await;
    here.drop_tar("a.tar", &Tar::of("a", &["video"]).bytes());
    imported(&here).await;
    let work = catalog.unpublish("a").await.unwrap().unwrap();
    for work in &work {
        here.store().do_work(work).await.unwrap();
    }
    catalog.tree_work_done(&work.iter().map(|work| work.id).collect::<Vec<_>>()).await.unwrap();
    here.drop_tar("a.tar", &Tar::named("a", &["video", "notes"], "again").bytes());
    imported(&here).await;
    let recordings = all(&catalog).await;
    assert_eq!((recordings[0].published, recordings[0].name.as_deref()), (false, Some("again")));
    assert_eq!(here.files("unpublished").len(), 4);
    assert!(here.files("published").is_empty());

    let work = catalog.delete(&[recordings[0].id]).await.unwrap();
    assert_eq!(work.len(), 2);
    here.drop_tar("a.tar", &Tar::named("a", &["video"], "back").bytes());
    imported(&here).await;
    importer.stop().await;
    let recordings = all(&catalog).await;
    assert_eq!(recordings[0].name.as_deref(), Some("back"));
    assert_ne!(recordings[0].state.as_deref(), Some("deleted"));
    assert_eq!(recordings[0].formats.len(), 1);
    // What the deletion had noted for this tree is not done any more.
    assert!(
        here.path("unpublished/video/a/metadata.xml").exists()
            || here.path("published/video/a/metadata.xml").exists()
    );
}
