//! Live updates.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use reqwest::Method;
use scalelite_core::pool::server::AdminState;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::within;
use serde_json::Value;

use super::{PATH, Visitor, place, site};

/// The messages of one open page.
pub(super) struct Events {
    response: futures_util::stream::BoxStream<'static, String>,
    text: String,
}

impl Events {
    pub(super) async fn of(visitor: &Visitor) -> Self {
        let request = visitor.client.request(Method::GET, &format!("{PATH}/events"));
        let response = request.header("cookie", &visitor.cookie).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        let chunks =
            response.bytes_stream().map(|chunk| String::from_utf8_lossy(&chunk.unwrap()).into_owned());
        Self { response: chunks.boxed(), text: String::new() }
    }

    pub(super) async fn next(&mut self) -> Value {
        within("a message", Duration::from_secs(15), async {
            loop {
                if let Some((event, rest)) = self.text.split_once("\n\n") {
                    let event = event.strip_prefix("data: ").map(|data| serde_json::from_str(data).unwrap());
                    self.text = rest.to_owned();
                    if let Some(event) = event {
                        return event;
                    }
                    continue;
                }
                self.text.push_str(&self.response.next().await.expect("the stream goes on"));
            }
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_reaches_all_open_pages() {
    let (library, api) = site(Mode::Embedded, 2, &[]).await;
    let visitor = Visitor::of(&api).await;
    let mut pages = [Events::of(&visitor).await, Events::of(&visitor).await];
    let digest = |message: &Value, of: &str| message[of].as_str().unwrap().to_owned();
    let page = visitor.page("/").await;
    let mut first = Vec::new();
    for events in &mut pages {
        let hello = events.next().await;
        assert!(page.contains(&format!("data-digest=\"{}\"", digest(&hello, "pool"))), "{hello}");
        first.push(hello);
    }
    library.site.set_state(1, AdminState::Cordoned).await;
    for (events, first) in pages.iter_mut().zip(&first) {
        let message = events.next().await;
        let rows = message["rows"].as_object().unwrap();
        assert_eq!(rows.keys().collect::<Vec<_>>(), ["server-1"]);
        assert!(rows["server-1"].as_str().unwrap().contains("cordoned"));
        assert_ne!(message["pool"], first["pool"]);
        assert_eq!(message["meetings"], first["meetings"]);
    }
    place(&library.site, "room", None, "12345").await;
    let message = pages[0].next().await;
    assert_ne!(message["meetings"], first[0]["meetings"]);
    assert!(visitor.page("/meetings").await.contains(&digest(&message, "meetings")));
    drop(pages);
    assert!(library.site.state().remove_server(&"server-0".into()).await.unwrap());
    let mut later = Events::of(&visitor).await;
    let page = visitor.page("/").await;
    // At first it may be told what was known a moment ago.
    while !page.contains(&digest(&later.next().await, "pool")) {}
    assert!(library.site.state().remove_server(&"server-1".into()).await.unwrap());
    let message = later.next().await;
    assert!(message["rows"].is_null(), "other servers are there now, so the page asks anew: {message}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn open_pages_hold_up_no_end() {
    let (_library, mut api) = site(Mode::Embedded, 1, &[]).await;
    let visitor = Visitor::of(&api).await;
    let mut events = Events::of(&visitor).await;
    events.next().await;
    let begun = Instant::now();
    api.service.signal("TERM");
    assert!(api.service.exit(Duration::from_secs(10)).await.success());
    assert!(begun.elapsed() < Duration::from_secs(10));
}
