//! What real processes tell Prometheus, and what tenants are said to have used.

use std::process::Command;
use std::time::Duration;

use bbb_sim::NewMeeting;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::process::Service;
use scalelite_system_tests::prometheus::Scrape;
use scalelite_system_tests::site::Site;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::eventually;

in_both_modes!(front_end_and_poller_tell_theirs, what_was_used_is_told);

const ANY: (&str, &str) = ("METRICS_BIND", "127.0.0.1:0");
const LIMIT: Duration = Duration::from_secs(20);

async fn front_end_and_poller_tell_theirs(mode: Mode) {
    let site = Site::start(mode, 2).await;
    let mut api = site.api_with(&[ANY]).await;
    for _ in 0..2 {
        assert_eq!(
            api.call("create", &[("meetingID", "secret-meeting")]).await.text("returncode"),
            "SUCCESS"
        );
    }
    api.call("join", &[("meetingID", "secret-meeting"), ("fullName", "secret-name")]).await;
    api.call("join", &[("meetingID", "no-such"), ("fullName", "A")]).await;
    api.call("secret-call", &[]).await;
    api.with_secret("wrong").call("end", &[("meetingID", "secret-meeting")]).await;
    let scrape = Scrape::of(&mut api.service).await;
    scrape.lint();
    for (sample, value) in [
        (r#"scalelite_requests_total{call="create",result="success"}"#, 2.0),
        (r#"scalelite_requests_total{call="join",result="success"}"#, 1.0),
        (r#"scalelite_requests_total{call="join",result="notFound"}"#, 1.0),
        (r#"scalelite_requests_total{call="unknown",result="unsupportedRequest"}"#, 1.0),
        (r#"scalelite_requests_total{call="end",result="checksumError"}"#, 1.0),
        (r#"scalelite_request_seconds_count{call="join"}"#, 2.0),
        (r#"scalelite_request_seconds_bucket{call="join",le="+Inf"}"#, 2.0),
        (r#"scalelite_placements_total{result="created"}"#, 1.0),
        (r#"scalelite_placements_total{result="existing"}"#, 1.0),
    ] {
        assert_eq!(scrape.value(sample), value, "{sample}\n{}", scrape.text);
    }
    let called = |n| {
        scrape.value(&format!(r#"scalelite_outgoing_calls_total{{server="server-{n}",result="success"}}"#))
    };
    assert_eq!(called(0) + called(1), 2.0, "{}", scrape.text);
    assert!(scrape.value("process_resident_memory_bytes") > 1e6, "{}", scrape.text);
    if mode == Mode::Redis {
        assert!(scrape.value("scalelite_redis_connections") >= 1.0, "{}", scrape.text);
        assert!(scrape.value("scalelite_redis_operation_seconds_count") >= 4.0, "{}", scrape.text);
    }
    assert!(!scrape.text.contains("secret"), "{}", scrape.text);

    let mut poller = site.poller_with(&[ANY]).await;
    let polled = |n| format!(r#"scalelite_polls_total{{server="server-{n}",result="answered"}}"#);
    let scrape = eventually("all servers are polled and told", LIMIT, async || {
        let scrape = Scrape::of(&mut poller.service).await;
        let told =
            scrape.value("scalelite_meetings") == 1.0 && scrape.text.contains("scalelite_server_online{");
        (told && scrape.value(&polled(0)) >= 1.0 && scrape.value(&polled(1)) >= 1.0).then_some(scrape)
    })
    .await;
    scrape.lint();
    for n in 0..2 {
        assert_eq!(
            scrape.value(&format!(r#"scalelite_server_online{{server="server-{n}"}}"#)),
            1.0,
            "{}",
            scrape.text
        );
        let state = |state| {
            scrape.value(&format!(r#"scalelite_server_state{{server="server-{n}",state="{state}"}}"#))
        };
        assert_eq!(["enabled", "cordoned", "disabled"].map(state), [1.0, 0.0, 0.0], "{}", scrape.text);
    }
    assert!(scrape.value(r#"scalelite_poll_passes_total{result="done"}"#) >= 1.0, "{}", scrape.text);
    assert!(!scrape.text.contains("secret"), "{}", scrape.text);
    assert!(poller.stop().await.success(), "it ends as cleanly as without");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_in_use_keeps_nobody_from_working() {
    let site = Site::start(Mode::Embedded, 1).await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut api = site.api_with(&[("METRICS_BIND", &format!("api={address}"))]).await;
    api.service.logged("no metrics are told").await;
    assert_eq!(api.call("create", &[("meetingID", "m")]).await.text("returncode"), "SUCCESS");
    drop(taken);
    let scrape = Scrape::of(&mut api.service).await;
    assert_eq!(scrape.value(r#"scalelite_requests_total{call="create",result="success"}"#), 1.0);
    let nothing = reqwest::get(format!("http://{address}/")).await.unwrap();
    assert_eq!(nothing.status(), 404);
    let refused = reqwest::Client::new().post(format!("http://{address}/metrics")).send().await.unwrap();
    assert_eq!(refused.status(), 405);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_tell_nothing_unless_they_are_to() {
    let site = Site::start(Mode::Embedded, 1).await;
    let api = site.api_with(&[("METRICS_BIND", "poller=127.0.0.1:0")]).await;
    assert!(!api.service.log().contains("metrics"), "{}", api.service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_importer_tells_of_its_queue() {
    let site = Site::start(Mode::Embedded, 0).await;
    let at = |name: &str| site.dir().join(name).to_str().unwrap().to_owned();
    let (spool, work, published, unpublished) = (at("spool"), at("work"), at("published"), at("unpublished"));
    let env = site.env(&[
        ("DB_DISABLED", ""),
        ("RECORDING_SPOOL_DIR", &spool),
        ("RECORDING_WORK_DIR", &work),
        ("RECORDING_PUBLISH_DIR", &published),
        ("RECORDING_UNPUBLISH_DIR", &unpublished),
        ("RECORDING_IMPORT_SETTLE", "0.1"),
        ("RECORDING_IMPORT_LEASE", "1"),
        ANY,
    ]);
    std::fs::create_dir(&spool).unwrap();
    std::fs::write(format!("{spool}/broken.tar"), "no tar").unwrap();
    // The database makes itself at the front end's start.
    let _api = site.api_with(&[("DB_DISABLED", "")]).await;
    let mut importer = Service::start("scalelite-recording-importer", &[], site.dir(), &env);
    let scrape = eventually("the broken one is told", LIMIT, async || {
        let scrape = Scrape::of(&mut importer).await;
        (scrape.value("scalelite_import_quarantine_tars") == 1.0).then_some(scrape)
    })
    .await;
    scrape.lint();
    assert_eq!(scrape.value(r#"scalelite_imports_total{outcome="failed"}"#), 1.0, "{}", scrape.text);
    assert!(scrape.text.contains("\nscalelite_import_queue_tars 0\n"), "{}", scrape.text);
    assert!(scrape.text.contains("\nscalelite_callbacks_pending 0\n"), "{}", scrape.text);
    assert!(scrape.value(r#"scalelite_database_connections_max{database="recordings_sqlite"}"#) > 0.0);
}

async fn what_was_used_is_told(mode: Mode) {
    let site = Site::start(mode, 1).await;
    let with_database = [("DB_DISABLED", "")];
    let api = site.api_with(&with_database).await;
    for meeting in ["m", "m", "n"] {
        assert_eq!(api.call("create", &[("meetingID", meeting)]).await.text("returncode"), "SUCCESS");
    }
    site.sim(0).add_users("m", 200, 100, 0).unwrap();
    site.sim(0).add_meeting(NewMeeting::new("room").breakout_of("m", 1)).unwrap();
    site.sim(0).add_users("room", 1000, 0, 0).unwrap();
    // Two pollers count no more than one.
    let pollers = [site.poller_with(&with_database).await, site.poller_with(&with_database).await];
    let began = std::time::Instant::now();
    let usage = async || {
        let told = site.task_with(&["usage", "--json"], &with_database, "").clean();
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        let sum =
            |key: &str| told.as_array().unwrap().iter().map(|used| used[key].as_u64().unwrap()).sum::<u64>();
        (sum("meetings"), sum("participant_minutes"))
    };
    let minutes = eventually("users are counted", LIMIT, async || {
        let (meetings, minutes) = usage().await;
        (meetings == 2 && minutes >= 15).then_some(minutes)
    })
    .await;
    // Since the record of the first poll, which the site itself has made, too.
    let most = 300 * (began.elapsed().as_secs() + 6) / 60;
    assert!(minutes <= most, "{minutes} minutes, {most} at most");
    for poller in pollers {
        assert!(poller.stop().await.success());
    }
    let csv = site.task_with(&["usage", "--csv", "--tenant", "nobody"], &with_database, "").clean();
    assert_eq!(csv.lines().count(), 1, "{csv}");
    assert!(site.task_with(&["usage"], &[], "").failed().contains("DB_DISABLED"));
}

#[test]
fn the_alert_rules_are_right() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/alerts");
    for words in [["check", "rules", "scalelite.rules.yml"], ["test", "rules", "scalelite.tests.yml"]] {
        let ran = Command::new("promtool").args(words).current_dir(dir).output();
        let ran = ran.expect("there is `promtool` (apt install prometheus)");
        assert!(ran.status.success(), "{ran:?}");
    }
}
