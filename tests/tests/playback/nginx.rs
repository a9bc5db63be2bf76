//! Links, and files that nginx is told to send.

use reqwest::Method;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wire;

use super::given::{Given, Library, assert_not_found, get, get_raw, send};

#[tokio::test]
async fn a_link_leads_to_the_page() {
    let library = Library::start(Mode::Embedded, &[]).await;
    let page = "/playback/presentation/2.3/r-1?a=b";
    library.add(Given { format: "presentation", url: Some(page), ..Given::default() }).await;
    library.add(Given { id: "hostile", url: Some("//evil.example.com/x"), ..Given::default() }).await;
    library.add(Given { id: "none", url: None, ..Given::default() }).await;
    let api = library.api().await;
    for (path, page) in [
        ("/recording/r-1/presentation", page),
        ("/recording/r-1/presentation/", page),
        ("//recording//r-1/presentation?token=useless", page),
        ("/recording/hostile/video", "/evil.example.com/x"),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let redirect = send(&api, method, path, &[]).await;
            assert_eq!((redirect.status, redirect.header("location")), (307, Some(page)), "{path}");
            assert_eq!(redirect.header("set-cookie"), None);
        }
    }
    assert_not_found(&get(&api, "/recording/none/video").await);
}

#[tokio::test]
async fn nginx_is_told_the_file() {
    let library = Library::start(Mode::Embedded, &[]).await;
    for format in ["presentation", "video", "screenshare", "podcast", "notes", "capture", "statistics"] {
        library.add(Given { format, ..Given::default() }).await;
    }
    let api = library.api().await;
    for (path, told) in [
        ("/video/r-1/", "/video/r-1/"),
        ("/video/r-1/webcams.webm", "/video/r-1/webcams.webm"),
        ("/video/r-1/a/b/c.js?v=1", "/video/r-1/a/b/c.js"),
        ("/video/r-1/%C3%B1%20%25.svg", "/video/r-1/%C3%B1%20%25.svg"),
        ("/vid%65o/r%2d1/x", "/video/r-1/x"),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let answer = send(&api, method, path, &[]).await;
            let (told, accel) = (format!("/static-resource{told}"), answer.header("x-accel-redirect"));
            assert_eq!((answer.status, accel), (200, Some(told.as_str())), "{path}");
            // nginx knows what it is.
            assert_eq!((answer.header("content-type"), answer.body.as_str()), (None, ""), "{path}");
            assert_eq!(answer.header("cache-control"), Some("no-cache"));
        }
    }
    for (format, disposition) in [
        ("presentation", None),
        ("video", None),
        ("screenshare", None),
        ("podcast", Some("attachment")),
        ("notes", Some("attachment")),
        ("capture", Some("attachment")),
    ] {
        let answer = get(&api, &format!("/{format}/r-1/file.pdf")).await;
        assert_eq!((answer.status, answer.header("content-disposition")), (200, disposition), "{format}");
    }
    let root = get(&api, "/notes/r-1?x=1").await;
    assert_eq!((root.status, root.header("location")), (301, Some("/notes/r-1/?x=1")));
    // It is none of the formats that are served, though there are links to it.
    get(&api, "/statistics/r-1/x")
        .await
        .assert_failed("unsupportedRequest", "This request is not supported.");
    assert_eq!(get(&api, "/recording/r-1/statistics").await.status, 307);
    let others = library.api_with(&[("RECORDING_PLAYBACK_FORMATS", "statistics")]).await;
    assert_eq!(get(&others, "/statistics/r-1/x").await.status, 200);
    get(&others, "/video/r-1/x").await.assert_failed("unsupportedRequest", "This request is not supported.");
}

#[tokio::test]
async fn whatever_is_not_playable_looks_the_same() {
    let library = Library::start(Mode::Embedded, &[]).await;
    library.add(Given::default()).await;
    library.add(Given { id: "hidden", published: false, ..Given::default() }).await;
    library.add(Given { id: "gone", ..Given::default() }).await;
    let heads = library.catalog.heads(&["gone".to_owned()], None).await.unwrap();
    library.catalog.delete(&[heads[0].id]).await.unwrap();
    let api = library.api().await;
    let expected = get(&api, "/video/unknown/x").await;
    for path in [
        "/video/hidden/",
        "/video/hidden",
        "/video/gone/",
        "/video/R-1/",
        "/video/r-/x",
        "/video/r-1%25/x",
        "/video/",
        "/notes/r-1/",
        "/recording/unknown/video",
        "/recording/hidden/video",
        "/recording/gone/video",
        "/recording/r-1/notes",
        "/recording/r-1/Video",
        "/recording/%ff/video",
    ] {
        let answer = get(&api, path).await;
        assert_not_found(&answer);
        assert_eq!(answer.body, expected.body, "{path}");
        let head = send(&api, Method::HEAD, path, &[]).await;
        assert_eq!((head.status, head.body.as_str()), (404, ""), "{path}");
    }
    for path in [
        "/video/r-1/../../etc/passwd",
        "/video/r-1/..",
        "/video/r-1/%2e%2e/%2e%2e/etc/passwd",
        "/video/r-1/..%2f..%2fetc/passwd",
        "/video/r-1/.htaccess",
        "/video/../unpublished/x",
        "/video/r-1/a%00b",
        "/video/r-1/a%0d%0aX-Accel-Redirect:%20/x",
        "/video/r-1/%5c..%5c",
        "/video/r-1/%ff",
        "/recording/r-1/%2e%2e",
        "/recording/r-1/..",
        "/recording/%2e%2e/video",
    ] {
        let answer = get_raw(&api, path).await;
        assert!(wire::status(&answer) == Some(404) && answer.ends_with(&expected.body), "{path}: {answer}");
        assert!(!answer.to_lowercase().contains("x-accel"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn without_recordings_there_is_nothing_to_play() {
    let library = Library::start(Mode::Embedded, &[]).await;
    library.add(Given::default()).await;
    let disabled = library.api_with(&[("RECORDING_DISABLED", "true")]).await;
    for path in ["/video/r-1/", "/recording/r-1/video"] {
        get(&disabled, path).await.assert_failed("unsupportedRequest", "This request is not supported.");
    }
    let no_database = library.api_with(&[("DB_DISABLED", "true")]).await;
    for path in ["/video/r-1/", "/recording/r-1/video"] {
        assert_not_found(&get(&no_database, path).await);
    }
    let api = library.api().await;
    for path in ["/video/r-1/", "/recording/r-1/video"] {
        for method in [Method::POST, Method::PUT, Method::DELETE] {
            let answer = send(&api, method, path, &[]).await;
            answer.assert_failed("unsupportedRequest", "This request is not supported.");
        }
    }
}
