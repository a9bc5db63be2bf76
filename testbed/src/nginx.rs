//! An nginx of one's own, started as operators start it: by `nginx/start`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::ports;

const LIMIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(10);
/// Another process may take a free port before nginx does.
const TRIES: usize = 10;

/// What it is started with.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// Host and port of the front end; several with commas.
    pub api: &'a str,
    /// `RECORDING_PUBLISH_DIR`.
    pub published: &'a Path,
    /// The playback pages.
    pub playback: &'a Path,
    /// Further variables, such as `NGINX_SSL`.
    pub variables: &'a [(&'a str, &'a str)],
}

/// A running nginx. It ends with its handle.
#[derive(Debug)]
pub struct Nginx {
    child: Child,
    http: u16,
    https: u16,
    dir: TempDir,
}

impl Nginx {
    /// Starts it, and waits until it answers.
    #[must_use]
    pub fn start(site: Site<'_>) -> Self {
        let mut last = String::new();
        for _ in 0..TRIES {
            match Self::try_start(site) {
                Ok(nginx) => return nginx,
                Err(log) => last = log,
            }
        }
        panic!("nginx does not start: {last}");
    }

    /// Starts it once.
    ///
    /// # Errors
    ///
    /// It ended: what it has logged.
    pub fn try_start(site: Site<'_>) -> Result<Self, String> {
        let dir = tempfile::Builder::new().prefix("scalelite-nginx-").tempdir();
        let dir = dir.expect("a temporary directory can be made");
        let [http, https] = ports::free();
        let log = File::create(dir.path().join("log")).expect("the directory can be written");
        let mut command = Command::new(start_script());
        command
            .env("NGINX_DIR", dir.path())
            .env("NGINX_USER", "root")
            .env("NGINX_ACCESS_LOG", dir.path().join("access.log"))
            .env("HTTP_LISTEN", format!("127.0.0.1:{http}"))
            .env("HTTPS_LISTEN", format!("127.0.0.1:{https}"))
            .env("SCALELITE_API_HOSTS", site.api)
            .env("PUBLISH_DIR", site.published)
            .env("PLAYBACK_DIR", site.playback)
            .envs(site.variables.iter().copied());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        let mut nginx = Self { child: child.expect("there is a sh"), http, https, dir };
        let begun = Instant::now();
        // It fills this once it listens; who answers at the port before may be somebody else.
        let listening = nginx.dir.path().join("nginx.pid");
        while fs::metadata(&listening).map_or(0, |file| file.len()) == 0 {
            if nginx.child.try_wait().expect("a child can be waited for").is_some() {
                return Err(nginx.log());
            }
            assert!(begun.elapsed() < LIMIT, "nginx does not answer: {}", nginx.log());
            pause();
        }
        Ok(nginx)
    }

    /// Where it answers, such as `http://127.0.0.1:8080`.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.http)
    }

    /// Where it answers with TLS, such as `127.0.0.1:8443`.
    #[must_use]
    pub fn tls_address(&self) -> String {
        format!("127.0.0.1:{}", self.https)
    }

    /// What it says and complains about.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// What was asked of it.
    #[must_use]
    pub fn access_log(&self) -> String {
        fs::read_to_string(self.dir.path().join("access.log")).unwrap_or_default()
    }

    /// Sends a signal to the start script, such as `HUP`.
    pub fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        // It may have ended.
        let _ = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", signal, &id]).status();
    }

    /// Waits until it has ended.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("a child can be waited for")
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers end with it, which SIGKILL would not see to. The second one does not wait for downloads.
        self.signal("TERM");
        pause();
        self.signal("TERM");
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- nginx ---\n{}", self.log());
        }
    }
}

fn start_script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../nginx/start")
}

fn pause() {
    #[expect(clippy::disallowed_methods, reason = "waits for a process, on a test's own thread")]
    std::thread::sleep(PAUSE);
}
