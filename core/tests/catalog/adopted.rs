//! A database as Scalelite left it is taken over as it is, and Scalelite could go on with it.

use std::time::Duration;

use scalelite_core::callbacks::CallbackAttributes;
use scalelite_core::recordings::catalog::{Catalog, MetadataChange};
use scalelite_core::recordings::model::{Filter, Micros};
use scalelite_core::recordings::postgres::PostgresCatalog;
use scalelite_testbed::postgres::PostgresServer;

use crate::given::{any, by_record, ids, import, list, metadata, new, one};

/// What Rails makes of the newest schema, and rows of a site that came by all migrations.
const ORIGINAL: &str = include_str!("adopted.sql");
/// The statements by which Scalelite's own code imports a recording.
const GOES_ON: &str = include_str!("goes_on.sql");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn is_served_and_stays_usable() {
    let server = PostgresServer::start();
    server.psql(ORIGINAL);
    let catalog = PostgresCatalog::new(&server.url(), 2).unwrap();
    assert_eq!(catalog.migrate().await.unwrap().len(), 4);
    assert_eq!(server.psql("SELECT count(*) FROM schema_migrations"), "6");

    assert_eq!(ids(&catalog, &any()).await, ["rec-new", "rec-old", "rec-bare"]);
    assert_eq!(catalog.page(&any(), 1, 1).await.unwrap().total, 3);
    let old = one(&catalog, "rec-old").await;
    assert!(!old.protected && old.published);
    assert_eq!(old.start, Some(Micros(1_600_000_000_123_000)));
    assert_eq!(old.metadata, metadata(&[("isBreakout", "false"), ("empty", "")]));
    assert_eq!(old.formats[0].thumbnails.len(), 2);
    let bare = one(&catalog, "rec-bare").await;
    assert_eq!((bare.published, bare.protected, bare.state, bare.start), (false, false, None, None));
    assert_eq!(ids(&catalog, &Filter::default()).await, ["rec-new", "rec-old"]);

    let ready = |url: &str| CallbackAttributes {
        recording_ready_url: Some(url.to_owned()),
        ..CallbackAttributes::default()
    };
    assert_eq!(
        catalog.callbacks_of("m-tagged", None).await.unwrap(),
        Some(ready("https://tagged.example.com/"))
    );
    let both = CallbackAttributes {
        analytics_callback_url: Some("https://analytics.example.com/".to_owned()),
        ..ready("https://second.example.com/")
    };
    assert_eq!(catalog.callbacks_of("m-twice", None).await.unwrap(), Some(both));

    // What was imported before the change to ours, and is again.
    import(&catalog, new("rec-bare", "m-twice", 1_500_000_000_000)).await;
    assert!(one(&catalog, "rec-bare").await.published);
    let callback = catalog.take_callbacks(10, Duration::from_secs(60)).await.unwrap();
    assert_eq!(callback[0].url, "https://second.example.com/");
    let change = MetadataChange { protect: Some(true), ..MetadataChange::default() };
    assert!(catalog.update(&["rec-old".to_owned()], None, &change).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scalelite_goes_on_with_it() {
    let server = PostgresServer::start();
    let catalog = PostgresCatalog::new(&server.url(), 2).unwrap();
    catalog.migrate().await.unwrap();
    import(&catalog, new("ours", "m", 1_700_000_000_000)).await;
    server.psql(GOES_ON);
    assert_eq!(ids(&catalog, &any()).await, ["theirs", "ours"]);
    assert_eq!(catalog.page(&Filter::default(), 0, 10).await.unwrap().total, 2);
    server.psql(
        r#"UPDATE "recordings" SET "published" = FALSE, "state" = 'unpublished', "publish_updated" = TRUE WHERE "recordings"."record_id" = 'theirs';
           DELETE FROM "metadata" WHERE "metadata"."key" = 'k'"#,
    );
    let theirs = list(&catalog, &by_record(&["theirs"])).await;
    assert_eq!((theirs[0].state.as_deref(), theirs[0].metadata.len()), (Some("unpublished"), 0));
    server.psql(r#"DELETE FROM "recordings" WHERE "recordings"."record_id" = 'ours'"#);
    let page = catalog.page(&any(), 0, 10).await.unwrap();
    assert_eq!((page.total, page.recordings.len()), (1, 1));
    server.psql("TRUNCATE recordings");
    assert_eq!(catalog.page(&any(), 0, 10).await.unwrap().total, 0);
}
