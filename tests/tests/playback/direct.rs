//! Without nginx: the front end sends the files itself.

use std::fs::File;
use std::os::unix::fs::symlink;

use reqwest::Method;
use scalelite_system_tests::answer::Answer;
use scalelite_system_tests::client::answer;
use scalelite_system_tests::site::Api;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wire;

use super::given::{Given, Library, assert_not_found, get, get_raw, get_with, send};

const FILES: [(&str, &str); 5] = [
    ("index.html", "<!DOCTYPE html><title>ñ</title>"),
    ("webcams.webm", "0123456789abcdefghij"),
    ("a/index.html", "deep"),
    ("a/b c.vtt", "WEBVTT"),
    ("empty.txt", ""),
];

async fn library() -> (Library, Api) {
    let library = Library::start(Mode::Embedded, &[("SERVE_RECORDINGS", "true")]).await;
    library.add(Given { files: &FILES, ..Given::default() }).await;
    library.add(Given { id: "hidden", published: false, files: &FILES, ..Given::default() }).await;
    library
        .add(Given {
            format: "notes",
            files: &[("notes.pdf", "%PDF"), ("index.html", "x")],
            ..Given::default()
        })
        .await;
    let api = library.api().await;
    (library, api)
}

#[track_caller]
fn assert_sends(answer: &Answer, status: u16, kind: &str, body: &str) {
    let told = (answer.status, answer.header("content-type"), answer.body.as_str());
    assert_eq!(told, (status, Some(kind), body));
    assert_eq!(answer.header("content-length"), Some(body.len().to_string().as_str()));
    assert_eq!(answer.header("accept-ranges"), Some("bytes"));
    assert_eq!(answer.header("x-accel-redirect"), None);
}

#[tokio::test]
async fn files_come_with_their_types() {
    let (_library, api) = library().await;
    for (path, kind, body) in [
        ("/video/r-1/", "text/html; charset=utf-8", FILES[0].1),
        ("/video/r-1/index.html", "text/html; charset=utf-8", FILES[0].1),
        ("/video/r-1/webcams.webm", "video/webm", FILES[1].1),
        ("/video/r-1/a/", "text/html; charset=utf-8", "deep"),
        ("/video/r-1/a/b%20c.vtt", "text/vtt", "WEBVTT"),
        ("/video/r-1/metadata.xml", "text/xml", "<recording/>"),
        ("/video/r-1/empty.txt", "text/plain; charset=utf-8", ""),
        ("/notes/r-1/notes.pdf", "application/pdf", "%PDF"),
    ] {
        let answer = get(&api, path).await;
        assert_sends(&answer, 200, kind, body);
        let disposition = path.starts_with("/notes").then_some("attachment");
        assert_eq!(answer.header("content-disposition"), disposition, "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        let head = send(&api, Method::HEAD, path, &[]).await;
        assert_eq!((head.status, head.body.as_str()), (200, ""));
        for header in ["content-length", "content-type", "etag", "last-modified"] {
            assert_eq!(head.header(header), answer.header(header), "{path}: {header}");
            assert!(answer.header(header).is_some(), "{path}: {header}");
        }
    }
    for (path, slash) in [("/video/r-1", "/video/r-1/"), ("/video/r-1/a?x=/y", "/video/r-1/a/?x=/y")] {
        let redirect = get(&api, path).await;
        assert_eq!((redirect.status, redirect.header("location")), (301, Some(slash)));
    }
}

#[tokio::test]
async fn parts_and_what_a_viewer_has() {
    let (_library, api) = library().await;
    let path = "/video/r-1/webcams.webm";
    for (range, told, body) in [
        ("bytes=0-3", "bytes 0-3/20", "0123"),
        ("bytes=10-", "bytes 10-19/20", "abcdefghij"),
        ("bytes=-2", "bytes 18-19/20", "ij"),
        ("bytes=18-100", "bytes 18-19/20", "ij"),
    ] {
        let part = get_with(&api, path, &[("range", range)]).await;
        assert_sends(&part, 206, "video/webm", body);
        assert_eq!(part.header("content-range"), Some(told));
    }
    let beyond = get_with(&api, path, &[("range", "bytes=20-")]).await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some("bytes */20")));

    let whole = get(&api, path).await;
    let (etag, modified) = (whole.header("etag").unwrap(), whole.header("last-modified").unwrap());
    for known in [("if-none-match", etag), ("if-modified-since", modified)] {
        let answer = get_with(&api, path, &[known]).await;
        assert_eq!((answer.status, answer.body.as_str()), (304, ""));
        assert_eq!(answer.header("etag"), Some(etag));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
    }
    assert_eq!(get_with(&api, path, &[("if-none-match", "\"other\"")]).await.status, 200);
    assert_eq!(get_with(&api, path, &[("range", "bytes=0-3"), ("if-range", etag)]).await.status, 206);
    assert_eq!(get_with(&api, path, &[("range", "bytes=0-3"), ("if-range", "\"other\"")]).await.status, 200);
}

#[tokio::test]
async fn nothing_but_the_files_of_a_recording_is_sent() {
    let (library, api) = library().await;
    let dir = library.site.dir();
    std::fs::write(dir.join("secret"), "SECRET").unwrap();
    std::fs::write(library.published().join("video/r-1/.hidden"), "SECRET").unwrap();
    symlink(dir.join("secret"), library.published().join("video/r-1/link")).unwrap();
    symlink(dir, library.published().join("video/r-1/dir")).unwrap();
    // A tree that no row is about, beside those of rows.
    std::fs::create_dir_all(library.published().join("video/unknown")).unwrap();
    std::fs::write(library.published().join("video/unknown/index.html"), "SECRET").unwrap();
    for path in [
        "/video/r-1/link",
        "/video/r-1/dir/secret",
        "/video/r-1/dir/",
        "/video/r-1/nothing",
        "/video/r-1/index.html/",
        "/video/r-1/index.html/x",
        "/video/r-1/.hidden",
        "/video/r-1/%2ehidden",
        "/video/r-1/..%2f..%2f..%2fsecret",
        "/video/hidden/",
        "/video/hidden/webcams.webm",
        "/video/unknown/",
    ] {
        assert_not_found(&get(&api, path).await);
    }
    for path in [
        "/video/r-1/../../../secret",
        "/video/r-1/%2e%2e/%2E./.%2e/secret",
        "/video/../../secret",
        "/video/r-1/./../../../secret",
        "/video/r-1//../../../secret",
        "/video/r-1/dir/../../../../secret",
    ] {
        let answer = get_raw(&api, path).await;
        assert!(!answer.contains("SECRET") && wire::status(&answer) == Some(404), "{path}: {answer}");
    }
    assert!(get_raw(&api, "/video/r-1/a/index.html").await.ends_with("deep"));
}

#[tokio::test]
async fn a_long_video_takes_no_memory() {
    const SIZE: u64 = 400 * 1024 * 1024;
    let (library, api) = library().await;
    let video = File::create(library.published().join("video/r-1/long.webm")).unwrap();
    video.set_len(SIZE).unwrap();
    let mut response = api.request(Method::GET, "/video/r-1/long.webm").send().await.unwrap();
    assert_eq!(response.content_length(), Some(SIZE));
    let mut received = 0;
    while let Some(piece) = response.chunk().await.unwrap() {
        received += piece.len() as u64;
    }
    assert_eq!(received, SIZE);
    let last = answer(api.request(Method::GET, "/video/r-1/long.webm").header("range", "bytes=-1")).await;
    assert_eq!((last.status, last.body.as_str()), (206, "\0"));
    let peak = api.service.peak_memory_mib();
    assert!(peak < 64, "{peak} MiB");
}
