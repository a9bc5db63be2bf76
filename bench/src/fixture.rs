//! What the measurements run on: Redis, simulated servers, the front end, and the reference points.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use scalelite_core::bbb::checksum::{Algorithm, signed_query};
use scalelite_core::config::{Config, source};
use scalelite_core::pool::health::Health;
use scalelite_core::pool::server::{AdminState, Usage};
use scalelite_core::startup;
use scalelite_core::state::{LiveState, NewServer, PollResult, ServerChange};

use crate::process::Process;

pub(crate) const SECRET: &str = "bench-secret";
pub(crate) const SIM_SECRET: &str = "sim-secret";

/// Redis and a state over it, in a directory of their own.
pub(crate) struct Fixture {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) redis: Process,
    pub(crate) state: Arc<dyn LiveState>,
    environment: Vec<(&'static str, String)>,
}

impl Fixture {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let socket = dir.path().join("redis.sock");
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"]).arg(&socket);
        let redis = Process::start("redis", dir.path(), command.arg("--dir").arg(dir.path()))
            .context("redis-server (apt install redis-server)")?;
        let environment = vec![
            ("LOADBALANCER_SECRET", SECRET.to_owned()),
            ("SECRET_KEY_BASE", "bench".to_owned()),
            ("REDIS_URL", format!("unix://{}", socket.display())),
            ("BIND", "tcp://127.0.0.1:0".to_owned()),
            ("WEB_CONCURRENCY", "2".to_owned()),
            ("SCALELITE_DATA_DIR", dir.path().display().to_string()),
        ];
        let pairs: Vec<(&str, &str)> = environment.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let config = Config::from_source(&source::from_pairs(&pairs))?.config;
        let state = startup::open_state(&config, 1).await?;
        for _ in 0..200 {
            if state.check().await.is_ok() {
                return Ok(Self { dir, redis, state, environment });
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        bail!("redis-server does not answer")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.path().join("redis.sock")
    }

    /// Configures what is started from now on.
    pub(crate) fn set(&mut self, name: &'static str, value: String) {
        self.environment.retain(|(known, _)| *known != name);
        self.environment.push((name, value));
    }

    /// A process of ours, configured for this fixture.
    pub(crate) fn ours(&self, name: &str, arguments: &[&str]) -> anyhow::Result<Process> {
        self.ours_as(name, name, arguments)
    }

    /// The same under another name, where there are several.
    pub(crate) fn ours_as(&self, name: &str, program: &str, arguments: &[&str]) -> anyhow::Result<Process> {
        let mut command = Command::new(binary(program)?);
        command.args(arguments).env_clear().envs(self.environment.iter().map(|(n, v)| (*n, v)));
        Process::start(name, self.dir.path(), &mut command)
    }

    /// Simulated servers; gives the process and their URLs.
    pub(crate) fn simulators(
        &self,
        name: &str,
        arguments: &[&str],
        count: usize,
    ) -> anyhow::Result<(Process, Vec<String>)> {
        let mut command = Command::new(binary("bbb-sim")?);
        command.args(["--secret", SIM_SECRET, "--servers", &count.to_string()]).args(arguments);
        let process = Process::start(name, self.dir.path(), &mut command)?;
        let out = self.dir.path().join(format!("{name}.out"));
        for _ in 0..400 {
            let text = std::fs::read_to_string(&out)?;
            if text.lines().count() >= count && text.ends_with('\n') {
                let urls = text.lines().map(|line| {
                    let server: serde_json::Value = serde_json::from_str(line)?;
                    Ok(server["url"].as_str().context("no url")?.to_owned())
                });
                return Ok((process, urls.collect::<anyhow::Result<_>>()?));
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        bail!("bbb-sim does not say where it listens")
    }

    /// Adds servers that are enabled and online, as polls would have found them.
    pub(crate) async fn add_servers(&self, prefix: &str, urls: &[String]) -> anyhow::Result<()> {
        for (n, url) in urls.iter().enumerate() {
            let id = if n == 0 { format!("{prefix}-a") } else { format!("{prefix}-{n}") }.into();
            let server = NewServer {
                id,
                url: url.clone(),
                secret: SIM_SECRET.to_owned().into(),
                tag: None,
                load_multiplier: 1.0,
            };
            self.state.add_server(&server).await?;
            let enabled = ServerChange { state: Some(AdminState::Enabled), ..ServerChange::default() };
            self.state.change_server(&server.id, &enabled).await?;
            let health = Health { online: true, ..Health::default() };
            let measured = Some((0.0, Usage::default()));
            let online = PollResult { server_id: server.id, health, measured, load_added_before: 0.0 };
            self.state.record_poll(&online).await?;
        }
        Ok(())
    }

    pub(crate) async fn remove_all_servers(&self) -> anyhow::Result<()> {
        for server in self.state.servers().await? {
            self.state.remove_server(&server.route.id).await?;
        }
        Ok(())
    }
}

/// The path and query of a signed call.
pub(crate) fn signed(call: &str, query: &str, secret: &str) -> String {
    let query = signed_query(Algorithm::Sha256, call, query, &secret.to_owned().into());
    format!("/bigbluebutton/api/{call}?{query}")
}

/// A binary of the workspace, beside this one.
fn binary(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let path = own.parent().unwrap_or(Path::new(".")).join(name);
    if !path.exists() {
        bail!("{} is missing: cargo build --release --workspace", path.display());
    }
    Ok(path)
}
