//! The live state of a test's installation, as the processes use it and as the test looks at it.

use std::path::Path;
use std::sync::Arc;

use scalelite_core::config::Config;
use scalelite_core::startup;
use scalelite_core::state::LiveState;

use crate::process::Env;
use crate::redis_server::RedisServer;

/// Where the live state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// In Redis.
    Redis,
    /// In SQLite, in the data directory.
    Embedded,
}

/// A live state of the test's own.
#[derive(Debug)]
pub struct Store {
    /// The Redis, if it is in Redis.
    pub redis: Option<RedisServer>,
    /// The state itself, through the same code that the processes use.
    pub state: Arc<dyn LiveState>,
    env: Env,
}

impl Store {
    /// An empty one, with everything of it in `dir`.
    pub async fn start(mode: Mode, dir: &Path) -> Self {
        let redis = match mode {
            Mode::Redis => Some(RedisServer::start(dir).await),
            Mode::Embedded => None,
        };
        let data_dir = dir.join("data");
        std::fs::create_dir_all(&data_dir).expect("the test's directory can be written");
        let mut env = vec![("SCALELITE_DATA_DIR".to_owned(), data_dir.display().to_string())];
        env.extend(redis.iter().map(|redis| ("REDIS_URL".to_owned(), redis.url())));
        let source = |name: &str| env.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let config = Config::from_source(&source).expect("the test's configuration is good").config;
        let state = startup::open_state(&config, 1).await.expect("the live state opens");
        Self { redis, state, env }
    }

    /// The environment that points a process here.
    #[must_use]
    pub fn env(&self) -> &[(String, String)] {
        &self.env
    }

    /// The Redis of a test that only runs in that mode.
    #[must_use]
    pub fn redis(&self) -> &RedisServer {
        self.redis.as_ref().expect("the test runs on Redis")
    }
}
