//! A Redis of the test's own that can be stopped and started again.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use redis::aio::MultiplexedConnection;

use crate::wait::eventually;

const LIMIT: Duration = Duration::from_secs(20);

/// `redis-server` on a Unix socket. Its data survives [`stop`](Self::stop).
#[derive(Debug)]
pub struct RedisServer {
    dir: PathBuf,
    child: Option<Child>,
}

impl RedisServer {
    /// Starts it, with its socket and data in `dir`.
    pub async fn start(dir: &Path) -> Self {
        let mut server = Self { dir: dir.to_owned(), child: None };
        server.start_again().await;
        server
    }

    /// Starts it after [`stop`](Self::stop), with the same socket and data.
    pub async fn start_again(&mut self) {
        let log = std::fs::File::create(self.dir.join("redis.log")).expect("the directory can be written");
        let child = Command::new("redis-server")
            .args(["--port", "0", "--save", "3600 1", "--unixsocket"])
            .arg(self.socket())
            .arg("--dir")
            .arg(&self.dir)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("these tests need redis-server (apt install redis-server): {error}")
            });
        self.child = Some(child);
        eventually("redis-server answers", LIMIT, async || {
            let mut connection = self.connect().await?;
            redis::cmd("PING").query_async::<String>(&mut connection).await.ok()
        })
        .await;
    }

    /// Ends it with SIGTERM: it saves its data and removes its socket.
    pub async fn stop(&mut self) {
        let mut child = self.child.take().expect("it runs");
        let id = child.id().to_string();
        let sent = Command::new("sh").args(["-c", "kill -s TERM \"$0\"", &id]).status();
        assert!(sent.is_ok_and(|status| status.success()), "redis-server can be sent SIGTERM");
        eventually("redis-server ends", LIMIT, async || child.try_wait().expect("a child can be waited for"))
            .await;
    }

    /// Its URL, for `REDIS_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// Its socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.dir.join("redis.sock")
    }

    async fn connect(&self) -> Option<MultiplexedConnection> {
        let client = redis::Client::open(self.url()).expect("the URL is good");
        client.get_multiplexed_async_connection().await.ok()
    }

    /// Runs one command, given by its words.
    pub async fn run<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let mut connection = self.connect().await.expect("Redis answers");
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        command.query_async(&mut connection).await.unwrap_or_else(|error| panic!("{words:?}: {error}"))
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
