//! Recordings in a bucket, through the front end and through CloudFront.

use reqwest::Method;
use scalelite_system_tests::store::Mode;
use scalelite_testbed::moto::Moto;
use scalelite_testbed::rsa_key::{Form, RsaKey};

use super::given::{Given, HOUR, Library, assert_not_found, get, get_with, send};

const FILES: [(&str, &str); 4] = [
    ("index.html", "<!DOCTYPE html>"),
    ("webcams.webm", "0123456789abcdefghij"),
    ("a/b c.vtt", "WEBVTT"),
    ("empty.txt", ""),
];

async fn library(moto: &Moto, changes: &[(&str, &str)]) -> Library {
    let env = moto.env();
    let mut all: Vec<_> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
    all.extend_from_slice(changes);
    let library = Library::start(Mode::Embedded, &all).await;
    library.add(Given { files: &FILES, ..Given::default() }).await;
    library.add(Given { id: "hidden", published: false, files: &FILES, ..Given::default() }).await;
    library.add(Given { format: "notes", files: &[("notes.pdf", "%PDF")], ..Given::default() }).await;
    library
}

#[tokio::test]
async fn objects_are_sent_whole_and_in_part() {
    let Some(moto) = Moto::start() else { return };
    let library = library(&moto, &[]).await;
    let api = library.api().await;
    for (path, kind, body) in [
        ("/video/r-1/", "text/html", FILES[0].1),
        ("/video/r-1/index.html", "text/html", FILES[0].1),
        ("/video/r-1/webcams.webm", "video/webm", FILES[1].1),
        ("/video/r-1/a/b%20c.vtt", "text/vtt", "WEBVTT"),
        ("/video/r-1/empty.txt", "text/plain", ""),
        ("/notes/r-1/notes.pdf", "application/pdf", "%PDF"),
    ] {
        let answer = get(&api, path).await;
        let told = (answer.status, answer.header("content-type"), answer.body.as_str());
        assert_eq!(told, (200, Some(kind), body), "{path}");
        let disposition = path.starts_with("/notes").then_some("attachment");
        assert_eq!(answer.header("content-disposition"), disposition, "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        let head = send(&api, Method::HEAD, path, &[]).await;
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
        for header in ["content-length", "content-type", "etag", "last-modified", "accept-ranges"] {
            assert_eq!(head.header(header), answer.header(header), "{path}: {header}");
            assert!(answer.header(header).is_some(), "{path}: {header}");
        }
    }
    let path = "/video/r-1/webcams.webm";
    for (range, told, body) in [
        ("bytes=0-3", "bytes 0-3/20", "0123"),
        ("bytes=10-", "bytes 10-19/20", "abcdefghij"),
        ("bytes=-2", "bytes 18-19/20", "ij"),
    ] {
        let part = get_with(&api, path, &[("range", range)]).await;
        assert_eq!((part.status, part.header("content-range"), part.body.as_str()), (206, Some(told), body));
    }
    let beyond = get_with(&api, path, &[("range", "bytes=20-")]).await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some("bytes */20")));
    let etag = get(&api, path).await.header("etag").unwrap().to_owned();
    let known = get_with(&api, path, &[("if-none-match", &etag)]).await;
    assert_eq!((known.status, known.header("etag"), known.body.as_str()), (304, Some(etag.as_str()), ""));

    for path in ["/video/r-1/nothing", "/video/r-1/a", "/video/r-1/a/", "/video/hidden/", "/notes/r-1/"] {
        assert_not_found(&get(&api, path).await);
    }
}

#[tokio::test]
async fn a_long_video_takes_no_memory() {
    const SIZE: usize = 96 * 1024 * 1024;
    let Some(moto) = Moto::start() else { return };
    let library = library(&moto, &[]).await;
    let long = "v".repeat(SIZE);
    library.add(Given { id: "long", files: &[("long.webm", &long)], ..Given::default() }).await;
    let api = library.api().await;
    let mut response = api.request(Method::GET, "/video/long/long.webm").send().await.unwrap();
    let mut received = 0;
    while let Some(piece) = response.chunk().await.unwrap() {
        received += piece.len();
    }
    assert_eq!(received, SIZE);
    let peak = api.service.peak_memory_mib();
    assert!(peak < 64, "{peak} MiB");
}

#[tokio::test]
async fn a_bucket_that_is_away_is_told() {
    let Some(moto) = Moto::start() else { return };
    let library = library(&moto, &[]).await;
    let api = library.api_with(&[("S3_BUCKET_NAME", "another")]).await;
    let answer = get(&api, "/video/r-1/webcams.webm").await;
    // A bucket that is not there looks as one without the file.
    assert_not_found(&answer);
    drop(moto);
    let api = library.api().await;
    let answer = get(&api, "/video/r-1/webcams.webm").await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.body.starts_with("<!DOCTYPE html>") && answer.header("retry-after").is_some());
}

#[tokio::test]
async fn pages_are_shown_by_cloudfront() {
    let Some(moto) = Moto::start() else { return };
    let key = RsaKey::new().in_base64(Form::Pkcs8);
    let changes = [
        ("CLOUDFRONT_URL", "https://cdn.example.org"),
        ("CF_KEY_PAIR_ID", "K2JCJMDEHXQW5F"),
        ("CF_PRIVATE_KEY_B64", key.as_str()),
        ("PROTECTED_RECORDINGS_ENABLED", "true"),
    ];
    let library = library(&moto, &changes).await;
    library
        .add(Given { id: "locked", url: Some("/video/locked/"), protected: true, ..Given::default() })
        .await;
    let api = library.api().await;
    let viewer = api.with_host("bbb.example.org");
    let assert_redirected = async |path: &str, cookie: &str, page: &str| {
        let redirect = get_with(&viewer, path, &[("cookie", cookie)]).await;
        assert_eq!((redirect.status, redirect.header("location")), (307, Some(page)), "{redirect:?}");
        let cookies: Vec<_> =
            redirect.headers.get_all("set-cookie").iter().map(|it| it.to_str().unwrap()).collect();
        assert_eq!(cookies.len(), 3);
        for (cookie, name) in
            cookies.iter().zip(["CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"])
        {
            let (pair, attributes) = cookie.split_once("; ").unwrap();
            assert!(pair.starts_with(&format!("{name}=")), "{cookie}");
            assert_eq!(
                attributes,
                "Path=/; Max-Age=300; Domain=example.org; Secure; HttpOnly; SameSite=None"
            );
        }
    };
    let page = "https://cdn.example.org/published/video/r-1/index.html";
    assert_redirected("/video/r-1/", "", page).await;
    assert_redirected("/video/r-1/index.html", "", page).await;
    // What a player asks for by itself comes from here.
    assert_eq!(get(&viewer, "/video/r-1/webcams.webm").await.body, FILES[1].1);
    for path in ["/video/hidden/", "/video/unknown/", "/video/locked/"] {
        assert_not_found(&get(&viewer, path).await);
    }
    let token = library.site.state().issue_playback_token("locked", "video", HOUR).await.unwrap();
    let opened = get(&viewer, &format!("/recording/locked/video?token={token}")).await;
    let cookie = opened.header("set-cookie").unwrap().split_once(';').unwrap().0;
    let page = "https://cdn.example.org/published/video/locked/index.html";
    assert_redirected("/video/locked/", cookie, page).await;
}
