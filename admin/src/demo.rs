//! `scalelite up --demo`: simulated servers in this process, a recording, and a data directory of their own.

pub(crate) mod recording;

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use bbb_sim::{Fleet, SimOptions};
use scalelite_core::pool::server::{AdminState, ServerId};
use scalelite_core::state::{LiveState, NewServer, ServerChange, StateError};
use tempfile::TempDir;

use crate::directories;
use crate::environment::Adjustments;

/// The ID of the meeting that the demo's links create, and that its recording is of.
pub(crate) const MEETING_ID: &str = "demo-meeting";
/// The meeting's name.
pub(crate) const MEETING_NAME: &str = "Demo Meeting";

/// Opens the dashboard; a demo makes one.
pub(crate) const DASHBOARD_PASSWORD: &str = "DASHBOARD_PASSWORD";

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
    /// The recording cannot be written.
    #[error("cannot write the demo's recording: {0}")]
    Recording(#[from] io::Error),
}

/// What a demo sets whatever the environment says: everything of its own is in its data directory, nothing else is
/// touched, and nothing stands in the way of its links.
pub(crate) fn adjust(adjustments: &mut Adjustments, data_dir: &Path) {
    const UNSET: [&str; 11] = [
        "CLOUDFRONT_URL",
        "DATABASE_URL",
        "DB_DISABLED",
        "GET_RECORDINGS_API_FILTERED",
        "MULTITENANCY_ENABLED",
        "PROTECTED_RECORDINGS_ENABLED",
        "RECORDING_DISABLED",
        "RECORDING_IMPORT_UNPUBLISHED",
        "RECORDING_PLAYBACK_FORMATS",
        "S3_RECORDING",
        "URL_HOST",
    ];
    adjustments.forced.extend(UNSET.map(|name| (name, String::new())));
    adjustments.forced.push(("SCALELITE_DATA_DIR", data_dir.display().to_string()));
    adjustments.forced.push(("SERVE_RECORDINGS", "true".to_owned()));
    adjustments.forced.extend(directories::below(data_dir));
    adjustments.defaults.push((DASHBOARD_PASSWORD, hex::encode(rand::random::<[u8; 6]>())));
    adjustments.defaults.push(("INTERVAL", "5".to_owned()));
    adjustments.defaults.push(("RECORDING_IMPORT_SETTLE", "0.1".to_owned()));
    adjustments.defaults.push(("RECORDING_IMPORT_POLL_INTERVAL", "1".to_owned()));
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
