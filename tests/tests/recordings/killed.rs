//! Importers that are killed again and again, while a viewer looks on.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use rand::RngExt;
use scalelite_system_tests::process::Service;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::eventually;
use scalelite_testbed::postgres::PostgresServer;

use super::tars::drop_tar_with;
use crate::playback::given::{Library, get};

const KILLS: usize = 50;
const TARS: usize = 20;
const IMPORTERS: usize = 3;
const SOON: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_there_twice_and_nothing_half_done_is_seen() {
    let database = PostgresServer::start();
    let url = database.url();
    let changes = [
        ("DATABASE_URL", url.as_str()),
        ("SERVE_RECORDINGS", "true"),
        ("RECORDING_IMPORT_SETTLE", "0.1"),
        ("RECORDING_IMPORT_LEASE", "2"),
        ("RECORDING_IMPORT_POLL_INTERVAL", "1"),
    ];
    let library = Library::start(Mode::Redis, &changes).await;
    let api = library.api().await;
    let content = "some content of a file ".repeat(2000);
    let files: Vec<(String, &str)> = (0..20).map(|n| (format!("files/{n}"), content.as_str())).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, content)| (path.as_str(), *content)).collect();
    for n in 0..TARS {
        drop_tar_with(&library, &format!("rec-{n:02}"), &files);
    }
    let mut random = rand::rng();
    let mut importers: Vec<Service> = (0..IMPORTERS).map(|_| library.start_importer()).collect();
    for kill in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(random.random_range(10..300))).await;
        let one = kill % IMPORTERS;
        importers[one].kill();
        importers[one] = library.start_importer();
        // Whatever is listed plays, to its last file.
        for id in api.call("getRecordings", &[]).await.assert_success().fields("recordID") {
            let last = get(&api, &format!("/video/{id}/files/19")).await;
            assert_eq!((last.status, last.body.len()), (200, content.len()), "{id}");
        }
        // Whatever stands among the published ones is whole.
        for format in ["video", "presentation"] {
            let trees = fs::read_dir(library.published().join(format)).into_iter().flatten().flatten();
            for tree in trees.filter(|tree| !tree.file_name().to_string_lossy().starts_with('.')) {
                let count = fs::read_dir(tree.path().join("files")).map_or(0, Iterator::count);
                assert_eq!(count, files.len(), "{}", tree.path().display());
            }
        }
    }
    let spool = library.site.dir().join("spool");
    let left = |dir: &str| {
        let names = fs::read_dir(library.site.dir().join(dir)).into_iter().flatten().flatten();
        names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    eventually("all tars and all temporary files are gone", SOON, async || {
        (left("spool").is_empty() && left("work").is_empty()).then_some(())
    })
    .await;
    assert!(!spool.join("failed").exists());
    let ids = api.call("getRecordings", &[("state", "any")]).await.assert_success().fields("recordID");
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (TARS, TARS));
    for format in ["video", "presentation"] {
        assert_eq!(left(&format!("publish/{format}")).len(), TARS);
        for id in &ids {
            for (path, content) in &files {
                assert_eq!(get(&api, &format!("/{format}/{id}/{path}")).await.body.len(), content.len());
            }
        }
    }
    assert_eq!(
        left("publish").into_iter().collect::<BTreeSet<_>>(),
        ["presentation", "video"].map(str::to_owned).into()
    );
    let counts = database.psql("SELECT count(*), count(DISTINCT record_id) FROM recordings");
    assert_eq!(counts, format!("{TARS}|{TARS}"));
    assert_eq!(database.psql("SELECT count(*) FROM playback_formats"), (2 * TARS).to_string());
}
