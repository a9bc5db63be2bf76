//! The configuration of `up`: the environment, and what is made or assumed where that says nothing.

use scalelite_core::config::{Bind, Config, Loaded, resolve_data_dir};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::error::UpError;
use crate::cli::Up;
use crate::environment::{self, Adjustments};
use crate::secrets::{self, Kept};
use crate::{demo, directories};

/// Where `up` tells its metrics unless the operator says otherwise: to this machine only.
const METRICS_BIND: &str = "127.0.0.1:9464";

/// A configuration that is ready to use.
pub(super) struct Settings {
    pub(super) loaded: Loaded,
    /// Secrets that were not set but are kept in the data directory, and whether the load balancer's is used.
    pub(super) kept: Option<(Kept, bool)>,
    /// Whether the operator has chosen where to listen.
    pub(super) address_chosen: bool,
    /// The data directory of a demo, to be removed at the end.
    pub(super) demo_dir: Option<TempDir>,
}

impl Settings {
    /// Reads the environment; makes the secrets that are missing.
    pub(super) fn read(arguments: &Up) -> Result<Self, UpError> {
        let mut adjustments = Adjustments::default();
        // No nginx is needed.
        adjustments.defaults.push(("SERVE_RECORDINGS", "true".to_owned()));
        adjustments.defaults.push(("METRICS_BIND", METRICS_BIND.to_owned()));
        if let Some(bind) = &arguments.bind {
            adjustments.forced.push(("BIND", bind.clone()));
        }
        let demo_dir = if arguments.demo { Some(demo::data_dir().map_err(UpError::DemoDir)?) } else { None };
        if let Some(dir) = &demo_dir {
            demo::adjust(&mut adjustments, dir.path());
        }
        let mut loaded = environment::load(&adjustments)?;
        if arguments.demo && loaded.config.stores.redis.is_some() {
            return Err(UpError::DemoOnRedis);
        }
        let kept = keep_secrets(&loaded.config)?;
        if let Some((kept, used)) = &kept {
            if *used {
                let secret = kept.loadbalancer.expose_secret().to_owned();
                adjustments.defaults.push(("LOADBALANCER_SECRET", secret));
            }
            adjustments.defaults.push(("SECRET_KEY_BASE", kept.key_base.expose_secret().to_owned()));
        }
        adjustments.defaults.extend(directories::for_up(&loaded.config.stores));
        loaded = environment::load(&adjustments)?;
        loaded.config.require_service_secrets()?;
        let address_chosen =
            arguments.bind.is_some() || environment::is_set("BIND") || environment::is_set("PORT");
        if arguments.demo {
            demo_address(arguments, &mut loaded.config)?;
        }
        Ok(Self { loaded, kept, address_chosen, demo_dir })
    }
}

/// On Redis there may be other hosts, which would not have the secrets that were made here.
fn keep_secrets(config: &Config) -> Result<Option<(Kept, bool)>, UpError> {
    let secrets = &config.secrets;
    let lacks_loadbalancer = secrets.loadbalancer.is_empty();
    if config.stores.redis.is_some() || !(lacks_loadbalancer || secrets.key_base.is_none()) {
        return Ok(None);
    }
    Ok(Some((secrets::obtain(&resolve_data_dir(&config.stores))?, lacks_loadbalancer)))
}

/// A demo is for this machine only, unless the operator says otherwise.
fn demo_address(arguments: &Up, config: &mut Config) -> Result<(), UpError> {
    let chosen = arguments.bind.is_some() || environment::is_set("BIND");
    match &mut config.http.bind {
        Bind::Tcp { host, .. } if !chosen => "127.0.0.1".clone_into(host),
        Bind::Tcp { .. } => {}
        bind @ Bind::Unix(_) => return Err(UpError::DemoOnSocket(bind.clone())),
    }
    Ok(())
}
