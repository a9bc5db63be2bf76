//! Uploads that are refused, with a clear error, and leave nothing.

use std::fs;

use jsonwebtoken::Algorithm;
use reqwest::Method;
use scalelite_core::pool::server::AdminState;
use scalelite_system_tests::client;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::signature::SECRET;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wire;
use serde_json::json;

use super::sender::{PATH, Sender, offset, sign};
use super::{QUICK, RECORD, in_spool, names};
use crate::playback::given::Library;

in_both_modes!(only_a_server_that_is_known_gets_in);

fn told(answer: &scalelite_system_tests::answer::Answer) -> String {
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{answer:?}"));
    body["error"].as_str().unwrap().to_owned()
}

async fn only_a_server_that_is_known_gets_in(mode: Mode) {
    let library = Library::start_with(mode, 2, &QUICK).await;
    let api = library.api().await;
    let secret = library.site.sim(1).secret().to_owned();
    let sender = Sender::new(&format!("{RECORD}.tar"), b"content", &secret);
    let (claims, hs512) = (sender.claims(), Algorithm::HS512);
    let with = |name: &str, value: serde_json::Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        sign(&claims, &secret, hs512)
    };
    let exp = claims["exp"].as_i64().unwrap();
    let create = |token: Option<String>| {
        let request = api.request(Method::POST, PATH).header("Tus-Resumable", "1.0.0");
        let request = request.header("Upload-Length", 7).header("Upload-Metadata", sender.metadata());
        client::answer(match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
    };
    for wrong in [
        None,
        Some(String::new()),
        Some("a.b.c".to_owned()),
        Some(sign(&claims, SECRET, hs512)),
        Some(sign(&claims, "", hs512)),
        Some(sign(&claims, &secret, Algorithm::HS256)),
        Some(with("exp", (exp - 3600).into())),
        Some(with("exp", (exp + 7200).into())),
        Some(with("exp", json!(null))),
        Some(with("sha256", "AB".repeat(32).into())),
        Some(with("length", (-7).into())),
    ] {
        let refused = create(wrong.clone()).await;
        assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some("Bearer")), "{wrong:?}");
        assert!(told(&refused).contains("secret of a server"), "{refused:?}");
    }
    for other in
        [with("sub", "other.tar".into()), with("length", 8.into()), with("sha256", "ab".repeat(32).into())]
    {
        assert_eq!(create(Some(other)).await.status, 403);
    }
    assert_eq!(in_spool(&library), (vec![], vec![]));
    assert!(names(&library.site.dir().join("spool")).is_empty());

    // A server that is out of use still has recordings to send.
    library.site.set_state(1, AdminState::Disabled).await;
    assert_eq!(create(Some(sender.token())).await.status, 201);
    // Nobody else's token opens it, not even one for a file of another content.
    let other = Sender::new(&sender.name, b"another", &secret);
    assert_eq!(other.head(&api).await.status, 404);
    assert_eq!(other.delete(&api).await.status, 404);
    assert_eq!(other.patch(&api, 0, b"another").await.status, 404);
    let other = Sender::new("other.tar", b"content", &secret);
    let request = api.request(Method::HEAD, &sender.path()).header("Tus-Resumable", "1.0.0");
    assert_eq!(client::answer(request.bearer_auth(other.token())).await.status, 403);
    assert_eq!(sender.delete(&api).await.status, 204);
    assert_eq!(in_spool(&library), (vec![], vec![]));
    assert_eq!(sender.head(&api).await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_told_and_leaves_nothing() {
    let library = Library::start_with(Mode::Embedded, 1, &QUICK).await;
    let api = library.api_with(&[("RECORDING_UPLOAD_MAX_BYTES", "5000000")]).await;
    let secret = library.site.sim(0).secret().to_owned();
    let nothing = (vec![], vec![]);
    assert_eq!(api.send(Method::OPTIONS, "/scalelite/spool").await.status, 204);
    let options = api.send(Method::OPTIONS, PATH).await;
    assert_eq!(
        (options.status, options.header("tus-max-size"), options.header("tus-version")),
        (204, Some("5000000"), Some("1.0.0"))
    );

    // Hostile names, and files that are too large.
    for name in ["../x.tar", ".x.tar", "a/b.tar", "x.txt", "x.json", "", "x y.tar", "x.tar.part"] {
        let refused = Sender::new(name, b"content", &secret).create(&api).await;
        assert_eq!(refused.status, 400, "{name}: {refused:?}");
        assert!(told(&refused).contains("name"), "{name}: {refused:?}");
    }
    let large = Sender::new("large.tar", &vec![0; 5_000_001], &secret).create(&api).await;
    assert_eq!(large.status, 413);
    assert!(told(&large).contains("RECORDING_UPLOAD_MAX_BYTES is 5000000"), "{large:?}");
    assert_eq!(Sender::new("none.tar", b"", &secret).create(&api).await.status, 400);
    assert_eq!(in_spool(&library), nothing);

    // Another hash than was told.
    let mut sender = Sender::new("r-1.tar", &vec![7; 3_000_000], &secret);
    sender.sha256 = "ab".repeat(32);
    for pieces in [&[3_000_000][..], &[1_500_000, 1_500_000]] {
        assert_eq!(sender.create(&api).await.status, 201);
        let mut at = 0;
        for piece in pieces {
            let answer = sender.patch(&api, at, &sender.content[at..at + piece]).await;
            at += piece;
            if at < sender.content.len() {
                assert_eq!((answer.status, offset(&answer)), (204, Some(at)));
            } else {
                assert_eq!(answer.status, 460, "{answer:?}");
                assert!(told(&answer).contains("hash"), "{answer:?}");
            }
        }
        assert_eq!(in_spool(&library), nothing);
        assert_eq!(sender.head(&api).await.status, 404);
    }

    // A body that is too long, whether it says so or not.
    let sender = Sender::new("r-2.tar", &vec![7; 3_000_000], &secret);
    assert_eq!(sender.create(&api).await.status, 201);
    assert_eq!(sender.patch(&api, 0, &sender.content[..1000]).await.status, 204);
    let long = vec![7; 3_000_000];
    let refused = sender.patch_request(&api, 1000, &long).send().await;
    assert!(refused.is_err() || refused.is_ok_and(|refused| refused.status() == 413));
    let chunk = format!("{:x}\r\n{}\r\n0\r\n\r\n", long.len(), "x".repeat(long.len()));
    let length = format!("Content-Length: {}", sender.content.len() - 1000);
    let head = sender.patch_head(1000).replace(&length, "Transfer-Encoding: chunked");
    let refused = wire::exchange(api.base(), format!("{head}{chunk}").as_bytes()).await;
    assert!(wire::status(&refused) == Some(413) && refused.contains("2999000 bytes"), "{refused}");
    assert_eq!(offset(&sender.head(&api).await), Some(1000), "what was good is kept");
    let part = library.site.dir().join("spool/.uploads/r-2.tar.part");
    assert_eq!(fs::metadata(part).unwrap().len(), 1000);

    // Not where it is, not as tus has it.
    let elsewhere = sender.patch(&api, 5, b"x").await;
    assert_eq!((elsewhere.status, offset(&elsewhere)), (409, Some(1000)));
    let plain = sender.patch_request(&api, 1000, b"x").headers(
        [(reqwest::header::CONTENT_TYPE, reqwest::header::HeaderValue::from_static("text/plain"))]
            .into_iter()
            .collect(),
    );
    assert_eq!(client::answer(plain).await.status, 415);
    let old = api.request(Method::HEAD, &sender.path()).bearer_auth(sender.token());
    let old = client::answer(old.header("Tus-Resumable", "0.2.2")).await;
    assert_eq!((old.status, old.header("tus-version")), (412, Some("1.0.0")));
    let get = api.send(Method::GET, &sender.path()).await;
    assert_eq!((get.status, get.header("allow")), (405, Some("HEAD, PATCH, DELETE, OPTIONS")));
    assert_eq!(api.send(Method::GET, &format!("{PATH}a/b")).await.status, 404);

    // A record that was processed anew takes the place of what was begun.
    let anew = Sender::new("r-2.tar", b"the new one", &secret);
    assert_eq!(anew.create(&api).await.status, 201);
    assert_eq!(sender.head(&api).await.status, 404);
    assert_eq!(anew.patch(&api, 0, b"the new one").await.status, 204);
    assert_eq!(fs::read(library.site.dir().join("spool/r-2.tar")).unwrap(), b"the new one");
    // And may be sent again, if that is wanted.
    assert_eq!(anew.delete(&api).await.status, 204);
    assert_eq!(anew.create(&api).await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_there_is_nothing_to_upload_to_it_is_told() {
    let library = Library::start_with(Mode::Embedded, 1, &[]).await;
    let sender = Sender::new("r-1.tar", b"content", library.site.sim(0).secret());
    for (name, value) in
        [("RECORDING_DISABLED", "true"), ("DB_DISABLED", "true"), ("RECORDING_UPLOAD_ENABLED", "false")]
    {
        let api = library.api_with(&[(name, value)]).await;
        let refused = sender.create(&api).await;
        assert_eq!(refused.status, 404, "{name}: {refused:?}");
        assert!(told(&refused).contains(name), "{refused:?}");
    }
    // Nor is there where the disk would become full.
    let api = library.api_with(&[("RECORDING_UPLOAD_MIN_FREE_BYTES", "1000000000000000")]).await;
    std::fs::create_dir_all(library.site.dir().join("spool")).unwrap();
    let refused = sender.create(&api).await;
    assert_eq!(refused.status, 507, "{refused:?}");
    assert_eq!(in_spool(&library), (vec![], vec![]));
}
