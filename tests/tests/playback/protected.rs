//! Protected recordings: links that work once, and cookies (CONTRACT §6).

use reqwest::Method;
use scalelite_system_tests::answer::Answer;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::store::Mode;

use super::given::{Given, HOUR, Library, assert_not_found, get, get_with, send};

in_both_modes!(a_link_works_once_and_opens_the_files, of_many_at_once_one_gets_in,);

const ENABLED: [(&str, &str); 1] = [("PROTECTED_RECORDINGS_ENABLED", "true")];

async fn library(mode: Mode) -> Library {
    let library = Library::start(mode, &ENABLED).await;
    for given in [
        Given { protected: true, ..Given::default() },
        Given { format: "notes", url: Some("/notes/r-1/notes.pdf"), protected: true, ..Given::default() },
        Given { id: "r-2", url: Some("/video/r-2/"), protected: true, ..Given::default() },
        Given { id: "open", url: Some("/video/open/"), ..Given::default() },
    ] {
        library.add(given).await;
    }
    library
}

async fn link(library: &Library) -> String {
    let token = library.site.state().issue_playback_token("r-1", "video", HOUR).await.unwrap();
    format!("/recording/r-1/video?token={token}")
}

/// Name and value of the cookie that came with a redirect to the page.
#[track_caller]
fn cookie(answer: &Answer) -> String {
    assert_eq!((answer.status, answer.header("location")), (307, Some("/video/r-1/")), "{answer:?}");
    let cookie = answer.header("set-cookie").unwrap_or_else(|| panic!("no cookie: {answer:?}"));
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert_eq!(attributes, "Path=/video/r-1; Secure; HttpOnly; SameSite=None");
    assert!(pair.starts_with("recording_video_r-1=eyJ"), "{pair}");
    pair.to_owned()
}

async fn a_link_works_once_and_opens_the_files(mode: Mode) {
    let library = library(mode).await;
    let (api, other) = (library.api().await, library.api().await);
    for path in [
        "/recording/r-1/video".to_owned(),
        "/recording/r-1/video?token=".to_owned(),
        format!("/recording/r-1/video?token={}", "0".repeat(64)),
        "/recording/r-1/video?token=%ff".to_owned(),
        "/video/r-1/".to_owned(),
        "/video/r-1/webcams.webm".to_owned(),
        "/video/r-1".to_owned(),
    ] {
        assert_not_found(&get(&api, &path).await);
    }
    let link = link(&library).await;
    let cookie = cookie(&get(&api, &link).await);
    for used in [&api, &other] {
        assert_not_found(&get(used, &link).await);
        for path in ["/video/r-1/", "/video/r-1/a/b.js"] {
            let answer = get_with(used, path, &[("cookie", &format!("x=y; {cookie}; z=1"))]).await;
            let told = format!("/static-resource{path}");
            assert_eq!((answer.status, answer.header("x-accel-redirect")), (200, Some(told.as_str())));
            assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
        }
    }
    // It opens nothing else, whatever name it gets.
    let value = cookie.split_once('=').unwrap().1;
    for (path, name) in [("/notes/r-1/notes.pdf", "notes_r-1"), ("/video/r-2/", "video_r-2")] {
        let cookies = format!("{cookie}; recording_{name}={value}");
        assert_not_found(&get_with(&api, path, &[("cookie", &cookies)]).await);
    }
    // An unpublished recording is closed even for who has been in.
    library.catalog.unpublish("r-1").await.unwrap().unwrap();
    assert_not_found(&get_with(&api, "/video/r-1/", &[("cookie", &cookie)]).await);
}

async fn of_many_at_once_one_gets_in(mode: Mode) {
    let library = library(mode).await;
    let (api, other) = (library.api().await, library.api().await);
    let link = link(&library).await;
    let all = (0..30).map(|n| get(if n % 2 == 0 { &api } else { &other }, &link));
    let statuses: Vec<u16> = futures_util::future::join_all(all).await.iter().map(|it| it.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 307).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 29, "{statuses:?}");
}

#[tokio::test]
async fn a_token_opens_its_own_recording_only() {
    let library = library(Mode::Embedded).await;
    let api = library.api().await;
    for path in ["/recording/r-2/video", "/recording/r-1/notes"] {
        let link = link(&library).await;
        let token = link.split_once('?').unwrap().1;
        assert_not_found(&get(&api, &format!("{path}?{token}")).await);
        assert_not_found(&get(&api, &link).await);
    }
    // Where no token is needed, none is used up.
    let link = link(&library).await;
    let token = link.split_once('?').unwrap().1;
    assert_eq!(get(&api, &format!("/recording/open/video?{token}")).await.status, 307);
    // Nor by whoever only asks what would be answered.
    let asked = send(&api, Method::HEAD, &link, &[]).await;
    assert_eq!((asked.status, asked.header("set-cookie")), (307, None));
    cookie(&get(&api, &link).await);
}

/// As an original has made it, with the same `SECRET_KEY_BASE`: `exp` is a text.
#[tokio::test]
async fn a_cookie_of_the_original_opens() {
    const COOKIE: &str = "recording_video_r-1=eyJhbGciOiJIUzI1NiJ9.\
        eyJzdWIiOiIvdmlkZW8vci0xIiwiZXhwIjoiNDEwMjQ0NDgwMCJ9.\
        LWng3yS8OlQqh9EWr-DJ2ZokDhXgwXP96Yf99LZE2RU";
    let library = library(Mode::Embedded).await;
    let api = library.api().await;
    assert_eq!(get_with(&api, "/video/r-1/", &[("cookie", COOKIE)]).await.status, 200);
    let changed = library.api_with(&[("SECRET_KEY_BASE", "another")]).await;
    assert_not_found(&get_with(&changed, "/video/r-1/", &[("cookie", COOKIE)]).await);
}

#[tokio::test]
async fn without_the_setting_files_are_open_and_links_are_not() {
    let library = library(Mode::Embedded).await;
    let api = library.api_with(&[("PROTECTED_RECORDINGS_ENABLED", "")]).await;
    assert_eq!(get(&api, "/video/r-1/").await.status, 200);
    assert_not_found(&get(&api, "/recording/r-1/video").await);
    cookie(&get(&api, &link(&library).await).await);
}
