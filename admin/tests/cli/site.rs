//! A data directory, the binary run on it, and a look at its live state.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

use bbb_sim::{NewMeeting, Sim, SimOptions};
use scalelite_core::config::{Config, source::from_pairs};
use scalelite_core::pool::placement::TagRule;
use scalelite_core::pool::server::AdminState;
use scalelite_core::startup;
use scalelite_core::state::{LiveState, NewServer, PlaceMeeting, Placement, ServerChange};
use tempfile::TempDir;

/// What a run of the binary left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The output of a run that succeeded and had nothing to complain of.
    #[track_caller]
    pub(crate) fn clean(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// The complaints of a run that failed.
    #[track_caller]
    pub(crate) fn failed(self) -> String {
        assert_eq!(self.code, 1, "{self:?}");
        self.err
    }
}

/// An installation of its own.
pub(crate) struct Site {
    pub(crate) dir: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    pub(crate) fn with(variables: &[(&'static str, &str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { dir: TempDir::new().unwrap(), variables }
    }

    /// Sets one more variable.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.variables.push((name, value.to_owned()));
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scalelite"));
        command.env_clear().env("SCALELITE_DATA_DIR", self.dir.path()).envs(self.variables.iter().cloned());
        command.current_dir(self.dir.path());
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        self.run_with_input(words, "")
    }

    pub(crate) fn run_with_input(&self, words: &[&str], input: &str) -> Ran {
        let mut command = self.command();
        command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It may well end without reading it.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    pub(crate) async fn state(&self) -> Arc<dyn LiveState> {
        let dir = self.dir.path().to_str().unwrap();
        let config = Config::from_source(&from_pairs(&[("SCALELITE_DATA_DIR", dir)])).unwrap().config;
        startup::open_state(&config, 1).await.unwrap()
    }

    /// A simulated server, enabled and online.
    pub(crate) async fn server(&self, id: &str) -> Sim {
        let sim = Sim::start(SimOptions::default()).await.unwrap();
        self.add(id, sim.url(), sim.secret()).await;
        self.run(&["poll:all"]).clean();
        sim
    }

    /// An enabled server that has not been polled.
    pub(crate) async fn add(&self, id: &str, url: &str, secret: &str) {
        let state = self.state().await;
        let server = NewServer {
            id: id.into(),
            url: url.to_owned(),
            secret: secret.to_owned().into(),
            tag: None,
            load_multiplier: 1.0,
        };
        assert!(state.add_server(&server).await.unwrap());
        let change = ServerChange { state: Some(AdminState::Enabled), ..Default::default() };
        assert!(state.change_server(&id.into(), &change).await.unwrap());
    }

    /// A meeting, placed as a `create` would, and made on its server.
    pub(crate) async fn meeting(&self, id: &str, sim: &Sim) {
        self.meeting_of(id, sim, None).await;
    }

    /// The same for a tenant.
    pub(crate) async fn meeting_of(&self, id: &str, sim: &Sim, tenant_id: Option<&str>) {
        let request = PlaceMeeting {
            meeting_id: id,
            tenant_id,
            moderator_pw: "mod",
            voice_bridges: &[format!("7{:04}", id.bytes().map(u32::from).sum::<u32>())],
            tags: &TagRule::default(),
            ttl: std::time::Duration::from_secs(600),
            max_meetings: None,
            failed: &[],
        };
        let state = self.state().await;
        let placed = state.place_meeting(&request).await.unwrap();
        assert!(matches!(placed, Placement::Created(_)), "{placed:?}");
        state.confirm_meeting(id, true).await.unwrap();
        sim.add_meeting(NewMeeting { meeting_id: id.to_owned(), ..NewMeeting::from(id) }).unwrap();
    }

    /// The IDs of the meetings that are known.
    pub(crate) async fn known(&self) -> Vec<String> {
        let meetings = self.state().await.meetings().await.unwrap();
        let mut ids: Vec<String> = meetings.into_iter().map(|meeting| meeting.id).collect();
        ids.sort();
        ids
    }

    pub(crate) async fn admin_state(&self, id: &str) -> AdminState {
        self.state().await.server(&id.into()).await.unwrap().unwrap().route.state
    }
}
