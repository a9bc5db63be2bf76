//! The dashboard in a real browser (`tests/browser`).

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use scalelite_core::recordings::catalog::{Import, Lease, TarMark};
use scalelite_core::recordings::model::{Micros, NewRecording, PlaybackFormat, Shelf};
use scalelite_core::state::NewServer;
use scalelite_core::usage::{Amounts, Usage};
use scalelite_system_tests::client::Client;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::becomes;

use super::{PASSWORD, add_tenant, site};
use crate::clients::{install, scripts, works};
use crate::playback::given::{Given, HOUR, Library};
use crate::recordings::tars::drop_tar;

/// Whatever can be given a name may be called this.
const HOSTILE: &str = "<script>document.title='run'</script>";
const SERVERS: usize = 8;

/// Runs a script in the browser, with what it leaves behind in `dir`; false if there is none here.
pub(super) fn run(script: &str, api: &Client, dir: &Path, variables: &[(&str, &OsStr)]) -> bool {
    let name = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| works(name, &["--version"]));
    let (Some(chromium), true) = (name, works("npm", &["--version"])) else {
        eprintln!("skipped: no chromium, or no node with npm");
        return false;
    };
    let libraries = install("browser", "package-lock.json");
    let output = Command::new("node")
        .arg(scripts().join("browser").join(script))
        .env("LIBRARIES", libraries.join("node_modules"))
        .env("CHROMIUM", format!("/usr/bin/{chromium}"))
        .env("BASE", format!("{}/scalelite/dashboard", api.base()))
        .env("PASSWORD", PASSWORD)
        .envs(variables.iter().copied())
        .env("TMPDIR", dir)
        .env("NO_PROXY", "127.0.0.1")
        .output();
    let output = output.unwrap();
    let told = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&told));
    eprintln!("{}", String::from_utf8_lossy(&told));
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_at_work() {
    let changes = [
        ("MULTITENANCY_ENABLED", "true"),
        ("RECORDING_IMPORT_POLL_INTERVAL", "1"),
        ("RECORDING_IMPORT_SETTLE", "0.2"),
    ];
    let (library, api) = site(Mode::Embedded, SERVERS, &changes).await;
    furnish(&library, &api).await;
    let _poller = library.site.poller().await;
    library.site.all_online().await;
    let _importer = library.importer().await;
    // To look at them, name a directory.
    let shots =
        std::env::var_os("DASHBOARD_SHOTS").map_or_else(|| library.site.dir().join("shots"), PathBuf::from);
    std::fs::create_dir_all(&shots).unwrap();
    let dir = library.site.dir().to_owned();
    let asked = browser_thread(move || {
        run("operator.mjs", &api, &dir, &[("HOSTILE", OsStr::new(HOSTILE)), ("SHOTS", shots.as_os_str())])
    });
    asked.await;
}

/// The simulated servers go on meanwhile.
pub(super) async fn browser_thread(run: impl FnOnce() -> bool + Send + 'static) -> bool {
    tokio::task::spawn_blocking(run).await.unwrap()
}

/// Servers with meetings, recordings, an import that failed, and hostile names of everything.
async fn furnish(library: &Library, api: &Client) {
    let site = &library.site;
    add_tenant(site, "acme").await;
    add_tenant(site, HOSTILE).await;
    let acme = api.with_host("acme.example.org").with_secret("acme");
    for n in 0..20 {
        let id = format!("lecture-{n:02}");
        acme.call("create", &[("meetingID", id.as_str()), ("name", "Lecture")]).await.assert_success();
    }
    acme.call("create", &[("meetingID", HOSTILE)]).await.assert_success();
    for n in 0..SERVERS {
        for meeting in 0..=n {
            let id = format!("other-{n}-{meeting}");
            site.sim(n).add_meeting(id.as_str()).unwrap();
            let users = u32::try_from(3 * n + meeting).unwrap();
            site.sim(n).add_users(&id, users, 1, users / 4).unwrap();
        }
    }
    site.set_tag(2, "hd").await;
    let server = NewServer {
        id: HOSTILE.into(),
        url: site.sim(0).url().to_owned(),
        secret: site.sim(0).secret().to_owned().into(),
        tag: Some(HOSTILE.to_owned()),
        load_multiplier: 1.0,
    };
    assert!(site.state().add_server(&server).await.unwrap());

    for n in 0..60 {
        library
            .add(Given {
                id: &format!("rec-{n:02}"),
                format: "video",
                published: n % 3 != 0,
                ..Given::default()
            })
            .await;
    }
    hostile_recording(library).await;
    let amounts = Amounts { meetings: 41, participants: Duration::from_secs(90_000), ..Amounts::default() };
    let used = Usage { month: "2026-01".parse().unwrap(), tenant_id: "id-of-acme".to_owned(), amounts };
    library.catalog.add_usage(&[used]).await.unwrap();
    // A tar that failed for a reason that is gone now, and one that never will be imported.
    drop_tar(library, "rec-again");
    let spool = site.dir().join("spool");
    let failed = spool.join("failed");
    std::fs::create_dir_all(&failed).unwrap();
    std::fs::rename(spool.join("rec-again.tar"), failed.join("rec-again.tar")).unwrap();
    std::fs::write(
        failed.join("rec-again.tar.reason"),
        "rec-again.tar was not imported: the disk was full.\n",
    )
    .unwrap();
    std::fs::write(failed.join("<script>.tar"), "no tar").unwrap();
    std::fs::write(failed.join("<script>.tar.reason"), HOSTILE).unwrap();
    becomes("the meetings are known", Duration::from_secs(10), 21, async || {
        site.state().meetings().await.unwrap().len()
    })
    .await;
}

async fn hostile_recording(library: &Library) {
    let recording = NewRecording {
        record_id: "rec-hostile".to_owned(),
        meeting_id: HOSTILE.to_owned(),
        name: Some(HOSTILE.to_owned()),
        published: true,
        state: Some("published".to_owned()),
        participants: Some(7),
        start: Some(Micros::from_millis(1_700_000_100_000)),
        end: Some(Micros::from_millis(1_700_003_700_000)),
        metadata: vec![("course".to_owned(), "physics".to_owned())],
        format: PlaybackFormat {
            format: "notes".to_owned(),
            url: Some("javascript:alert(1)".to_owned()),
            length: Some(60),
            processing_time: None,
            thumbnails: Vec::new(),
        },
    };
    let lease = library.catalog.acquire(&Lease::of_recording("rec-hostile"), HOUR).await.unwrap().unwrap();
    let tar = TarMark { file_name: "rec-hostile.tar".to_owned(), fingerprint: "1".to_owned() };
    let import = Import { formats: &[recording], shelf: Shelf::Published, protected: false, bytes: 0 };
    library.catalog.record_import(&[import], &tar, std::slice::from_ref(&lease)).await.unwrap();
    library.catalog.release(&lease).await.unwrap();
}
