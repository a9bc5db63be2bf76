//! Empty databases are brought to the schema, by any number of processes.

use scalelite_core::recordings::catalog::{Catalog, CatalogError};
use scalelite_core::recordings::postgres::PostgresCatalog;
use scalelite_core::recordings::sqlite::SqliteCatalog;
use scalelite_testbed::postgres::PostgresServer;

use crate::given::{ids, import, new};

const ALL: [&str; 4] = ["0001_recordings", "0002_beyond", "0003_audit", "0004_usage"];

async fn once_among_many(catalogs: Vec<Box<dyn Catalog>>) {
    let pending = catalogs[0].check().await;
    assert!(matches!(pending, Err(CatalogError::MigrationsPending)), "{pending:?}");
    let results = futures_util::future::join_all(catalogs.iter().map(|catalog| catalog.migrate())).await;
    let mut applied: Vec<String> = results.into_iter().flat_map(Result::unwrap).collect();
    applied.sort();
    assert_eq!(applied, ALL);
    for catalog in &catalogs {
        catalog.check().await.unwrap();
    }
    import(&*catalogs[0], new("a", "m", 1)).await;
    assert!(catalogs[1].migrate().await.unwrap().is_empty());
    assert_eq!(ids(&*catalogs[1], &crate::given::any()).await, ["a"], "data stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_once_among_many() {
    let server = PostgresServer::start();
    let catalog = || Box::new(PostgresCatalog::new(&server.url(), 1).unwrap()) as Box<dyn Catalog>;
    once_among_many((0..6).map(|_| catalog()).collect()).await;
    let versions = server.psql("SELECT string_agg(version, ' ' ORDER BY version) FROM schema_migrations");
    assert_eq!(
        versions,
        "20181123180008 20210425184558 20210630205630 20210725200414 20221111194252 20230627141045"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_once_among_many() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/recordings.sqlite3");
    let open = (0..6).map(|_| SqliteCatalog::open(&path));
    let opened = futures_util::future::join_all(open).await;
    once_among_many(opened.into_iter().map(|one| Box::new(one.unwrap()) as Box<dyn Catalog>).collect()).await;
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_goes_and_comes_back() {
    let mut server = PostgresServer::start();
    let catalog = PostgresCatalog::new(&server.url(), 1).unwrap();
    catalog.migrate().await.unwrap();
    import(&catalog, new("a", "m", 1)).await;
    server.stop();
    let away = catalog.check().await.unwrap_err();
    assert!(away.is_passing(), "{away}");
    server.start_again();
    // A connection that was used a moment ago is lost without notice, once.
    let _ = catalog.check().await;
    catalog.check().await.unwrap();
    import(&catalog, new("b", "m", 2)).await;
    assert_eq!(ids(&catalog, &crate::given::any()).await, ["b", "a"]);
}
