//! What is done from the dashboard, and what the audit log tells of it.

use std::time::Duration;

use scalelite_core::pool::server::AdminState;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::becomes;

use super::{Visitor, site};
use crate::playback::given::Given;
use crate::recordings::tars::drop_tar;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_of_them() {
    let (library, api) = site(Mode::Embedded, 2, &[]).await;
    library.add(Given::default()).await;
    let visitor = Visitor::of(&api).await;
    let csrf = visitor.csrf().await;
    let act = async |path: &str, form: &[(&str, &str)]| {
        let form = [form, &[("csrf", csrf.as_str())]].concat();
        visitor.post(path, &form).await
    };
    let state = async |n: usize| library.site.server(n).await.route.state;

    for (action, expected) in
        [("cordon", AdminState::Cordoned), ("disable", AdminState::Disabled), ("enable", AdminState::Enabled)]
    {
        let done = act("/servers", &[("do", action), ("id", "server-0")]).await;
        assert_eq!((done.status, done.header("location")), (303, Some("/scalelite/dashboard/")), "{done:?}");
        assert_eq!(state(0).await, expected);
    }
    api.call("create", &[("meetingID", "room")]).await.assert_success();
    let host = library.site.host("room");
    let id = format!("server-{host}");
    act("/servers", &[("do", "panic"), ("id", &id), ("typed", &id)]).await;
    assert_eq!(state(host).await, AdminState::Disabled);
    assert!(!library.site.sim(host).has_meeting("room"));
    assert!(library.site.meeting("room").await.is_none());
    assert_eq!(act("/servers", &[("do", "cordon"), ("id", "nobody")]).await.status, 404);
    assert_eq!(act("/servers", &[("do", "explode"), ("id", "server-0")]).await.status, 400);

    let published = async || library.catalog.heads(&["r-1".to_owned()], None).await.unwrap()[0].published;
    for (action, expected) in [("unpublish", false), ("publish", true)] {
        act("/recordings/act", &[("do", action), ("id", "r-1")]).await;
        assert_eq!(published().await, expected);
    }
    act("/recordings/act", &[("do", "delete"), ("id", "r-1")]).await;
    assert!(visitor.page("/recordings").await.contains("There are no such recordings."));
    assert!(visitor.page("/recordings?state=deleted").await.contains("r-1"));
    assert_eq!(act("/recordings/act", &[("do", "publish"), ("id", "r-1")]).await.status, 404);

    // A tar that failed for a reason that is gone now.
    drop_tar(&library, "r-2");
    let spool = library.site.dir().join("spool");
    std::fs::create_dir_all(spool.join("failed")).unwrap();
    std::fs::rename(spool.join("r-2.tar"), spool.join("failed/r-2.tar")).unwrap();
    std::fs::write(spool.join("failed/r-2.tar.reason"), "the <disk> was full").unwrap();
    let page = visitor.page("/imports").await;
    assert!(page.contains("r-2.tar") && page.contains("the &#60;disk&#62; was full"), "{page}");
    for hostile in ["../r-2.tar", "failed/r-2.tar", "", "r-3.tar"] {
        assert_eq!(act("/imports/retry", &[("name", hostile)]).await.status, 404, "{hostile}");
    }
    assert_eq!(act("/imports/retry", &[("name", "r-2.tar")]).await.status, 303);
    let _importer = library.importer().await;
    becomes("the tar is imported", Duration::from_secs(20), 1, async || {
        library.catalog.heads(&["r-2".to_owned()], None).await.unwrap().len()
    })
    .await;

    let log = library.catalog.changes(None, 100).await.unwrap();
    let told: Vec<_> =
        log.iter().rev().map(|change| (change.what.as_str(), change.target.as_str())).collect();
    let expected = [
        ("dashboard:login", "dashboard"),
        ("servers:cordon", "server-0"),
        ("servers:disable", "server-0"),
        ("servers:enable", "server-0"),
        ("servers:panic", id.as_str()),
        ("recordings:unpublish", "r-1"),
        ("recordings:publish", "r-1"),
        ("recordings:delete", "r-1"),
        ("imports:retry", "r-2.tar"),
    ];
    assert_eq!(told, expected);
    assert!(log.iter().all(|change| change.who == "dashboard" && change.host == "127.0.0.1"), "{log:?}");
    assert!(visitor.page("/audit").await.contains("imports:retry"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_the_last_page_the_last_one_is_shown() {
    let (library, api) = site(Mode::Embedded, 0, &[]).await;
    for n in 0..51 {
        library.add(Given { id: &format!("r-{n:02}"), ..Given::default() }).await;
    }
    let visitor = Visitor::of(&api).await;
    let last = visitor.page("/recordings?page=2").await;
    assert!(last.contains("51–51 of 51") && last.matches("<tr").count() == 2, "{last}");
    for page in ["3", "18446744073709551615"] {
        let shown = visitor.page(&format!("/recordings?page={page}")).await;
        assert!(shown.contains("51–51 of 51") && shown.matches("<tr").count() == 2, "{page}: {shown}");
        assert!(shown.contains("Page 2 of 2"), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_searched_for_is_shown_as_text() {
    let (_library, api) = site(Mode::Embedded, 0, &[]).await;
    let visitor = Visitor::of(&api).await;
    for (path, besides) in
        [("/", "<select id=\"show\""), ("/meetings", ""), ("/recordings", "<select id=\"state\"")]
    {
        let page = visitor.page(&format!("{path}?q=%22%3E%3Cscript%3E%26")).await;
        assert!(
            page.contains("name=\"q\" type=\"search\" value=\"&#34;&#62;&#60;script&#62;&#38;\""),
            "{page}"
        );
        assert!(page.contains(&format!("action=\"/scalelite/dashboard{path}\"")), "{page}");
        assert!(page.contains(besides) && !page.contains("<script>"), "{page}");
    }
}
