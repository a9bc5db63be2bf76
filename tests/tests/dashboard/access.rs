//! Who may see the dashboard, and do what it offers.

use reqwest::Method;
use scalelite_core::pool::server::AdminState;
use scalelite_system_tests::client::answer;
use scalelite_system_tests::site::Site;
use scalelite_system_tests::store::Mode;

use super::{PASSWORD, PATH, Visitor, add_tenant, log_in, post, site};
use crate::playback::given::{Given, Library};

/// All that changes something, with what the form would say.
const ACTIONS: [(&str, &[(&str, &str)]); 9] = [
    ("/servers", &[("do", "enable"), ("id", "server-0")]),
    ("/servers", &[("do", "cordon"), ("id", "server-0")]),
    ("/servers", &[("do", "disable"), ("id", "server-0")]),
    ("/servers", &[("do", "panic"), ("id", "server-0"), ("typed", "server-0")]),
    ("/recordings/act", &[("do", "publish"), ("id", "r-1")]),
    ("/recordings/act", &[("do", "unpublish"), ("id", "r-1")]),
    ("/recordings/act", &[("do", "delete"), ("id", "r-1")]),
    ("/imports/retry", &[("name", "bad.tar")]),
    ("/logout", &[]),
];
const PAGES: [&str; 12] = [
    "",
    "/",
    "/meetings",
    "/recordings",
    "/imports",
    "/tenants",
    "/audit",
    "/events",
    "/servers?do=panic&id=server-0",
    "/recordings/act?do=delete&id=r-1",
    "/imports/retry?name=bad.tar",
    "/nothing",
];

fn fail_an_import(library: &Library) {
    let failed = library.site.dir().join("spool/failed");
    std::fs::create_dir_all(&failed).unwrap();
    std::fs::write(failed.join("bad.tar"), "no tar").unwrap();
    std::fs::write(failed.join("bad.tar.reason"), "it is no tar").unwrap();
}

/// Everything is as it was.
async fn assert_untouched(library: &Library, what: &str) {
    assert_eq!(library.site.server(0).await.route.state, AdminState::Enabled, "{what}");
    let heads = library.catalog.heads(&["r-1".to_owned()], None).await.unwrap();
    assert_eq!((heads[0].published, heads[0].state.as_deref()), (true, Some("published")), "{what}");
    assert!(library.site.dir().join("spool/failed/bad.tar").exists(), "{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_acts_without_a_session_and_its_forms() {
    let (library, api) = site(Mode::Embedded, 1, &[]).await;
    library.add(Given::default()).await;
    fail_an_import(&library);
    let (visitor, other) = (Visitor::of(&api).await, Visitor::of(&api).await);
    let (csrf, foreign) = (visitor.csrf().await, other.csrf().await);
    assert_ne!(csrf, foreign);

    for path in PAGES.into_iter().filter(|path| *path != "/nothing") {
        for cookie in ["", "scalelite_dashboard=", "scalelite_dashboard=9999999999.00.00"] {
            let request = api.request(Method::GET, &format!("{PATH}{path}")).header("cookie", cookie);
            let refused = answer(request).await;
            assert_eq!(
                (refused.status, refused.header("location")),
                (303, Some("/scalelite/dashboard/login"))
            );
            assert_eq!(refused.body, "", "{path}");
        }
    }
    for (path, form) in ACTIONS {
        let with = |csrf: &'static str| [form, &[("csrf", csrf)]].concat();
        assert_eq!(post(&api, path, &[], form).await.status, 303, "{path} without a login");
        let stolen = [form, &[("csrf", csrf.as_str())]].concat();
        assert_eq!(post(&api, path, &[], &stolen).await.status, 303, "{path} without a login");
        assert_eq!(visitor.post(path, form).await.status, 403, "{path} without a token");
        for forged in [with(""), with("00"), with("x"), [form, &[("csrf", foreign.as_str())]].concat()] {
            assert_eq!(visitor.post(path, &forged).await.status, 403, "{path} with {forged:?}");
        }
        let cookie = ("cookie", visitor.cookie.as_str());
        for elsewhere in ["cross-site", "same-site"] {
            let refused = post(&api, path, &[cookie, ("sec-fetch-site", elsewhere)], &stolen).await;
            assert_eq!(refused.status, 403, "{path} from {elsewhere}");
        }
        // What is asked for by a link does nothing.
        let query = scalelite_system_tests::client::encode(&stolen);
        assert!(matches!(visitor.get(&format!("{path}?{query}")).await.status, 200 | 404 | 405), "{path}");
        assert_untouched(&library, path).await;
    }

    let elsewhere =
        post(&api, "/login", &[("sec-fetch-site", "cross-site")], &[("password", PASSWORD)]).await;
    assert_eq!(elsewhere.status, 403);
    let typed = [("do", "panic"), ("id", "server-0"), ("typed", "server-1"), ("csrf", csrf.as_str())];
    let asked = visitor.post("/servers", &typed).await;
    assert!(asked.status == 200 && asked.body.contains("Nothing was done."), "{asked:?}");
    assert_untouched(&library, "panic without its word").await;

    let left = visitor.post("/logout", &[("csrf", &csrf)]).await;
    assert!(left.header("set-cookie").unwrap().contains("Max-Age=0"), "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_password_there_is_none() {
    let site = Site::start(Mode::Embedded, 1).await;
    let api = site.api().await;
    for path in PAGES.into_iter().chain(["/login"]) {
        assert_eq!(api.send(Method::GET, &format!("{PATH}{path}")).await.status, 404, "{path}");
    }
    for (path, form) in ACTIONS {
        assert_eq!(post(&api, path, &[], form).await.status, 404, "{path}");
    }
    assert_eq!(log_in(&api, "").await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_tenant_gets_there() {
    for host in [Some("lb.example.org"), None] {
        let named = host.map(|host| ("URL_HOST", host));
        let changes: Vec<_> = [("MULTITENANCY_ENABLED", "true")].into_iter().chain(named).collect();
        let (library, api) = site(Mode::Embedded, 1, &changes).await;
        library.add(Given::default()).await;
        fail_an_import(&library);
        add_tenant(&library.site, "acme").await;
        let own = api.with_host("lb.example.org");
        let visitor = Visitor::of(&own).await;
        let csrf = visitor.csrf().await;
        for tenant in ["acme.lb.example.org", "ACME.lb.example.org"] {
            let tenant = api.with_host(tenant);
            assert_eq!(log_in(&tenant, PASSWORD).await.status, 404);
            let there = Visitor { client: tenant, cookie: visitor.cookie.clone() };
            for path in PAGES.into_iter().chain(["/login"]) {
                assert_eq!(there.get(path).await.status, 404, "{path}");
            }
            for (path, form) in ACTIONS {
                let form = [form, &[("csrf", csrf.as_str())]].concat();
                assert_eq!(there.post(path, &form).await.status, 404, "{path}");
                assert_untouched(&library, path).await;
            }
        }
        if host.is_some() {
            assert_eq!(api.with_host("unknown.lb.example.org").send(Method::GET, PATH).await.status, 404);
            assert_eq!(api.with_host("elsewhere.example.org").send(Method::GET, PATH).await.status, 403);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_is_limited() {
    let (_library, api) = site(Mode::Embedded, 0, &[]).await;
    let from = async |address: &str, password: &str| {
        post(&api, "/login", &[("x-forwarded-for", address)], &[("password", password)]).await
    };
    for _ in 0..10 {
        let wrong = from("192.0.2.1", "wrong").await;
        assert!(wrong.status == 403 && wrong.body.contains("This is not the password."), "{wrong:?}");
        assert_eq!(wrong.header("set-cookie"), None);
    }
    for password in ["wrong", PASSWORD] {
        let limited = from("198.51.100.7, 192.0.2.1", password).await;
        assert_eq!(limited.status, 429, "{password}");
        assert!(limited.header("retry-after").unwrap().parse::<u64>().unwrap() <= 300);
    }
    assert_eq!(from("192.0.2.2", PASSWORD).await.status, 303, "another address");
    for n in 0..190 {
        assert_eq!(from(&format!("203.0.113.{n}"), "wrong").await.status, 403);
    }
    assert_eq!(from("192.0.2.3", PASSWORD).await.status, 429, "too many in all");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_known_to_all_front_ends_and_ends_with_the_password() {
    let (library, api) = site(Mode::Embedded, 0, &[]).await;
    let visitor = Visitor::of(&api).await;
    for (changes, status) in [
        (("WEB_CONCURRENCY", "1"), 200),
        (("DASHBOARD_PASSWORD", "another password"), 303),
        (("SECRET_KEY_BASE", "another key base"), 303),
    ] {
        let other = library.api_with(&[changes]).await;
        let there = Visitor { client: other.client.clone(), cookie: visitor.cookie.clone() };
        assert_eq!(there.get("/").await.status, status, "{changes:?}");
    }
    let secure = post(&api, "/login", &[("x-forwarded-proto", "https")], &[("password", PASSWORD)]).await;
    assert!(secure.header("set-cookie").unwrap().ends_with("; Secure"), "{secure:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn browsers_are_told_to_be_strict() {
    let (_library, api) = site(Mode::Embedded, 0, &[]).await;
    let visitor = Visitor::of(&api).await;
    let mut pages = vec![visitor.get("/").await, visitor.get("/nothing").await];
    pages.push(api.send(Method::GET, &format!("{PATH}/login")).await);
    for page in &pages {
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert!(!page.body.contains("<style") && !page.body.contains(" style="));
    }
    let script = pages[0].body.split_once("module\" src=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    let given = api.send(Method::GET, &script).await;
    assert_eq!((given.status, given.header("content-type")), (200, Some("text/javascript; charset=utf-8")));
    assert_eq!(given.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let tag = given.header("etag").unwrap().to_owned();
    let again = answer(api.request(Method::GET, &script).header("if-none-match", tag)).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(api.send(Method::GET, &format!("{PATH}/assets/script-0.js")).await.status, 404);
}
