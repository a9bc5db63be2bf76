//! With a real PostgreSQL, and with a real S3 (which is skipped where there is no Python with pip).

use std::collections::BTreeSet;
use std::time::Duration;

use scalelite_testbed::moto::Moto;
use scalelite_testbed::postgres::PostgresServer;
use tokio::task::block_in_place;

use crate::place::{Place, eventually};
use crate::tars::Tar;

const TARS: usize = 40;

fn count(server: &PostgresServer, what: &str) -> usize {
    server.psql(&format!("SELECT count(*) FROM {what}")).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_stopped_in_the_middle_and_started_again() {
    let mut server = PostgresServer::start();
    let here = Place::new().with("DATABASE_URL", &server.url());
    let catalog = here.configured_catalog().await;
    server.psql(
        "INSERT INTO callback_data (meeting_id, callback_attributes, created_at, updated_at)
         SELECT 'meeting of r' || n, E'---\\n:recording_ready_url: https://receiver.invalid/\\n', now(), now()
         FROM generate_series(0, 99) AS n",
    );
    for n in 0..TARS {
        let record_id = format!("r{n}");
        let files = (0..200).fold(Tar::of(&record_id, &["presentation", "video"]), |tar, file| {
            tar.file(format!("video/{record_id}/file{file}"), "content")
        });
        here.drop_tar(&format!("{record_id}.tar"), &files.bytes());
    }
    let importers = [here.start_on(catalog.clone()).await, here.start_on(catalog).await];
    eventually("some are imported", || count(&server, "recordings") >= 3).await;
    block_in_place(|| server.stop());
    tokio::time::sleep(Duration::from_secs(2)).await;
    let left = here.files("spool").len();
    assert!(left > 0 && left < TARS, "{left}");
    block_in_place(|| server.start_again());
    eventually("all are imported", || here.is_clean()).await;
    for importer in importers {
        importer.stop().await;
    }
    assert_eq!(count(&server, "recordings WHERE state = 'published'"), TARS);
    assert_eq!(count(&server, "playback_formats"), 2 * TARS);
    assert_eq!(count(&server, "ext_outbox"), TARS);
    assert_eq!(count(&server, "(SELECT DISTINCT record_id FROM ext_outbox) AS one"), TARS);
    assert_eq!(count(&server, "ext_leases WHERE expires_at > now()"), 0);
    assert_eq!(here.files("published").len(), TARS * 204);
    assert!(!here.path("spool/failed").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trees_go_to_a_bucket() {
    let Some(moto) = Moto::start() else { return };
    let here = moto.env().into_iter().fold(Place::new(), |here, (name, value)| here.with(name, &value));
    here.drop_tar("a.tar", &Tar::of("a", &["presentation", "video"]).bytes());
    // A name that no object can have: this format is broken, here.
    let odd = Tar::of("b", &["video"]).file("notes/b//metadata.xml", "<").file("video/b/x//./y", "");
    here.drop_tar("b.tar", &odd.bytes());
    let importer = here.start().await;
    eventually("both are dealt with", || here.catalog.all().len() == 2 && here.is_clean()).await;
    importer.stop().await;
    let keys: BTreeSet<String> = moto.keys().into_iter().collect();
    for key in ["presentation/a", "video/a", "video/b"] {
        assert!(keys.contains(&format!("published/{key}/metadata.xml")), "{keys:?}");
    }
    assert_eq!(keys.len(), 7, "{keys:?}");
    assert!(here.files("published").is_empty());
    assert!(here.path("spool/failed/b.tar").exists() && !here.path("spool/failed/a.tar").exists());
}
