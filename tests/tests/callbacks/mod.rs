//! What servers tell, and what front ends get to know of it (CONTRACT §7).

mod analytics;
mod ends;
mod lrs;
mod outage;

use std::time::Duration;

use scalelite_system_tests::site::Poller;
use scalelite_system_tests::store::Mode;
use scalelite_testbed::postgres::PostgresServer;

use crate::playback::given::Library;

/// The grace of an end, and then some.
pub(crate) const SOON: Duration = Duration::from_secs(40);

/// A site with so many servers and a database, which may be PostgreSQL's.
pub(crate) struct Place {
    pub(crate) library: Library,
    /// Ends with it.
    database: Option<PostgresServer>,
}

impl Place {
    pub(crate) async fn start(mode: Mode, servers: usize, changes: &[(&str, &str)]) -> Self {
        let database = (mode == Mode::Redis).then(PostgresServer::start);
        let url = database.as_ref().map(PostgresServer::url);
        let mut all = vec![("CALLBACK_ALLOW_PRIVATE", "true")];
        all.extend(url.as_deref().map(|url| ("DATABASE_URL", url)));
        all.extend_from_slice(changes);
        Self { library: Library::start_with(mode, servers, &all).await, database }
    }

    /// A poller: it sends the callbacks.
    pub(crate) async fn poller(&self) -> Poller {
        let env = self.library.env();
        let changes: Vec<_> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut changes = changes;
        changes.push(("DB_DISABLED", ""));
        self.library.site.poller_with(&changes).await
    }
}
