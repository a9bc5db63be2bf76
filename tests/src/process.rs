//! A process of ours: started with an environment of its own, watched through its log, ended by its handle.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::binaries;
use crate::wait::eventually;

/// Longer than any process of ours takes to start, even on a busy machine.
pub const START_LIMIT: Duration = Duration::from_secs(20);
/// How much of a log is shown when a test fails.
const SHOWN: usize = 3000;

/// Environment variables.
pub type Env = Vec<(String, String)>;

/// A running process, killed when dropped. When the test fails, the end of its log is shown.
#[derive(Debug)]
pub struct Service {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Service {
    /// Starts the binary with just this environment (and `PATH`); its standard error goes to a file in
    /// `dir`.
    #[must_use]
    pub fn start(binary: &str, arguments: &[&str], dir: &Path, env: &[(String, String)]) -> Self {
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let name = format!("{binary}-{}", STARTED.fetch_add(1, Ordering::Relaxed));
        let log = dir.join(format!("{name}.log"));
        let stderr = File::create(&log).expect("the test's directory can be written");
        let mut command = Command::new(binaries::path(binary));
        command.args(arguments).env_clear().envs(env.iter().map(|(name, value)| (name, value)));
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        let child =
            command.current_dir(dir).stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr).spawn();
        let child = child.unwrap_or_else(|error| panic!("cannot start {binary}: {error}"));
        Self { name, child, log }
    }

    /// What it has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Waits until it logs a line with this text; gives what follows the text on that line.
    pub async fn logged(&mut self, text: &str) -> String {
        let what = format!("{} logs {text:?}", self.name);
        eventually(&what, START_LIMIT, async || {
            let log = self.log();
            let found = log.lines().find_map(|line| line.split_once(text)).map(|(_, rest)| rest.to_owned());
            if found.is_none() {
                let ended = self.child.try_wait().expect("a child can be waited for");
                assert!(ended.is_none(), "{} ended ({ended:?}):\n{log}", self.name);
            }
            found
        })
        .await
    }

    /// Sends it a signal, such as `TERM`.
    pub fn signal(&self, signal: &str) {
        let sent = Command::new("sh")
            .args(["-c", "kill -s \"$0\" \"$1\"", signal, &self.child.id().to_string()])
            .status()
            .expect("there is a sh");
        assert!(sent.success(), "{} cannot be sent SIG{signal}", self.name);
    }

    /// Ends it as `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("a child can be waited for");
    }

    /// Waits until it has ended by itself.
    pub async fn exit(&mut self, limit: Duration) -> ExitStatus {
        let what = format!("{} ends", self.name);
        eventually(&what, limit, async || self.child.try_wait().expect("a child can be waited for")).await
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child can be waited for").is_none()
    }

    /// The processor time that it has used so far, to a hundredth of a second.
    #[must_use]
    pub fn processor_time(&self) -> Duration {
        let path = format!("/proc/{}/stat", self.child.id());
        let stat = std::fs::read_to_string(path).expect("the process runs, on Linux");
        // What follows the name, which may hold anything; times are in ticks of 10 ms.
        let (_, rest) = stat.rsplit_once(')').expect("there is a name");
        let ticks =
            rest.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number"));
        Duration::from_millis(10 * ticks.sum::<u64>())
    }

    /// The most memory it has used so far, in MiB.
    #[must_use]
    pub fn peak_memory_mib(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read(path).expect("the process runs, on Linux");
        let status = String::from_utf8_lossy(&status);
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells VmHWM");
        let kib: u64 = peak.trim().trim_end_matches(" kB").parse().expect("VmHWM is a number");
        kib / 1024
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let from = log.len().saturating_sub(SHOWN);
            let from = (from..=log.len()).find(|at| log.is_char_boundary(*at)).unwrap_or(0);
            eprintln!("--- {} ---\n{}", self.name, &log[from..]);
        }
    }
}

/// Pairs as an [`Env`].
#[must_use]
pub fn env(pairs: &[(&str, &str)]) -> Env {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
