//! Connections to the stores, looked at when they are asked for.

use parking_lot::Mutex;

use super::{DATABASE_CONNECTIONS, DATABASE_LIMIT, REDIS_BUSY, REDIS_CONNECTIONS};

/// What uses connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// The live state in Redis.
    Redis,
    /// The recordings' database in PostgreSQL.
    Postgres,
    /// The embedded database of recordings.
    RecordingsSqlite,
    /// The embedded live state.
    LiveSqlite,
}

/// Its connections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Connections {
    /// How many there are.
    pub open: u64,
    /// How many of them (of Redis: how many operations) are at work.
    pub used: u64,
    /// How many there may be.
    pub most: u64,
}

/// Looks at the connections of one store; none: it is gone.
type Look = Box<dyn Fn() -> Option<Connections> + Send>;

static STORES: Mutex<Vec<(Store, Look)>> = Mutex::new(Vec::new());

/// Has the connections of a store told from now on, for as long as `look` finds them.
pub fn watch(store: Store, look: impl Fn() -> Option<Connections> + Send + 'static) {
    let mut stores = STORES.lock();
    stores.retain(|(_, look)| look().is_some());
    stores.push((store, Box::new(look)));
}

/// Looks at all of them; those of one kind are added up.
pub(super) fn collect() {
    let mut found: Vec<(Store, Connections)> = Vec::new();
    STORES.lock().retain(|(store, look)| {
        let Some(seen) = look() else { return false };
        match found.iter_mut().find(|(known, _)| known == store) {
            Some((_, sum)) => {
                sum.open += seen.open;
                sum.used += seen.used;
                sum.most += seen.most;
            }
            None => found.push((*store, seen)),
        }
        true
    });
    for (store, seen) in found {
        tell(store, seen);
    }
}

fn tell(store: Store, Connections { open, used, most }: Connections) {
    let database = match store {
        Store::Redis => {
            metrics::gauge!(REDIS_CONNECTIONS).set(open as f64);
            metrics::gauge!(REDIS_BUSY).set(used as f64);
            return;
        }
        Store::Postgres => "postgres",
        Store::RecordingsSqlite => "recordings_sqlite",
        Store::LiveSqlite => "live_sqlite",
    };
    metrics::gauge!(DATABASE_CONNECTIONS, "database" => database, "state" => "used").set(used as f64);
    let idle = open.saturating_sub(used);
    metrics::gauge!(DATABASE_CONNECTIONS, "database" => database, "state" => "idle").set(idle as f64);
    metrics::gauge!(DATABASE_LIMIT, "database" => database).set(most as f64);
}
