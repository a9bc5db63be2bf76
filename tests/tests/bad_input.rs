//! Whatever comes in: a clean error, never a panic, a hang or memory without bound (issue 2, "Bad input").

use std::time::Duration;

use bbb_sim::Fault;
use futures_util::future::join_all;
use scalelite_system_tests::answer::assert_well_formed;
use scalelite_system_tests::site::{Api, Site};
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::within;
use scalelite_system_tests::wire;
use tokio::io::AsyncWriteExt;

const PROMPT: Duration = Duration::from_secs(5);

/// It still serves, and nothing in it has panicked.
async fn assert_sound(api: &mut Api) {
    let info = api.call("getMeetingInfo", &[("meetingID", "room")]);
    within("getMeetingInfo", PROMPT, info).await.assert_success();
    assert!(api.service.is_running());
    let log = api.service.log();
    assert!(!log.contains("panicked"), "{log}");
}

async fn with_room() -> (Site, Api) {
    let site = Site::start(Mode::Embedded, 1).await;
    let api = site.api().await;
    api.call("create", &[("meetingID", "room")]).await.assert_success();
    (site, api)
}

/// A raw answer is an XML error in a 200, or a plain 4xx.
#[track_caller]
fn assert_clean(what: &str, answer: &str) {
    let status = wire::status(answer);
    if status == Some(200) {
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
        assert_well_formed(body);
        assert!(body.contains("<returncode>FAILED</returncode>"), "{what}: {answer}");
    } else {
        assert!(status.is_some_and(|status| (400..500).contains(&status)), "{what}: {answer:?}");
    }
}

fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n").into_bytes()
}

#[tokio::test]
async fn parameters_that_are_no_text() {
    let (site, mut api) = with_room().await;
    site.sim(0).clear_requests();
    for call in ["create", "join", "end", "getMeetingInfo", "isMeetingRunning", "getMeetings"] {
        for query in
            ["meetingID=%ff", "meetingID=a%00b", "meetingID=x&%c3=1", "meetingID=x&a=%ed%a0%80", "%00=x"]
        {
            let answer = api.get(call, query).await;
            answer.assert_xml();
            assert_eq!(answer.text("returncode"), "FAILED", "{call}?{query}");
            assert!(!answer.text("messageKey").is_empty());
            let form = api.post("create", "", "application/x-www-form-urlencoded", query).await;
            assert!(!form.is_success(), "{form:?}");
        }
    }
    assert!(site.sim(0).requests().is_empty());
    assert_sound(&mut api).await;
}

#[tokio::test]
async fn identifiers_of_any_text_work() {
    let (site, api) = with_room().await;
    let long = "é".repeat(3000);
    let names = [
        " ",
        "a b",
        "ñ/🎉",
        "<&\"'>",
        "a:b",
        "*",
        "..",
        "\r\n\t",
        "%00",
        "'; DROP TABLE meetings; --",
        &long,
    ];
    for meeting in names {
        let created = api.call("create", &[("meetingID", meeting), ("name", meeting)]).await;
        if !created.is_success() {
            created.assert_xml();
            continue;
        }
        let info = api.call("getMeetingInfo", &[("meetingID", meeting)]).await;
        info.assert_success();
        assert!(site.sim(0).has_meeting(meeting), "{meeting:?}");
        let joined =
            api.call("join", &[("meetingID", meeting), ("fullName", meeting), ("role", "VIEWER")]).await;
        assert!(!joined.location().contains(['\r', '\n', ' ', '<', '"']), "{joined:?}");
        api.call("end", &[("meetingID", meeting)]).await.assert_success();
    }
    let unknown = api.call("getMeetingInfo", &[("meetingID", "<script>&")]).await;
    assert_eq!(unknown.text("messageKey"), "notFound");
}

#[tokio::test]
async fn parameters_by_the_thousands() {
    let (site, mut api) = with_room().await;
    let many = |count: usize| (0..count).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
    for count in [998, 5000] {
        let answer = api.get("getMeetingInfo", &format!("meetingID=room&{}", many(count))).await;
        if answer.status == 200 {
            answer.assert_xml();
        } else {
            assert!((400..500).contains(&answer.status), "{answer:?}");
        }
        assert_eq!(answer.is_success(), count < 1000, "{count}");
    }
    // More than fits into a head.
    let path = api.path("getMeetingInfo", &format!("meetingID=room&{}", many(50_000)));
    assert_clean("50,000 parameters", &wire::exchange(api.base(), &get(&path, "")).await);
    for count in [998, 5000, 50_000] {
        let form = format!("meetingID=room&{}", many(count));
        let answer = api.post("getMeetingInfo", "", "application/x-www-form-urlencoded", form).await;
        assert_well_formed(&answer.body);
        assert_eq!(answer.is_success(), count < 1000, "{count}");
    }
    // One name again and again is one parameter; the last one counts.
    let repeated = |times| format!("{}meetingID=room", "meetingID=x&".repeat(times));
    assert!(!api.get("getMeetingInfo", &repeated(2000)).await.is_success(), "repeats count");
    let answer = api.get("getMeetingInfo", &repeated(900)).await;
    assert_eq!(answer.assert_success().text("meetingID"), "room");
    let checksums = api.path("getMeetingInfo", "meetingID=room").replace('?', "?checksum=0&checksum=1&");
    let answer = api.send(reqwest::Method::GET, &checksums).await;
    assert_eq!(answer.text("messageKey"), "checksumError");
    assert!(site.sim(0).count("getMeetingInfo") >= 2);
    assert_sound(&mut api).await;
}

#[tokio::test]
async fn heads_that_are_huge_or_no_http() {
    let (_site, mut api) = with_room().await;
    let base = api.base().to_owned();
    let long = "x".repeat(200_000);
    let path = api.path("getMeetingInfo", "meetingID=room");
    let headers = (0..5000).map(|n| format!("X-{n}: y\r\n")).collect::<String>();
    for (what, request) in [
        ("a long query", get(&api.path("getMeetingInfo", &format!("meetingID=room&a={long}")), "")),
        ("a long path", get(&format!("/{long}"), "")),
        ("a long header", get(&path, &format!("X-Long: {long}\r\n"))),
        ("many headers", get(&path, &headers)),
        ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n".to_vec()),
        ("NUL in the path", get("/bigbluebutton/api/cre\0ate", "")),
        ("no UTF-8 in the path", b"GET /bigbluebutton/api/\xff\xfe?a=\xff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_vec()),
        ("no UTF-8 in the path, encoded", get("/bigbluebutton/api/%ff%00", "")),
        ("two lengths", format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabc").into_bytes()),
        ("length and chunks", format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n").into_bytes()),
        ("a length of nonsense", format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n").into_bytes()),
    ] {
        assert_clean(what, &wire::exchange(&base, &request).await);
    }
    let foo = String::from_utf8(get(&path, "")).unwrap().replacen("GET", "FOO", 1);
    assert_clean("an unknown method", &wire::exchange(&base, foo.as_bytes()).await);
    assert_sound(&mut api).await;
}

#[tokio::test]
async fn bodies_that_are_huge_or_broken() {
    let (site, mut api) = with_room().await;
    let base = api.base().to_owned();
    let form = "application/x-www-form-urlencoded";
    let huge = format!("meetingID=room&a={}", "x".repeat(3 << 20));
    let answer = api.post("getMeetingInfo", "", form, huge).await;
    assert_eq!(answer.status, 413, "{answer:?}");
    assert_well_formed(&answer.body);
    let huge = format!("<a>{}</a>", "x".repeat(70 << 20));
    let request = api.request(reqwest::Method::POST, &api.path("insertDocument", "meetingID=room"));
    // The front end may refuse, and close, before all is sent.
    let sent = request.header("content-type", "text/xml").body(huge).send().await;
    assert!(sent.is_err() || sent.is_ok_and(|answer| answer.status() == 413));
    assert_eq!(site.sim(0).count("insertDocument"), 0);

    for (what, kind, body) in [
        (
            "no end of the multipart",
            "multipart/form-data; boundary=edge",
            &b"--edge\r\nContent-Disposition: form-data; name=\"meetingID\"\r\n\r\nroom"[..],
        ),
        ("no boundary", "multipart/form-data", b"--edge--"),
        ("no name", "multipart/form-data; boundary=edge", b"--edge\r\n\r\nroom\r\n--edge--"),
        ("no multipart", "multipart/form-data; boundary=edge", b"\xff\xfe\x00"),
        ("no UTF-8", form, b"meetingID=\xff\xfe"),
    ] {
        let answer = api.post("create", "", kind, body.to_vec()).await;
        assert!(!answer.is_success(), "{what}: {answer:?}");
        assert!(answer.status == 200 || (400..500).contains(&answer.status), "{what}: {answer:?}");
        assert_well_formed(&answer.body);
    }
    // A body that breaks off, and one that never comes.
    let path = api.path("create", "meetingID=broken");
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {form}\r\nContent-Length: 1000\r\n\r\n");
    let mut broken = wire::connect(&base).await;
    broken.write_all(head.as_bytes()).await.unwrap();
    broken.write_all(b"a=b").await.unwrap();
    broken.shutdown().await.unwrap();
    let mut silent = wire::connect(&base).await;
    silent.write_all(head.as_bytes()).await.unwrap();
    let chunks = format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {form}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\nabc"
    );
    assert_clean("broken chunks", &wire::exchange(&base, chunks.as_bytes()).await);
    assert_sound(&mut api).await;
    assert!(site.meeting("broken").await.is_none());
}

#[tokio::test]
async fn entities_of_a_document_are_not_expanded() {
    let (site, mut api) = with_room().await;
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\
        <modules><module name=\"&b;\"/></modules>";
    let answer = api.post("insertDocument", "meetingID=room", "text/xml", bomb).await;
    answer.assert_xml();
    assert_eq!(site.sim(0).requests_for("insertDocument").pop().unwrap().body_text(), bomb);
    assert_sound(&mut api).await;
}

#[tokio::test]
async fn dribbling_clients_hold_up_nobody() {
    let (_site, mut api) = with_room().await;
    let base = api.base().to_owned();
    let path = api.path("getMeetingInfo", "meetingID=room");
    let dribblers = join_all((0..300).map(async |n| {
        let mut stream = wire::connect(&base).await;
        let head = format!("GET {path} HTTP/1.1\r\nHost: a\r\nX-Slow: ");
        stream.write_all(&head.as_bytes()[..n % head.len()]).await.unwrap();
        stream
    }))
    .await;
    let many = join_all((0..50).map(|_| api.call("getMeetingInfo", &[("meetingID", "room")])));
    for answer in within("50 calls", PROMPT, many).await {
        answer.assert_success();
    }
    assert_sound(&mut api).await;
    drop(dribblers);
}

#[tokio::test]
async fn endless_answers_take_bounded_memory() {
    let site = Site::start(Mode::Embedded, 3).await;
    let mut api = site.api().await;
    for room in ["room", "other", "third"] {
        api.call("create", &[("meetingID", room)]).await.assert_success();
    }
    let bad = site.host("other");
    site.sim(bad).set_fault(Fault::Endless);
    for _ in 0..3 {
        for call in ["getMeetingInfo", "isMeetingRunning", "end"] {
            let call = api.call(call, &[("meetingID", "other")]);
            within("a call to an endless server", PROMPT * 2, call).await;
        }
        let listed = within("getMeetings", PROMPT * 2, api.get("getMeetings", "")).await;
        assert_eq!(listed.assert_success().fields("meetingID").len(), 2);
    }
    let mut poller = site.poller().await;
    poller.service.logged("no answer to a poll").await;
    let used = [api.service.peak_memory_mib(), poller.service.peak_memory_mib()];
    assert!(used.iter().all(|mib| *mib < 200), "MiB: {used:?}");
    assert_sound(&mut api).await;
}

#[tokio::test]
async fn many_endless_answers_at_once_take_bounded_memory() {
    let site = Site::start(Mode::Embedded, 2).await;
    let mut api = site.api().await;
    for room in ["room", "other"] {
        api.call("create", &[("meetingID", room)]).await.assert_success();
    }
    site.sim(site.host("other")).set_fault(Fault::Endless);
    let calls = join_all((0..40).map(|_| api.call("getMeetingInfo", &[("meetingID", "other")])));
    for answer in within("40 calls to an endless server", Duration::from_secs(30), calls).await {
        answer.assert_failed("internalError", "Unable to access meeting on server.");
    }
    let used = api.service.peak_memory_mib();
    assert!(used < 500, "{used} MiB");
    assert_sound(&mut api).await;
}
