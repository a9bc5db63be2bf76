//! Containers of our images, run by `docker/local/run`: no engine is needed, but root.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::process::Env;
use crate::wait::eventually;

/// What containers are started with.
#[derive(Debug, Default, Clone)]
pub struct Settings {
    /// Their environment, as `/etc/default/scalelite` would be.
    pub env: Env,
    /// Directories of the host, and where they are in the container.
    pub mounts: Vec<(PathBuf, String)>,
}

impl Settings {
    /// Starts an image, with its own command or this one; its output goes to a file in `dir`.
    #[must_use]
    pub fn start(&self, image: &str, words: &[&str], dir: &Path) -> Container {
        let log = dir.join(format!("container-{image}.log"));
        // Several write to it, each at its end.
        let output = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .expect("the test's directory can be written");
        let errors = output.try_clone().expect("a file can be had twice");
        let child = self.command(image, words).stdin(Stdio::null()).stdout(output).stderr(errors).spawn();
        Container { image: image.to_owned(), child: child.expect("there is a bash"), log }
    }

    /// Runs a command in an image, as `docker exec` would in a container; gives what it prints.
    #[expect(clippy::must_use_candidate, reason = "it does something as well")]
    pub fn run(&self, image: &str, words: &[&str]) -> String {
        let output = self.command(image, words).stdin(Stdio::null()).output().expect("there is a bash");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{image}: {words:?}: {:?}: {errors}", output.status);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn command(&self, image: &str, words: &[&str]) -> Command {
        let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker/local/run"));
        for (name, value) in &self.env {
            command.arg("-e").arg(format!("{name}={value}"));
        }
        for (source, target) in &self.mounts {
            command.arg("-v").arg(format!("{}:{target}", source.display()));
        }
        command.arg(image).args(words);
        command
    }
}

/// A running container, ended when dropped. When the test fails, its log is shown.
#[derive(Debug)]
pub struct Container {
    image: String,
    child: Child,
    log: PathBuf,
}

impl Container {
    /// What it has printed so far.
    #[must_use]
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Waits until it prints this.
    pub async fn logged(&mut self, text: &str) {
        eventually(&format!("{} prints {text:?}", self.image), Duration::from_secs(60), async || {
            if self.log().contains(text) {
                return Some(());
            }
            let ended = self.child.try_wait().expect("a child can be waited for");
            assert!(ended.is_none(), "{} ended ({ended:?}):\n{}", self.image, self.log());
            None
        })
        .await;
    }

    /// Ends it as `docker stop` does.
    pub fn stop(&mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let _ = Command::new("sh").args(["-c", "kill -s TERM \"$0\"", &id]).status();
        self.child.wait().expect("a child can be waited for")
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.stop();
        }
        if std::thread::panicking() {
            eprintln!("--- {} ---\n{}", self.image, self.log());
        }
    }
}
