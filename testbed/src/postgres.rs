//! A PostgreSQL of one's own that can be stopped and started again.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Longer than it takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(10);
/// The name of its socket is made of it; it listens nowhere else.
const PORT: &str = "5432";

/// How careful it is with what it is told to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Whatever a crash of the machine does: for tests, and quick.
    None,
    /// As installed: for measurements.
    Full,
}

/// A PostgreSQL with an empty database `scalelite`, on a Unix socket. Its data survives [`stop`](Self::stop).
#[derive(Debug)]
pub struct PostgresServer {
    /// Its directory goes with it, unless it is to be kept.
    _guard: Option<TempDir>,
    dir: PathBuf,
    durability: Durability,
    child: Option<Child>,
}

impl PostgresServer {
    /// Starts one for a test.
    #[must_use]
    pub fn start() -> Self {
        Self::with(Durability::None, &std::env::temp_dir())
    }

    /// Starts one whose files are below `parent`.
    #[must_use]
    pub fn with(durability: Durability, parent: &Path) -> Self {
        let dir = tempfile::Builder::new().prefix("scalelite-pg-").tempdir_in(parent);
        let guard = dir.expect("a temporary directory can be made");
        let dir = guard.path().to_owned();
        Self::on(durability, dir, Some(guard))
    }

    /// Starts one whose files are in `dir` and stay there; what is in it already is its data.
    #[must_use]
    pub fn kept(durability: Durability, dir: &Path) -> Self {
        fs::create_dir_all(dir).expect("its directory can be made");
        Self::on(durability, dir.to_owned(), None)
    }

    fn on(durability: Durability, dir: PathBuf, guard: Option<TempDir>) -> Self {
        owned_by_postgres(&dir);
        if !dir.join("data/PG_VERSION").exists() {
            let copied = as_postgres("cp").arg("-a").arg(template()).arg(dir.join("data")).status();
            assert!(copied.is_ok_and(|status| status.success()), "the data directory can be copied");
        }
        let mut server = Self { _guard: guard, dir, durability, child: None };
        server.start_again();
        server
    }

    /// Starts it after [`stop`](Self::stop), with the same data.
    pub fn start_again(&mut self) {
        let log = fs::File::create(self.dir.join("log")).expect("its directory can be written");
        let mut command = as_postgres(binary("postgres"));
        command.arg("-D").arg(self.dir.join("data")).arg("-k").arg(&self.dir);
        command.args(["-c", "listen_addresses=", "-c", "max_connections=200", "-p", PORT]);
        if self.durability == Durability::None {
            command.args(["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=16MB"]);
        } else {
            command.args(["-c", "shared_buffers=1GB", "-c", "max_wal_size=4GB"]);
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        self.child = Some(child.expect("PostgreSQL can be started"));
        let started = Instant::now();
        while !self.answers() {
            let child = self.child.as_mut().expect("it was just started");
            let ended = child.try_wait().expect("a child can be waited for");
            assert!(
                ended.is_none() && started.elapsed() < LIMIT,
                "PostgreSQL does not start: {}",
                self.log()
            );
            pause();
        }
    }

    /// Ends it at once: connections break, nothing is lost.
    pub fn stop(&mut self) {
        // It was started as a child of `setpriv`, which became it: SIGINT is its fast shutdown.
        self.signal("INT");
        let mut child = self.child.take().expect("it runs");
        let started = Instant::now();
        while child.try_wait().expect("a child can be waited for").is_none() {
            assert!(started.elapsed() < LIMIT, "PostgreSQL does not stop: {}", self.log());
            pause();
        }
    }

    /// For `DATABASE_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of("scalelite")
    }

    /// The URL of another database, to be made by [`psql`](Self::psql).
    #[must_use]
    pub fn url_of(&self, database: &str) -> String {
        let socket = self.dir.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{socket}:{PORT}/{database}")
    }

    /// Where its socket is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.dir
    }

    /// Runs SQL in the database `scalelite`; gives what comes back, unaligned, a line for each row.
    pub fn psql(&self, sql: &str) -> String {
        let output = Command::new(binary("psql"))
            .args(["-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", "scalelite"])
            .arg("-h")
            .arg(&self.dir)
            .args(["-p", PORT, "-c", sql])
            .output()
            .expect("psql can be started");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "psql: {errors}: {sql}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Its process.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    fn answers(&self) -> bool {
        let asked = Command::new(binary("pg_isready")).args(["-q", "-p", PORT, "-h"]).arg(&self.dir).status();
        asked.is_ok_and(|status| status.success())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }

    fn signal(&self, signal: &str) {
        if let Some(id) = self.id() {
            let _ =
                Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", signal, &id.to_string()]).status();
        }
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // An immediate shutdown ends its children, too; SIGKILL would leave them.
        self.signal("QUIT");
        if let Some(child) = &mut self.child {
            let _ = child.wait();
        }
    }
}

/// A data directory as `initdb` makes it, made once for all tests of this version.
fn template() -> PathBuf {
    let version = Command::new(binary("postgres")).arg("--version").output().expect("PostgreSQL runs").stdout;
    // postgres (PostgreSQL) 15.18 (Debian …)
    let version = String::from_utf8_lossy(&version).split_whitespace().nth(2).unwrap_or_default().to_owned();
    let place = std::env::temp_dir().join(format!("scalelite-pg-template-{version}"));
    if place.join("data/PG_VERSION").exists() {
        return place.join("data");
    }
    let draft = tempfile::Builder::new().prefix("scalelite-pg-draft-").tempdir();
    let draft = draft.expect("a temporary directory can be made").keep();
    owned_by_postgres(&draft);
    let data = draft.join("data");
    let made = as_postgres(binary("initdb"))
        .args(["--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-D"])
        .arg(&data)
        .output()
        .expect("initdb can be started");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    let mut single = as_postgres(binary("postgres"));
    single.args(["--single", "-D"]).arg(&data).arg("postgres");
    let mut child = single.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut input, b"CREATE DATABASE scalelite\n").unwrap();
    drop(input);
    assert!(child.wait().unwrap().success(), "the database can be made");
    // Whoever is first wins; the others use what is there.
    if fs::rename(&draft, &place).is_err() {
        let _ = fs::remove_dir_all(&draft);
    }
    place.join("data")
}

/// PostgreSQL refuses to run as root: then it runs as the user that the package made. It ends with us.
fn as_postgres(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if rustix::process::geteuid().is_root() {
        command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]);
    }
    command.arg("--").arg(program);
    command.current_dir("/");
    command
}

fn owned_by_postgres(dir: &Path) {
    if rustix::process::geteuid().is_root() {
        let given = Command::new("chown").arg("postgres:postgres").arg(dir).status();
        assert!(
            given.is_ok_and(|status| status.success()),
            "there is a user postgres (apt install postgresql)"
        );
    }
}

/// Debian keeps them off the PATH.
fn binary(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        versions.map(|entry| entry.path().join("bin").join(name)).filter(|path| path.exists()).collect();
    found.sort();
    found.pop().unwrap_or_else(|| PathBuf::from(name))
}

fn pause() {
    #[expect(clippy::disallowed_methods, reason = "waits for a process, on a test's own thread")]
    std::thread::sleep(PAUSE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_its_data_and_leaves_nothing() {
        let mut server = PostgresServer::start();
        server.psql("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)");
        server.stop();
        server.start_again();
        assert_eq!(server.psql("SELECT sum(a) FROM t"), "3");
        let dir = server.dir.clone();
        drop(server);
        assert!(!dir.exists());
    }
}
