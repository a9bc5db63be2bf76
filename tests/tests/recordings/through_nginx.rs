//! From a tar in the spool to a page in a browser: the real importer, front end and nginx.

use std::fs;
use std::time::Duration;

use reqwest::Method;
use scalelite_system_tests::client::{self, Client};
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::eventually;
use scalelite_system_tests::wire;
use scalelite_testbed::nginx::{Nginx, Site};
use scalelite_testbed::postgres::PostgresServer;

use super::tars::{drop_tar, write};
use crate::playback::given::{Library, get, get_with};

const SOON: Duration = Duration::from_secs(30);
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_plays() {
    let database = PostgresServer::start();
    let changes = [
        ("DATABASE_URL", database.url()),
        ("PROTECTED_RECORDINGS_ENABLED", "true".to_owned()),
        ("RECORDING_IMPORT_SETTLE", "0.1".to_owned()),
    ];
    let changes = changes.each_ref().map(|(name, value)| (*name, value.as_str()));
    let library = Library::start(Mode::Redis, &changes).await;
    let api = library.api().await;
    let playback = library.site.dir().join("playback");
    write(&playback.join("presentation/2.3/index.html"), "the player");
    let nginx = Nginx::start(Site {
        api: api.base().strip_prefix("http://").unwrap(),
        published: &library.published(),
        playback: &playback,
        variables: &[],
    });
    let web = Client::new(&nginx.base());
    let _importer = library.importer().await;
    let id = "rec-0123456789abcdef-1504122319984";
    drop_tar(&library, id);

    // It is imported, protected, and its link opens it.
    let told = eventually("the recording is listed", SOON, async || {
        let told = web.call("getRecordings", &[("recordID", id)]).await;
        told.field("recordID").map(|_| told)
    })
    .await;
    eventually("the tar is gone", SOON, async || {
        fs::read_dir(library.site.dir().join("spool")).unwrap().next().is_none().then_some(())
    })
    .await;
    told.assert_text("protected", "true");
    let links = told.fields("url");
    let video = links.iter().find(|url| url.contains("/video?token=")).unwrap();
    let link = video.strip_prefix(&nginx.base()).expect("the link leads through nginx");
    let file = format!("/video/{id}/a%20b/%C3%B1%25.vtt");
    for path in [format!("/video/{id}/"), file.clone()] {
        assert_not_found(&web, &path).await;
    }
    let opened = get(&web, link).await;
    assert_eq!(opened.status, 307, "{opened:?}");
    let cookie = opened.header("set-cookie").unwrap().split_once(';').unwrap().0.to_owned();
    let sent = get_with(&web, &file, &[("cookie", &cookie)]).await;
    assert_eq!((sent.status, sent.body.as_str()), (200, "WEBVTT"));
    assert_eq!(sent.header("content-type"), Some("text/vtt"));
    let page = get_with(&web, &format!("/video/{id}/"), &[("cookie", &cookie)]).await;
    assert_eq!((page.status, page.body.as_str()), (200, "page of video"));
    assert_not_found(&web, &format!("/presentation/{id}/")).await;

    // Without protection anybody may, …
    web.call("updateRecordings", &[("recordID", id), ("protect", "false")]).await.assert_success();
    let part = get_with(&web, &file, &[("range", "bytes=3-")]).await;
    assert_eq!((part.status, part.body.as_str()), (206, "VTT"));
    let etag = part.header("etag").unwrap().to_owned();
    assert_eq!(get_with(&web, &file, &[("if-none-match", &etag)]).await.status, 304);
    let told = web.call("getRecordings", &[("recordID", id)]).await;
    assert!(told.fields("url").iter().all(|url| url.starts_with(&nginx.base())), "{told:?}");

    // … but only what is a recording's, and not by another way.
    for path in [
        format!("/static-resource/video/{id}/index.html"),
        format!("/static-resource/video/{id}/"),
        format!("/video/{id}/../../../unpublish/x"),
        format!("/video/{id}/%2e%2e/%2e%2e/etc/passwd"),
        format!("/video/{id}/..%2f..%2fetc/passwd"),
        format!("/video/{id}/none"),
        format!("/video/{id}/a%20b"),
        "/video/../../etc/passwd".to_owned(),
        "/playback/..%2f..%2fetc/passwd".to_owned(),
        "/playback../published/x".to_owned(),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: lb\r\nConnection: close\r\n\r\n");
        let answer = wire::exchange(&nginx.base(), request.as_bytes()).await;
        let refused =
            ["HTTP/1.1 404", "HTTP/1.1 400", "HTTP/1.1 403"].iter().any(|status| answer.starts_with(status));
        // A path that the API does not know is told in XML.
        assert!(refused || answer.contains("unsupportedRequest"), "{path}: {answer}");
        assert!(!answer.contains("root:") && !answer.contains("page of"), "{path}: {answer}");
    }

    // Nor when it is unpublished.
    web.call("publishRecordings", &[("recordID", id), ("publish", "false")]).await.assert_success();
    for path in [format!("/video/{id}/"), file.clone(), format!("/recording/{id}/video")] {
        assert_not_found(&web, &path).await;
    }
    web.call("publishRecordings", &[("recordID", id), ("publish", "true")]).await.assert_success();
    assert_eq!(get(&web, &file).await.status, 200);
    web.call("deleteRecordings", &[("recordID", id)]).await.assert_success();
    assert_not_found(&web, &file).await;

    let player = get(&web, &format!("/playback/presentation/2.3/{id}")).await;
    assert_eq!((player.status, player.body.as_str()), (200, "the player"));
    let old = get(&web, "/playback/presentation/2.0/playback.html?meetingId=a").await;
    assert!(old.header("location").unwrap().ends_with("/playback/presentation/2.3/a?meetingId=a"), "{old:?}");
    assert_eq!(get(&web, "/health_check").await.body, "success");
    assert!(!nginx.log().contains("[error]") || nginx.log().contains("No such file"), "{}", nginx.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_proxy_links_are_what_it_was_asked_for() {
    let library = Library::start(Mode::Embedded, &[]).await;
    library.add(crate::playback::given::Given::default()).await;
    let api = library.api().await;
    let behind_proxy = |value| {
        Nginx::start(Site {
            api: api.base().strip_prefix("http://").unwrap(),
            published: &library.published(),
            playback: &library.published(),
            variables: &[("NGINX_BEHIND_PROXY", value)],
        })
    };
    for (value, expected) in
        [("true", "https://bbb.example.com/video/r-1/"), ("false", "http://lb/video/r-1/")]
    {
        let nginx = behind_proxy(value);
        let web = Client::new(&nginx.base()).with_host("lb");
        let request = web.request(Method::GET, &web.path("getRecordings", ""));
        let request =
            request.header("X-Forwarded-Proto", "https").header("X-Forwarded-Host", "bbb.example.com");
        client::answer(request).await.assert_text("url", expected);
    }
}

async fn assert_not_found(web: &Client, path: &str) {
    let answer = get(web, path).await;
    assert_eq!(answer.status, 404, "{path}: {answer:?}");
    assert!(answer.body.contains("recording_not_found"), "{path}: {answer:?}");
}
