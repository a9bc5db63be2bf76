//! Callback URLs and the outbox.

use std::time::{Duration, Instant};

use scalelite_core::callbacks::{Analytics, Backlog, CallbackAttributes, DueCallback, Message};
use scalelite_core::recordings::catalog::Catalog;

use crate::given::{import, metadata, new};

const HOLD: Duration = Duration::from_secs(60);

fn ready(url: &str) -> CallbackAttributes {
    CallbackAttributes { recording_ready_url: Some(url.to_owned()), ..CallbackAttributes::default() }
}

async fn take_one(catalog: &dyn Catalog) -> DueCallback {
    let begun = Instant::now();
    loop {
        let mut taken = catalog.take_callbacks(1, HOLD).await.unwrap();
        if let Some(callback) = taken.pop() {
            return callback;
        }
        assert!(begun.elapsed() < HOLD, "no callback becomes due");
    }
}

pub(crate) async fn remembered_bit_by_bit(catalog: &dyn Catalog) {
    let analytics = CallbackAttributes {
        analytics_callback_url: Some("https://a/".to_owned()),
        ..CallbackAttributes::default()
    };
    catalog.remember_callbacks("m", &analytics).await.unwrap();
    catalog.remember_callbacks("m", &ready("https://r/")).await.unwrap();
    catalog.remember_callbacks("m", &ready("https://s/?a=1&b='%")).await.unwrap();
    catalog.remember_callbacks("n", &ready("https://n/")).await.unwrap();
    let both = CallbackAttributes {
        analytics_callback_url: analytics.analytics_callback_url,
        ..ready("https://s/?a=1&b='%")
    };
    assert_eq!(catalog.callbacks_of("m", None).await.unwrap(), Some(both));
}

pub(crate) async fn of_no_meeting(catalog: &dyn Catalog) {
    catalog.remember_callbacks("m", &ready("https://r/")).await.unwrap();
    assert_eq!(catalog.callbacks_of("M", None).await.unwrap(), None);
    import(catalog, new("a", "other", 1)).await;
    assert!(catalog.take_callbacks(10, HOLD).await.unwrap().is_empty());
}

pub(crate) async fn an_import_queues_one(catalog: &dyn Catalog) {
    catalog.remember_callbacks("m", &ready("https://r/")).await.unwrap();
    let mut recording = new("a", "m", 1);
    recording.metadata = metadata(&[("tenant-id", "t1")]);
    import(catalog, recording).await;
    let callback = take_one(catalog).await;
    assert_eq!(callback.url, "https://r/");
    assert_eq!(callback.meeting_id, "m");
    assert_eq!(callback.message, Message::RecordingReady { record_id: "a".to_owned() });
    assert_eq!((callback.tenant_id.as_deref(), callback.failures), (Some("t1"), 0));
    assert!(callback.age < HOLD);
    assert!(catalog.take_callbacks(10, HOLD).await.unwrap().is_empty());
}

pub(crate) async fn taken_by_one_at_a_time(catalog: &dyn Catalog) {
    catalog.remember_callbacks("m", &ready("https://r/")).await.unwrap();
    for number in 0..20 {
        import(catalog, new(&format!("{number}"), "m", number)).await;
    }
    let takes = (0..8).map(|_| catalog.take_callbacks(5, HOLD));
    let taken = futures_util::future::join_all(takes).await;
    let mut taken: Vec<String> = taken
        .into_iter()
        .flat_map(Result::unwrap)
        .map(|callback| format!("{:?}", callback.message))
        .collect();
    taken.sort();
    taken.dedup();
    assert_eq!(taken.len(), 20);
}

pub(crate) async fn put_off_and_done(catalog: &dyn Catalog) {
    assert_eq!(catalog.backlog().await.unwrap(), Backlog::default());
    catalog.remember_callbacks("m", &ready("https://r/")).await.unwrap();
    import(catalog, new("a", "m", 1)).await;
    let first = take_one(catalog).await;
    catalog.callback_failed(first.id, Duration::ZERO).await.unwrap();
    let second = take_one(catalog).await;
    assert_eq!((second.id, second.failures), (first.id, 1));
    catalog.callback_postponed(first.id, Duration::ZERO).await.unwrap();
    assert_eq!(take_one(catalog).await.failures, 1);
    catalog.callback_failed(first.id, HOLD).await.unwrap();
    assert!(catalog.take_callbacks(10, HOLD).await.unwrap().is_empty());
    let backlog = catalog.backlog().await.unwrap();
    assert_eq!(backlog.pending, 1, "due or not");
    assert!(backlog.oldest > Duration::ZERO && backlog.oldest < HOLD, "{backlog:?}");
    catalog.callback_postponed(first.id, Duration::ZERO).await.unwrap();
    catalog.callback_done(take_one(catalog).await.id).await.unwrap();
    catalog.callback_postponed(first.id, Duration::ZERO).await.unwrap();
    assert_eq!(catalog.backlog().await.unwrap(), Backlog::default());
    assert!(catalog.take_callbacks(10, HOLD).await.unwrap().is_empty());
}

pub(crate) async fn each_tenant_has_its_own(catalog: &dyn Catalog) {
    let of = |tenant: &str| CallbackAttributes {
        tenant_id: Some(tenant.to_owned()),
        ..ready(&format!("https://{tenant}/"))
    };
    for tenant in ["a", "b", "a"] {
        catalog.remember_callbacks("m", &of(tenant)).await.unwrap();
    }
    assert_eq!(catalog.callbacks_of("m", Some("a")).await.unwrap(), Some(of("a")));
    assert_eq!(catalog.callbacks_of("m", Some("c")).await.unwrap(), None);
    assert_eq!(catalog.callbacks_of("m", None).await.unwrap(), None);
    for tenant in ["a", "c"] {
        let mut recording = new(&format!("of-{tenant}"), "m", 1);
        recording.metadata = metadata(&[("tenant-id", tenant)]);
        import(catalog, recording).await;
    }
    let callback = take_one(catalog).await;
    assert_eq!(callback.url, "https://a/");
    assert_eq!(callback.message, Message::RecordingReady { record_id: "of-a".to_owned() });
    assert!(catalog.take_callbacks(10, HOLD).await.unwrap().is_empty());
}

pub(crate) async fn analytics_wait_with_their_text(catalog: &dyn Catalog) {
    let body = format!("{{\"meeting_id\":\"m\",\"x\":\"ü{}\"}}", "y".repeat(100_000));
    let analytics = Analytics { url: "https://a/", meeting_id: "m", tenant_id: Some("t1"), body: &body };
    catalog.queue_analytics(&analytics).await.unwrap();
    let due = take_one(catalog).await;
    assert_eq!((due.url.as_str(), due.meeting_id.as_str()), ("https://a/", "m"));
    assert_eq!(due.tenant_id.as_deref(), Some("t1"));
    assert_eq!(due.message, Message::Analytics { bytes: body.len() });
    assert_eq!(catalog.callback_body(due.id).await.unwrap().as_ref(), Some(&body));
    catalog.callback_done(due.id).await.unwrap();
    assert_eq!(catalog.callback_body(due.id).await.unwrap(), None);
}
