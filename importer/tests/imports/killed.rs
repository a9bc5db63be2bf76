//! Real processes that are killed again and again.

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rand::RngExt;
use scalelite_core::recordings::model::{Filter, States};

use crate::place::{Place, eventually};
use crate::tars::{Tar, gzip};

const KILLS: usize = 50;
const TARS: usize = 20;

struct Process(Child);

impl Process {
    fn start(here: &Place) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scalelite-recording-importer"));
        command.env_clear().envs(here.environment()).env("SECRET_KEY_BASE", "x");
        Self(command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_instant_nothing_is_lost_or_done_twice() {
    let here = Place::new().with("RECORDING_IMPORT_CONCURRENCY", "2");
    let catalog = here.configured_catalog().await;
    let mut random = rand::rng();
    let mut importers: Vec<Process> = (0..3).map(|_| Process::start(&here)).collect();
    let content = "some content of a file ".repeat(4000);
    let mut dropped = 0;
    for kill in 0..KILLS {
        while dropped * KILLS < (kill + 1) * TARS {
            let record_id = format!("r{dropped}");
            let tar = (0..20).fold(Tar::of(&record_id, &["presentation", "video"]), |tar, n| {
                tar.file(format!("video/{record_id}/file{n}"), &content)
            });
            // Every fifth one is broken in part.
            let tar =
                if dropped % 5 == 4 { tar.file(format!("notes/{record_id}/metadata.xml"), "<") } else { tar };
            here.drop_tar(&format!("{record_id}.tar.gz"), &gzip(&tar.bytes()));
            dropped += 1;
        }
        tokio::time::sleep(Duration::from_millis(random.random_range(20..250))).await;
        let one = random.random_range(0..importers.len());
        importers[one] = Process::start(&here);
        // Nothing half-done is ever to be seen.
        for file in here.files("published") {
            if let Some(tree) = file.strip_suffix("/deep/er/file") {
                assert!(here.path(&format!("published/{tree}/metadata.xml")).exists(), "{tree}");
            }
        }
    }
    eventually("all is imported", || here.is_clean()).await;
    drop(importers);
    let filter = Filter { states: States::Any, ..Filter::default() };
    let recordings = catalog.page(&filter, 0, 100).await.unwrap().recordings;
    let ids: BTreeSet<_> = recordings.iter().map(|recording| recording.record_id.clone()).collect();
    assert_eq!((recordings.len(), ids.len()), (TARS, TARS));
    assert!(recordings.iter().all(|recording| recording.formats.len() == 2));
    assert_eq!(here.files("published").len(), TARS * 24);
    let failed = here.files("spool/failed");
    let tars: Vec<_> = failed.iter().filter(|file| !file.ends_with(".reason")).collect();
    assert_eq!(tars.len(), TARS / 5, "{failed:?}");
    for tar in tars {
        let reason = here.read(&format!("spool/failed/{tar}.reason")).unwrap_or_default();
        assert!(reason.contains("in part"), "{tar}: {reason}");
    }
}
