//! `scalelite up --demo`: simulated servers in this process, in the live state like real ones.

use bbb_sim::{Fleet, SimOptions};
use scalelite_core::pool::server::{AdminState, ServerId};
use scalelite_core::state::{LiveState, NewServer, ServerChange, StateError};

/// How many servers.
const SERVERS: usize = 3;

/// Simulated servers, and their entries in the live state.
pub(crate) struct Demo {
    fleet: Fleet,
}

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// The servers cannot be started.
    #[error("cannot start the simulated servers: {0:#}")]
    Fleet(anyhow::Error),
    /// They cannot be added.
    #[error(transparent)]
    State(#[from] StateError),
}

fn id(index: usize) -> ServerId {
    format!("demo-{}", index + 1).into()
}

impl Demo {
    /// Starts the servers and enables them, in place of those that an earlier run may have left.
    pub(crate) async fn start(state: &dyn LiveState) -> Result<Self, DemoError> {
        let options = SimOptions { secret: hex::encode(rand::random::<[u8; 20]>()), ..SimOptions::default() };
        let demo = Self { fleet: Fleet::start(SERVERS, options).await.map_err(DemoError::Fleet)? };
        for (index, sim) in demo.fleet.iter().enumerate() {
            let id = id(index);
            state.remove_server(&id).await?;
            let server = NewServer {
                id: id.clone(),
                url: sim.url().to_owned(),
                secret: sim.secret().to_owned().into(),
                tag: None,
                load_multiplier: 1.0,
            };
            state.add_server(&server).await?;
            let change = ServerChange { state: Some(AdminState::Enabled), ..Default::default() };
            state.change_server(&id, &change).await?;
        }
        Ok(demo)
    }

    /// Takes the servers out of the live state, unless a later demo has put its own there, and stops them.
    pub(crate) async fn stop(self, state: &dyn LiveState) -> Result<(), DemoError> {
        for (index, sim) in self.fleet.iter().enumerate() {
            let id = id(index);
            if state.server(&id).await?.is_some_and(|server| server.route.url == sim.url()) {
                state.remove_server(&id).await?;
            }
        }
        self.fleet.stop().await;
        Ok(())
    }
}
