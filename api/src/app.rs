//! What every handler shares.

use std::sync::Arc;

use scalelite_core::bbb::client::BbbClient;
use scalelite_core::config::Config;
use scalelite_core::lrs;
use scalelite_core::recordings::catalog::Catalog;
use scalelite_core::recordings::store::Store;
use scalelite_core::state::LiveState;
use tokio_util::sync::CancellationToken;

use crate::bigbluebutton::stragglers::Stragglers;
use crate::bigbluebutton::survey::Surveys;
use crate::dashboard::Dashboard;
use crate::playback::Delivery;
use crate::tenants::TenantCache;
use crate::uploads::Uploads;

/// The parts the front end is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The configuration of the process.
    pub config: Arc<Config>,
    /// The live state.
    pub state: Arc<dyn LiveState>,
    /// The client that calls BigBlueButton servers, with a slot per worker.
    pub client: Arc<BbbClient>,
    /// The database of recordings, if there are any.
    pub catalog: Option<Arc<dyn Catalog>>,
    /// The files of recordings.
    pub store: Store,
}

/// The parts, and what the front end remembers by itself.
pub(crate) struct App {
    pub(crate) config: Arc<Config>,
    pub(crate) state: Arc<dyn LiveState>,
    pub(crate) client: Arc<BbbClient>,
    pub(crate) catalog: Option<Arc<dyn Catalog>>,
    pub(crate) store: Store,
    pub(crate) delivery: Delivery,
    pub(crate) tenants: TenantCache,
    pub(crate) stragglers: Stragglers,
    pub(crate) surveys: Surveys,
    pub(crate) lrs_tokens: lrs::Tokens,
    pub(crate) dashboard: Option<Dashboard>,
    pub(crate) uploads: Uploads,
    /// Cancelled when the process is to end.
    pub(crate) shutdown: CancellationToken,
}

impl App {
    pub(crate) fn new(parts: Parts, shutdown: CancellationToken) -> std::io::Result<Self> {
        let Parts { config, state, client, catalog, store } = parts;
        let delivery = Delivery::new(&config.recordings, &store).map_err(std::io::Error::other)?;
        let dashboard = Dashboard::new(&config);
        let uploads = Uploads::new(&config.recordings);
        Ok(Self {
            config,
            state,
            client,
            catalog,
            store,
            delivery,
            tenants: TenantCache::default(),
            stragglers: Stragglers::default(),
            surveys: Surveys::default(),
            uploads,
            lrs_tokens: lrs::Tokens::new().map_err(std::io::Error::other)?,
            dashboard,
            shutdown,
        })
    }
}
