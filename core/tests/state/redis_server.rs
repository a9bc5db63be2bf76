//! A `redis-server` of one's own: started in a directory that goes with it, ended on drop.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use scalelite_testbed::ports;
use tempfile::TempDir;

/// How long anything may take that takes a moment.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// A running Redis. Whatever it is for, it also listens on a socket in its own directory.
pub(crate) struct RedisServer {
    dir: TempDir,
    child: Child,
    args: Vec<String>,
}

impl RedisServer {
    /// On a Unix socket only.
    pub(crate) async fn start() -> Self {
        let dir = TempDir::new().unwrap();
        let args = arguments(dir.path(), ["--port", "0"]);
        Self::start_in(dir, args).await.expect("redis-server starts")
    }

    /// Also on a TCP port of this host; `further` makes the arguments for the ports it is given: one for
    /// clients, one for the cluster's nodes. Tried again where another process was faster to a port.
    pub(crate) async fn start_on_port(further: impl Fn(&Path, u16, u16) -> Vec<String>) -> (Self, u16) {
        for _ in 0..10 {
            let dir = TempDir::new().unwrap();
            let [port, other] = ports::free();
            let args = arguments(dir.path(), further(dir.path(), port, other));
            if let Some(server) = Self::start_in(dir, args).await {
                return (server, port);
            }
        }
        panic!("redis-server finds no free port");
    }

    /// As a Sentinel that watches no master yet.
    pub(crate) async fn start_sentinel() -> (Self, u16) {
        Self::start_on_port(|dir, port, _| {
            // A Sentinel writes to its configuration.
            let file = dir.join("sentinel.conf");
            std::fs::write(&file, format!("port {port}\n")).unwrap();
            vec![file.display().to_string(), "--sentinel".to_owned()]
        })
        .await
    }

    /// None if it ends at once.
    async fn start_in(dir: TempDir, args: Vec<String>) -> Option<Self> {
        let child = spawn(&args);
        let mut server = Self { dir, child, args };
        server.ready().await.then_some(server)
    }

    /// Its socket as a `REDIS_URL`.
    pub(crate) fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("redis.sock")
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A connection for raw commands.
    pub(crate) async fn connection(&self) -> MultiplexedConnection {
        connect(&self.url()).await.unwrap()
    }

    /// Sends a signal by its name, as `kill` does.
    pub(crate) fn signal(&self, name: &str) {
        let done = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        assert!(done.unwrap().success());
    }

    /// Kills it, as a crash would.
    pub(crate) fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again where it was, empty.
    pub(crate) async fn start_again(&mut self) {
        self.child = spawn(&self.args);
        assert!(self.ready().await, "redis-server starts again");
    }

    /// Waits until it answers; false if it has ended.
    async fn ready(&mut self) -> bool {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Ok(mut connection) = connect(&self.url()).await
                && redis::cmd("PING").query_async::<String>(&mut connection).await.is_ok()
            {
                return true;
            }
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            assert!(Instant::now() < deadline, "redis-server does not answer");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        // Where it has ended by itself, there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What all servers are told, after the arguments of each (a file of configuration must come first).
fn arguments<T: Into<String>>(dir: &Path, further: impl IntoIterator<Item = T>) -> Vec<String> {
    let in_dir = |name: &str| dir.join(name).display().to_string();
    let (socket, log, place) = (in_dir("redis.sock"), in_dir("redis.log"), dir.display().to_string());
    let mut args: Vec<String> = further.into_iter().map(Into::into).collect();
    for (name, value) in [
        ("--unixsocket", socket.as_str()),
        ("--logfile", &log),
        ("--dir", &place),
        ("--bind", "127.0.0.1"),
        ("--save", ""),
        ("--appendonly", "no"),
        ("--daemonize", "no"),
    ] {
        args.extend([name.to_owned(), value.to_owned()]);
    }
    args
}

fn spawn(args: &[String]) -> Child {
    let child = Command::new("redis-server").args(args).stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    child.unwrap_or_else(|error| {
        panic!("these tests need redis-server (Debian and Ubuntu: apt-get install redis-server): {error}")
    })
}

async fn connect(url: &str) -> redis::RedisResult<MultiplexedConnection> {
    redis::Client::open(url)?.get_multiplexed_async_connection().await
}

/// Waits until the condition holds.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let deadline = Instant::now() + DEADLINE;
    while !holds().await {
        assert!(Instant::now() < deadline, "not within {DEADLINE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
