//! What `up` tells once it is ready.

use scalelite_core::config::{Config, resolve_data_dir};
use secrecy::ExposeSecret;

use crate::demo::DASHBOARD_PASSWORD;
use crate::environment;
use crate::output::Output;
use crate::secrets::Kept;
use crate::summary::{self, Ready};

/// Where the data directory is found without being told, if it is there (CONTRACT §8).
const SYSTEM_DATA_DIR: &str = "/var/lib/scalelite";

/// What is worth knowing beside the configuration.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// About the address.
    pub(super) bind: Option<String>,
    /// What is of no use for now, and why.
    pub(super) trouble: Option<String>,
    /// Where metrics are told.
    pub(super) metrics: Option<String>,
    /// A demo and its recording.
    pub(super) demo: Option<Demo>,
}

/// What can be tried.
#[derive(Debug)]
pub(super) struct Demo {
    /// The recording to play, if it is there already.
    pub(super) record_id: Option<String>,
}

/// Where the dashboard is, if there is one, and the password if a demo has made it: one that the operator has set is not
/// shown.
fn dashboard<'a>(config: &'a Config, api: &str, notes: &Notes) -> Option<(String, Option<&'a str>)> {
    let password = config.http.dashboard_password.as_ref()?;
    let made = notes.demo.is_some() && !environment::is_set(DASHBOARD_PASSWORD);
    Some((summary::dashboard_url(api)?, made.then(|| password.expose_secret())))
}

/// Tells that all is ready. The service goes on also if nobody reads it.
pub(super) fn announce(config: &Config, api: &str, kept: Option<&(Kept, bool)>, notes: &Notes) {
    let stores = &config.stores;
    let embedded = stores.redis.is_none() || (!stores.db_disabled && stores.is_embedded());
    let data_dir = embedded.then(|| resolve_data_dir(stores));
    let elsewhere = data_dir.as_deref().is_some_and(|dir| dir.as_os_str() != SYSTEM_DATA_DIR);
    let made = kept.filter(|(_, used)| *used);
    let imports = scalelite_importer::disabled(config).is_none();
    let ready = Ready {
        api,
        made_secret: made.map(|(kept, _)| (kept.loadbalancer.expose_secret(), kept.path.as_path())),
        data_dir: data_dir.as_deref(),
        name_data_dir: elsewhere,
        spool: imports.then_some(config.recordings.spool_dir.as_path()),
        metrics: notes.metrics.as_deref(),
        dashboard: dashboard(config, api, notes),
        note: notes.bind.as_deref(),
        trouble: notes.trouble.as_deref(),
    };
    let mut text = ready.text();
    if let (Some(demo), Some(secret)) = (&notes.demo, config.secrets.loadbalancer.first()) {
        text.push_str(&summary::links(api, config.secrets.signing, secret, demo.record_id.as_deref()));
    }
    text.push_str("\nCtrl-C stops it.");
    let mut out = Output::stdout();
    if let Err(error) = out.line(text).and_then(|()| out.flush()) {
        tracing::debug!(%error, "nobody reads the summary");
    }
}
