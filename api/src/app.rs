//! What every handler shares.

use std::sync::Arc;

use scalelite_core::bbb::client::BbbClient;
use scalelite_core::config::Config;
use scalelite_core::state::LiveState;
use tokio_util::sync::CancellationToken;

use crate::bigbluebutton::stragglers::Stragglers;
use crate::bigbluebutton::survey::Surveys;
use crate::tenants::TenantCache;

/// The parts the front end is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The configuration of the process.
    pub config: Arc<Config>,
    /// The live state.
    pub state: Arc<dyn LiveState>,
    /// The client that calls BigBlueButton servers, with a slot per worker.
    pub client: Arc<BbbClient>,
}

/// The parts, and what the front end remembers by itself.
pub(crate) struct App {
    pub(crate) config: Arc<Config>,
    pub(crate) state: Arc<dyn LiveState>,
    pub(crate) client: Arc<BbbClient>,
    pub(crate) tenants: TenantCache,
    pub(crate) stragglers: Stragglers,
    pub(crate) surveys: Surveys,
    /// Cancelled when the process is to end.
    pub(crate) shutdown: CancellationToken,
}

impl App {
    pub(crate) fn new(parts: Parts, shutdown: CancellationToken) -> Self {
        let Parts { config, state, client } = parts;
        Self {
            config,
            state,
            client,
            tenants: TenantCache::default(),
            stragglers: Stragglers::default(),
            surveys: Surveys::default(),
            shutdown,
        }
    }
}
