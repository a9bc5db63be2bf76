//! A whole site moves over to ours, works for a while, and moves back; then ours once more.

use std::path::Path;
use std::time::Duration;

use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::{becomes, eventually};
use scalelite_testbed::postgres::PostgresServer;

use super::database;
use super::original::Original;
use crate::original_records::{IDS, fill};
use crate::playback::given::{Library, get};
use crate::recordings::tars::{MEETING, drop_tar, write};

const SOON: Duration = Duration::from_secs(40);
const IMPORTED: &str = "rec-0123456789abcdef-1504122319984";
const ACME: &str = "f0a1a2c4-2b5e-4c0b-9a64-6f1d2b7f3a90";

/// The tree of a recording with the page `index.html`.
fn plant(shelf: &Path, format: &str, id: &str) {
    write(&shelf.join(format).join(id).join("index.html"), id);
}

/// Stores as the original leaves them: three servers with a meeting each, a tenant, recordings.
async fn site_of_the_original(database: &PostgresServer) -> Library {
    database.psql(database::SCHEMA);
    database.psql(
        "INSERT INTO playback_formats (recording_id, format, url) VALUES (2, 'video', '/video/rec-new/');
         UPDATE playback_formats SET url = '/presentation/rec-old/' WHERE recording_id = 1",
    );
    let url = database.url();
    let changes = [
        ("DATABASE_URL", url.as_str()),
        ("RECORDING_IMPORT_SETTLE", "0.1"),
        ("SERVE_RECORDINGS", "true"),
        // A front end's URL here leads nowhere; what is told is another test's.
        ("CALLBACK_ALLOW_PRIVATE", "false"),
    ];
    let mut library = Library::unmigrated(Mode::Redis, 0, &changes).await;
    fill(&mut library.site).await;
    plant(&library.published(), "presentation", "rec-old");
    plant(&library.unpublished(), "video", "rec-new");
    Original(library.site.redis())
        .add_tenant(ACME, "acme", "one:two", ["s-1", "record", "true", "true"])
        .await;
    library
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_moves_over_and_back() {
    let database = PostgresServer::start();
    let library = site_of_the_original(&database).await;
    let site = &library.site;
    let original = Original(site.redis());
    original.assert_keys().await;
    let columns = database::columns(&database);

    ours_works(&library).await;

    // The original again, on what we have left.
    original.assert_keys().await;
    let servers = original.servers().await;
    assert_eq!(servers.len(), 3);
    assert_eq!([IDS[0], IDS[1], IDS[2]].map(|id| servers[id].state), ["enabled", "cordoned", "disabled"]);
    assert!(servers.values().all(|server| server.fields["online"] == "true"));
    assert_eq!(servers[IDS[0]].fields["users"], "5");
    assert_eq!((servers[IDS[2]].fields["tag"].as_str(), servers[IDS[2]].load), ("lecture", None));
    assert_eq!(original.find_available().await, IDS[0]);
    let meetings = original.meetings().await;
    assert_eq!(meetings.keys().collect::<Vec<_>>(), [MEETING, "Demo Meeting", "of acme", "room-0", "room-2"]);
    assert_eq!(meetings["Demo Meeting"]["voice_bridge"], "953452953");
    assert_eq!(meetings["of acme"]["tenant_id"], ACME);
    let (id, acme) = original.tenant("acme").await.unwrap();
    assert_eq!((id.as_str(), acme["secrets"].as_str()), (ACME, "two:three"));
    let settings = original.settings(ACME).await;
    assert_eq!(settings["record"], ("true".to_owned(), true));
    assert_eq!(settings["logo"], ("https://acme.example.org/logo.png".to_owned(), false));
    assert!(original.tenant("new-one").await.is_some());

    database::assert_starts(&database);
    assert_eq!(database::columns(&database), columns, "its tables are as they were");
    assert_eq!(database::recordings(&database), format!("rec-new true\nrec-old false\n{IMPORTED} true"));
    assert_eq!(database::metadata(&database, "rec-old"), "empty|\nisBreakout|false\ntopic|algebra");
    assert!(database::formats(&database, IMPORTED).starts_with("presentation|"));
    assert!(library.published().join("video/rec-new/index.html").is_file());
    assert!(library.unpublished().join("presentation/rec-old/index.html").is_file());
    assert!(library.published().join("presentation").join(IMPORTED).join("index.html").is_file());
    assert_eq!(
        database::callback(&database, "Demo Meeting"),
        "---\n:analytics_callback_url: https://moodle.example.org/analytics"
    );

    // It works: by its statements and commands, and on its directories.
    database.psql(database::IMPORT);
    plant(&library.published(), "presentation", "theirs");
    database::publish(&database, "rec-old", true);
    let [from, to] =
        [library.unpublished(), library.published()].map(|shelf| shelf.join("presentation/rec-old"));
    std::fs::rename(from, to).unwrap();
    database::delete(&database, "rec-new");
    std::fs::remove_dir_all(library.published().join("video/rec-new")).unwrap();
    original.end("Demo Meeting").await;
    site.sim(0).end_meeting("Demo Meeting");
    assert_eq!(original.create("theirs", "123456789", "").await, IDS[0]);
    site.sim(0).add_meeting("theirs").unwrap();
    original.poll(IDS[0], 2, 5).await;

    // And ours once more.
    let api = library.api().await;
    assert_eq!(get(&api, "/health_check").await.body, "success");
    let listed = api.get("getRecordings", "").await.assert_success().fields("recordID");
    assert_eq!(listed, ["theirs", "rec-old", IMPORTED]);
    assert_eq!(get(&api, "/presentation/rec-old/").await.body, "rec-old");
    let joined = api.call("join", &[("meetingID", "theirs"), ("fullName", "A"), ("role", "VIEWER")]).await;
    assert!(joined.location().starts_with(site.sim(0).url()), "{joined:?}");
    assert_eq!(api.call("join", &[("meetingID", "Demo Meeting")]).await.text("messageKey"), "notFound");
    api.call("publishRecordings", &[("recordID", "theirs"), ("publish", "false")]).await.assert_success();
    assert!(library.unpublished().join("presentation/theirs/index.html").is_file());
}

/// Our services, for a while: polls, meetings, an import, changes of recordings, tenants and servers.
async fn ours_works(library: &Library) {
    let site = &library.site;
    let migrated = library.task(&["db:migrate"]);
    assert_eq!(migrated.code, Some(0), "{migrated:?}");
    let mut api = library.api().await;
    let tenants = [("MULTITENANCY_ENABLED", "true"), ("URL_HOST", "lb.example.org")];
    let of_tenants = library.api_with(&tenants).await;
    let acme = of_tenants.with_host("acme.lb.example.org").with_secret("one");
    let mut importer = library.importer().await;
    assert_eq!(get(&api, "/health_check").await.body, "success");

    // What was there goes on.
    assert_eq!(api.get("getRecordings", "").await.fields("recordID"), ["rec-new", "rec-old"]);
    assert_eq!(get(&api, "/presentation/rec-old/").await.body, "rec-old");
    assert_eq!(get(&api, "/video/rec-new/").await.status, 404, "it is not published");
    site.sim(0).add_users("room-0", 5, 0, 1).unwrap();
    // Somebody is left on the server that is cordoned, so it does not become disabled.
    site.sim(1).add_meeting("elsewhere").unwrap();
    site.sim(1).add_users("elsewhere", 1, 0, 0).unwrap();
    let poller = site.poller_with(&borrowed(&library.env())).await;
    let users = async || site.state().server(&IDS[0].into()).await.unwrap().unwrap().usage.users;
    becomes("the users are counted", SOON, 5, users).await;

    // Meetings.
    let analytics = ("meta_analytics-callback-url", "https://moodle.example.org/analytics");
    api.call("end", &[("meetingID", "room-1"), ("password", "mp")]).await.assert_success();
    let cordoned = library.task(&["servers:cordon", IDS[1]]);
    assert_eq!(cordoned.code, Some(0), "{cordoned:?}");
    let created = api.call("create", &[("meetingID", "Demo Meeting"), analytics]).await;
    assert_eq!(created.assert_success().text("voiceBridge"), "953452953", "as the original would choose");
    api.call("create", &[("meetingID", MEETING)]).await.assert_success();
    let joined =
        api.call("join", &[("meetingID", "Demo Meeting"), ("fullName", "A"), ("role", "VIEWER")]).await;
    assert!(joined.location().starts_with(site.sim(0).url()), "{joined:?}");
    acme.call("create", &[("meetingID", "of acme")]).await.assert_success();
    assert_eq!(site.sim(0).requests_for("create").pop().unwrap().param("record").as_deref(), Some("true"));

    // Recordings.
    drop_tar(library, IMPORTED);
    eventually("the tar is imported", SOON, async || {
        let left = std::fs::read_dir(site.dir().join("spool")).unwrap().next().is_some();
        (!left).then_some(())
    })
    .await;
    for (id, publish) in [("rec-old", "false"), ("rec-new", "true")] {
        let changed = api.call("publishRecordings", &[("recordID", id), ("publish", publish)]).await;
        assert_eq!(changed.assert_success().text("published"), publish);
    }
    api.call("updateRecordings", &[("recordID", "rec-old"), ("meta_topic", "algebra")])
        .await
        .assert_success();
    drop_tar(library, "rec-gone-1504122319984");
    eventually("the other one is imported", SOON, async || {
        let found = api.call("getRecordings", &[("recordID", "rec-gone-1504122319984")]).await;
        found.field("recordID")
    })
    .await;
    api.call("deleteRecordings", &[("recordID", "rec-gone-1504122319984")]).await.assert_success();

    // Tenants and servers.
    for words in [
        ["tenants:update", ACME, "acme", "two:three"].as_slice(),
        &["tenantSettings:add", ACME, "logo", "https://acme.example.org/logo.png", "false"],
        &["tenants:add", "new-one", "secret"],
        &["servers:tag", IDS[2], "lecture"],
    ] {
        let env = library.env();
        let mut changes = borrowed(&env);
        changes.push(("MULTITENANCY_ENABLED", "true"));
        let ran = site.task_with(words, &changes, "");
        assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
    }

    assert!(poller.stop().await.success());
    for service in [&mut api.service, &mut importer] {
        service.signal("TERM");
        assert!(service.exit(SOON).await.success());
    }
}

fn borrowed(env: &[(String, String)]) -> Vec<(&str, &str)> {
    env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
