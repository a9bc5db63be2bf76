//! `db:setup`, `db:migrate`, and what tasks say of a database that cannot be used.

use std::time::Duration;

use scalelite_system_tests::process::Service;
use scalelite_system_tests::site::Site;
use scalelite_system_tests::store::Mode;
use scalelite_testbed::postgres::PostgresServer;

use crate::playback::given::{Given, Library};

const DATABASE: (&str, &str) = ("DB_DISABLED", "");
const UP_TO_DATE: &str = "The database is up to date\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_embedded_one_is_set_up() {
    let site = Site::start(Mode::Embedded, 0).await;
    let task = |words: &[&str]| site.task_with(words, &[DATABASE], "");
    let pending = task(&["recordings:list"]).failed();
    assert_eq!(pending, "ERROR: migrations are pending: run `scalelite db:migrate`\n");
    let out = task(&["db:setup"]).clean();
    assert!(out.starts_with("Migrated: ") && out.ends_with(UP_TO_DATE), "{out}");
    assert_eq!(task(&["recordings:list", "--json"]).clean(), "[]\n");
    let disabled = site.task_with(&["db:migrate"], &[], "").failed();
    assert_eq!(disabled, "ERROR: there is no database of recordings: DB_DISABLED is set\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_not_there_is_made() {
    let server = PostgresServer::start();
    let site = Site::start(Mode::Embedded, 0).await;
    let url = server.url_of("a%20%22new%22%20one");
    let task = |words: &[&str]| site.task_with(words, &[DATABASE, ("DATABASE_URL", &url)], "");
    let missing = task(&["recordings:list"]).failed();
    assert!(missing.contains("does not exist"), "{missing}");
    assert!(missing.ends_with(". `scalelite db:setup` makes it.\n"), "{missing}");
    assert!(task(&["db:migrate"]).failed().contains("does not exist"), "it migrates, and makes nothing");
    let out = task(&["db:setup"]).clean();
    assert!(
        out.starts_with("Created database 'a \"new\" one'\nMigrated: ") && out.ends_with(UP_TO_DATE),
        "{out}"
    );
    assert_eq!(task(&["recordings:list", "--json"]).clean(), "[]\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_one_is_left_alone() {
    let server = PostgresServer::start();
    for library in [
        Library::start(Mode::Embedded, &[("DATABASE_URL", &server.url())]).await,
        Library::start(Mode::Embedded, &[]).await,
    ] {
        library.add(Given::default()).await;
        for task in ["db:setup", "db:migrate", "db:create", "db:schema:load", "db:prepare"] {
            assert_eq!(library.task(&[task]).clean(), UP_TO_DATE, "{task}");
        }
        assert!(library.task(&["recordings:show", "r-1"]).clean().starts_with("id: r-1\n"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_away_is_waited_for() {
    let mut server = PostgresServer::start();
    let library = Library::start(Mode::Embedded, &[("DATABASE_URL", &server.url())]).await;
    server.stop();
    for task in ["recordings:list", "recordings:update", "recordings:delete[a]"] {
        let err = library.task(&[task]).failed();
        assert!(err.starts_with("ERROR: the database: "), "{err}");
        assert!(err.ends_with("Is it running, and is DATABASE_URL right?\n"), "{err}");
    }
    let mut env = library.env();
    env.push(("DB_CONNECTION_RETRY_COUNT".to_owned(), "1".to_owned()));
    let mut given_up = Service::start("scalelite", &["db:migrate"], library.site.dir(), &env);
    let status = given_up.exit(Duration::from_secs(30)).await;
    assert_eq!(status.code(), Some(1));
    assert_eq!(given_up.log().matches("; trying again").count(), 1, "{}", given_up.log());

    env.pop();
    env.push(("DB_CONNECTION_RETRY_COUNT".to_owned(), "1000".to_owned()));
    let mut waits = Service::start("scalelite", &["db:setup"], library.site.dir(), &env);
    waits.logged("; trying again").await;
    server.start_again();
    assert_eq!(waits.exit(Duration::from_secs(30)).await.code(), Some(0), "{}", waits.log());
}
