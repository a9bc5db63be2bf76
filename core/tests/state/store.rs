//! The stores that the contract runs on.

use std::any::Any;
use std::sync::Arc;

use scalelite_core::config::RedisConfig;
use scalelite_core::state::LiveState;
use scalelite_core::state::redis::RedisState;
use scalelite_core::state::sqlite::SqliteState;
use tempfile::TempDir;

use crate::redis_server::RedisServer;

/// A new, empty store and two handles to it, which know of each other no more than two processes do.
pub(crate) struct Store {
    pub(crate) a: Arc<dyn LiveState>,
    pub(crate) b: Arc<dyn LiveState>,
    /// Ends with the store.
    _place: Box<dyn Any + Send + Sync>,
}

pub(crate) async fn sqlite() -> Store {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("live.sqlite");
    let a = Arc::new(SqliteState::open(&path).await.unwrap());
    let b = Arc::new(SqliteState::open(&path).await.unwrap());
    Store { a, b, _place: Box::new(dir) }
}

pub(crate) async fn redis() -> Store {
    let server = RedisServer::start().await;
    let a = Arc::new(redis_state(&server.url()));
    let b = Arc::new(redis_state(&server.url()));
    Store { a, b, _place: Box::new(server) }
}

/// The state at this `REDIS_URL`, in the usual namespace.
pub(crate) fn redis_state(url: &str) -> RedisState {
    redis_state_in(url, "scalelite")
}

pub(crate) fn redis_state_in(url: &str, namespace: &str) -> RedisState {
    let config = RedisConfig {
        url: url.into(),
        topology: url.parse().unwrap(),
        namespace: namespace.to_owned(),
        pool: 2,
    };
    RedisState::new(&config, 2).unwrap()
}
