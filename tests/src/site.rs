//! One installation for one test: a store, simulated servers, and processes of ours on demand.

use std::io::Write;
use std::ops::Deref;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bbb_sim::{Fleet, Sim, SimOptions};
use scalelite_core::pool::health::Health;
use scalelite_core::pool::server::{AdminState, Server, ServerId, Usage};
use scalelite_core::state::{LiveState, Meeting, NewServer, PollResult, ServerChange};
use tempfile::TempDir;

use crate::binaries;
use crate::client::Client;
use crate::process::{Env, Service, env};
use crate::redis_server::RedisServer;
use crate::signature::SECRET;
use crate::store::{Mode, Store};
use crate::wait::eventually;

/// An installation: live state and servers. Front ends and pollers are started as a test needs them, and
/// end when dropped.
pub struct Site {
    /// The simulated servers; the one at `n` has the ID [`id(n)`](id).
    pub sims: Fleet,
    /// The live state.
    pub store: Store,
    env: Env,
    // Last, so that all is stopped before its files go.
    dir: TempDir,
}

/// The ID of the site's server at `n`.
#[must_use]
pub fn id(n: usize) -> ServerId {
    format!("server-{n}").into()
}

impl Site {
    /// A site with `servers` servers that are added, enabled and online, without load.
    pub async fn start(mode: Mode, servers: usize) -> Self {
        let site = Self::start_unpolled(mode, servers).await;
        for n in 0..servers {
            site.enable(n).await;
            site.set_online(n, 0.0).await;
        }
        site
    }

    /// A site with `servers` servers that are added and no more: disabled, and never polled.
    pub async fn start_unpolled(mode: Mode, servers: usize) -> Self {
        let dir =
            tempfile::Builder::new().prefix("scalelite-system-").tempdir().expect("a temporary directory");
        let store = Store::start(mode, dir.path()).await;
        let sims = Fleet::start(servers, SimOptions::default()).await.expect("the simulated servers start");
        let mut common = env(&[
            ("LOADBALANCER_SECRET", SECRET),
            ("SECRET_KEY_BASE", "a-key-base-that-nobody-needs-to-guess-in-a-test"),
            ("BIND", "tcp://127.0.0.1:0"),
            ("WEB_CONCURRENCY", "2"),
            ("POLL_INTERVAL", "1"),
            ("DB_DISABLED", "true"),
        ]);
        common.extend_from_slice(store.env());
        let site = Self { sims, store, env: common, dir };
        for n in 0..servers {
            site.add(n).await;
        }
        site
    }

    /// The live state.
    #[must_use]
    pub fn state(&self) -> &Arc<dyn LiveState> {
        &self.store.state
    }

    /// The Redis of a test that only runs in that mode.
    #[must_use]
    pub fn redis(&self) -> &RedisServer {
        self.store.redis()
    }

    /// A directory for the test's own files.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The simulated server at `n`.
    #[must_use]
    pub fn sim(&self, n: usize) -> &Sim {
        &self.sims[n]
    }

    /// The environment of a process here, with `changes`; a variable that becomes empty is left out.
    #[must_use]
    pub fn env(&self, changes: &[(&str, &str)]) -> Env {
        let mut all = self.env.clone();
        for (name, value) in changes {
            all.retain(|(known, _)| known != name);
            if !value.is_empty() {
                all.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        all
    }

    /// Starts a front end.
    pub async fn api(&self) -> Api {
        self.api_with(&[]).await
    }

    /// Starts a front end with changes to its environment.
    pub async fn api_with(&self, changes: &[(&str, &str)]) -> Api {
        let mut service = Service::start("scalelite-api", &[], self.dir(), &self.env(changes));
        service.logged("listening").await;
        // The rest of the line looks otherwise in JSON.
        let rest = service.logged("http://").await;
        let address = rest.split([' ', '"']).next().expect("an address is logged");
        Api { client: Client::new(&format!("http://{address}")), service }
    }

    /// Starts a poller, of one second's interval.
    pub async fn poller(&self) -> Poller {
        self.poller_with(&[]).await
    }

    /// Starts a poller with changes to its environment.
    pub async fn poller_with(&self, changes: &[(&str, &str)]) -> Poller {
        let mut service = Service::start("scalelite-poller", &[], self.dir(), &self.env(changes));
        service.logged("polling").await;
        Poller { service }
    }

    /// Runs a task of the operator's tool, which must succeed; gives what it prints.
    #[must_use]
    pub fn task(&self, words: &[&str]) -> String {
        let ran = self.task_with(words, &[], "");
        assert_eq!(ran.code, Some(0), "scalelite {words:?}: {ran:?}");
        ran.out
    }

    /// Runs a task with changes to its environment, and with this on its standard input.
    #[must_use]
    pub fn task_with(&self, words: &[&str], changes: &[(&str, &str)], input: &str) -> Ran {
        let mut command = Command::new(binaries::path("scalelite"));
        command.args(words).env_clear().envs(self.env(changes)).current_dir(self.dir());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary can be started");
        // It may well end without reading it.
        let _ = child.stdin.take().expect("it is piped").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("a child can be waited for");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    async fn add(&self, n: usize) {
        let sim = self.sim(n);
        let server = NewServer {
            id: id(n),
            url: sim.url().to_owned(),
            secret: sim.secret().to_owned().into(),
            tag: None,
            load_multiplier: 1.0,
        };
        assert!(self.state().add_server(&server).await.expect("a server can be added"));
    }

    /// Enables the server at `n`.
    pub async fn enable(&self, n: usize) {
        self.set_state(n, AdminState::Enabled).await;
    }

    /// Says what the operator wants of the server at `n`.
    pub async fn set_state(&self, n: usize, state: AdminState) {
        self.change(n, &ServerChange { state: Some(state), ..ServerChange::default() }).await;
    }

    /// Gives the server at `n` a tag.
    pub async fn set_tag(&self, n: usize, tag: &str) {
        self.change(n, &ServerChange { tag: Some(Some(tag.to_owned())), ..ServerChange::default() }).await;
    }

    /// Changes the server at `n`.
    pub async fn change(&self, n: usize, change: &ServerChange) {
        assert!(self.state().change_server(&id(n), change).await.expect("a server can be changed"));
    }

    /// Records that the server at `n` is online with this load, as a poll would.
    pub async fn set_online(&self, n: usize, load: f64) {
        self.record(n, true, Some((load, Usage::default()))).await;
    }

    /// Records that the server at `n` is offline, as a poll would.
    pub async fn set_offline(&self, n: usize) {
        self.record(n, false, None).await;
    }

    async fn record(&self, n: usize, online: bool, measured: Option<(f64, Usage)>) {
        let health = Health { online, healthy: 0, unhealthy: 0 };
        let tasks = self.state().take_all_polls().await.expect("polls can be taken");
        let task = tasks.iter().find(|task| task.server.route.id == id(n)).expect("the server is known");
        let result = PollResult { server_id: id(n), health, measured, load_added_before: task.load_added };
        self.state().record_poll(&result).await.expect("a poll can be recorded");
    }

    /// The server at `n`, as the live state has it.
    pub async fn server(&self, n: usize) -> Server {
        self.state().server(&id(n)).await.expect("the live state answers").expect("the server is known")
    }

    /// The load of each server; none where it takes no meetings.
    pub async fn loads(&self) -> Vec<Option<f64>> {
        let servers = self.state().servers().await.expect("the live state answers");
        servers.into_iter().map(|server| server.load).collect()
    }

    /// The meeting, if it is known.
    pub async fn meeting(&self, meeting: &str) -> Option<Meeting> {
        // A test that has just restarted Redis need not mind this state's own connection.
        let found = eventually("the live state answers", Duration::from_secs(5), async || {
            self.state().locate_meeting(meeting, None).await.ok()
        });
        found.await.map(|located| located.meeting)
    }

    /// Which servers have the meeting.
    #[must_use]
    pub fn hosts(&self, meeting: &str) -> Vec<usize> {
        (0..self.sims.len()).filter(|n| self.sim(*n).has_meeting(meeting)).collect()
    }

    /// The only server that has the meeting.
    #[track_caller]
    pub fn host(&self, meeting: &str) -> usize {
        let hosts = self.hosts(meeting);
        assert_eq!(hosts.len(), 1, "meeting {meeting} is on the servers {hosts:?}");
        hosts[0]
    }

    /// Waits until all servers are online, polled by a poller.
    pub async fn all_online(&self) {
        eventually("all servers are online", Duration::from_secs(20), async || {
            let servers = self.state().servers().await.ok()?;
            servers.iter().all(|server| server.route.online).then_some(())
        })
        .await;
    }
}

/// What a task left.
#[derive(Debug)]
pub struct Ran {
    /// Its exit status.
    pub code: Option<i32>,
    /// What it printed.
    pub out: String,
    /// What it complained of.
    pub err: String,
}

impl Ran {
    /// The output of a task that succeeded and had nothing to complain of.
    #[track_caller]
    pub fn clean(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""), "{}", self.out);
        self.out
    }

    /// The complaints of a task that failed.
    #[track_caller]
    pub fn failed(self) -> String {
        assert_eq!(self.code, Some(1), "{self:?}");
        self.err
    }
}

/// A front end and a client of it.
#[derive(Debug)]
pub struct Api {
    /// The process.
    pub service: Service,
    /// Its client.
    pub client: Client,
}

impl Deref for Api {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// A poller.
#[derive(Debug)]
pub struct Poller {
    /// The process.
    pub service: Service,
}

impl Poller {
    /// Ends it by SIGTERM; nothing is polled after that.
    pub async fn stop(mut self) -> ExitStatus {
        self.service.signal("TERM");
        self.service.exit(Duration::from_secs(10)).await
    }
}
