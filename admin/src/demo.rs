//! `scalelite up --demo`: simulated servers in this process, and a data directory of their own.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;

use bbb_sim::{Fleet, SimOptions};
use scalelite_core::pool::server::{AdminState, ServerId};
use scalelite_core::state::{LiveState, NewServer, ServerChange, StateError};
use tempfile::TempDir;

/// How many servers.
const SERVERS: usize = 3;

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

/// A data directory for one demo: simulated servers have no place among real ones. It is removed when it is
/// dropped.
pub(crate) fn data_dir() -> io::Result<TempDir> {
    tempfile::Builder::new().prefix("scalelite-demo-").permissions(Permissions::from_mode(0o700)).tempdir()
}

/// Starts the servers and enables them.
pub(crate) async fn start(state: &dyn LiveState) -> Result<Fleet, DemoError> {
    // Nobody looks at what they were asked.
    let options = SimOptions {
        secret: hex::encode(rand::random::<[u8; 20]>()),
        log_capacity: 0,
        ..SimOptions::default()
    };
    let fleet = Fleet::start(SERVERS, options).await.map_err(DemoError::Fleet)?;
    for (index, sim) in fleet.iter().enumerate() {
        let id = ServerId::from(format!("demo-{}", index + 1));
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
    Ok(fleet)
}
