//! The operator's tasks on recordings and their database (CONTRACT §12), on both databases.

mod changes;
mod database;
mod listing;
mod terminal;
mod walks;
mod watch;

/// Makes two tests of an async function that takes a [`Library`](crate::playback::given::Library).
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            use scalelite_system_tests::store::Mode;
            use scalelite_testbed::postgres::PostgresServer;

            use crate::playback::given::Library;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(Library::start(Mode::Embedded, &[]).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let database = PostgresServer::start();
                super::$name(Library::start(Mode::Embedded, &[("DATABASE_URL", &database.url())]).await).await;
            }
        }
    )+};
}
pub(crate) use on_both_databases;
