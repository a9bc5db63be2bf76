//! `scalelite up`: the front end and the poller in one process, on one machine that needs nothing else.

use std::io::{self, ErrorKind};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use scalelite_api::{Bound, Parts};
use scalelite_core::config::{Bind, Config, ConfigErrors, Loaded, resolve_data_dir};
use scalelite_core::recordings::catalog::CatalogError;
use scalelite_core::recordings::store::{Store, StoreError};
use scalelite_core::state::redis::RedisState;
use scalelite_core::state::{LiveState, StateError};
use scalelite_core::{shutdown, startup};
use scalelite_poller::{Poller, ScheduleError};
use secrecy::ExposeSecret;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::cli::Up;
use crate::demo::{self, DemoError};
use crate::environment::{self, Adjustments};
use crate::output::{Output, complain};
use crate::secrets::{self, Kept, SecretsError};
use crate::summary::{self, Ready};

/// Where the data directory is found without being told, if it is there (CONTRACT §8).
const SYSTEM_DATA_DIR: &str = "/var/lib/scalelite";

/// The simulated servers answer well within this.
const FIRST_POLL: Duration = Duration::from_secs(3);

/// A live state that is there answers well within this.
const FIRST_CHECK: Duration = Duration::from_secs(3);

/// Why it cannot run, or stopped.
#[derive(Debug, thiserror::Error)]
enum UpError {
    #[error("{0}")]
    Config(#[from] ConfigErrors),
    #[error(
        "REDIS_URL is set: --demo would add simulated servers to the servers there. Unset it for the demo."
    )]
    DemoOnRedis,
    #[error("--demo needs a TCP address, so that a browser gets there, not {0}")]
    DemoOnSocket(Bind),
    #[error("{0}")]
    Secrets(#[from] SecretsError),
    #[error("cannot listen on {bind}: {source}{}", hint(.source))]
    Bind { bind: Bind, source: io::Error },
    #[error("{0}")]
    State(#[from] StateError),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0}")]
    Catalog(#[from] CatalogError),
    #[error("{0}")]
    Demo(#[from] DemoError),
    #[error("the front end failed: {0}")]
    FrontEnd(io::Error),
    #[error("the poller failed: {0}")]
    Poller(#[from] ScheduleError),
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("cannot make a data directory for the demo: {0}")]
    DemoDir(io::Error),
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::AddrInUse => {
            ". Something else listens there: choose another with --bind HOST:PORT or PORT."
        }
        _ => "",
    }
}

/// A configuration that is ready to use.
struct Settings {
    loaded: Loaded,
    /// Secrets that were not set but are kept in the data directory, and whether the load balancer's is used.
    kept: Option<(Kept, bool)>,
    /// Whether the operator has chosen where to listen.
    address_chosen: bool,
    /// The data directory of a demo, to be removed at the end.
    demo_dir: Option<TempDir>,
}

/// Runs until SIGTERM or SIGINT, or until a part fails.
pub(crate) fn start(arguments: &Up) -> ExitCode {
    let mut settings = match settings(arguments) {
        Ok(settings) => settings,
        Err(error) => return failed(&error),
    };
    // Removed last, when nothing uses it any more.
    let demo_dir = settings.demo_dir.take();
    let result = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(UpError::Io)
        .and_then(|runtime| runtime.block_on(up(arguments, settings)));
    if let Some(Err(error)) = demo_dir.map(TempDir::close) {
        complain(format_args!("WARNING: the demo's data directory is left behind: {error}"));
    }
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

fn failed(error: &UpError) -> ExitCode {
    if let UpError::Config(errors) = error {
        return startup::bad_configuration(errors);
    }
    complain(format_args!("ERROR: {error}"));
    match error {
        UpError::DemoOnRedis | UpError::DemoOnSocket(_) => ExitCode::from(startup::EXIT_CONFIG),
        _ => ExitCode::FAILURE,
    }
}

fn settings(arguments: &Up) -> Result<Settings, UpError> {
    let mut adjustments = Adjustments::default();
    // No nginx is needed.
    adjustments.defaults.push(("SERVE_RECORDINGS", "true".to_owned()));
    if let Some(bind) = &arguments.bind {
        adjustments.forced.push(("BIND", bind.clone()));
    }
    if arguments.demo {
        adjustments.defaults.push(("INTERVAL", "5".to_owned()));
        // The links name neither a configured host nor a tenant.
        adjustments.forced.push(("URL_HOST", String::new()));
        adjustments.forced.push(("MULTITENANCY_ENABLED", String::new()));
    }
    let demo_dir = if arguments.demo { Some(demo::data_dir().map_err(UpError::DemoDir)?) } else { None };
    if let Some(dir) = &demo_dir {
        adjustments.forced.push(("SCALELITE_DATA_DIR", dir.path().display().to_string()));
    }
    let mut loaded = environment::load(&adjustments)?;
    if arguments.demo && loaded.config.stores.redis.is_some() {
        return Err(UpError::DemoOnRedis);
    }
    let kept = keep_secrets(&loaded.config)?;
    if let Some((kept, used)) = &kept {
        if *used {
            adjustments.defaults.push(("LOADBALANCER_SECRET", kept.loadbalancer.expose_secret().to_owned()));
        }
        adjustments.defaults.push(("SECRET_KEY_BASE", kept.key_base.expose_secret().to_owned()));
        loaded = environment::load(&adjustments)?;
    }
    loaded.config.require_service_secrets()?;
    let address_chosen =
        arguments.bind.is_some() || environment::is_set("BIND") || environment::is_set("PORT");
    if arguments.demo {
        demo_address(arguments, &mut loaded.config)?;
    }
    Ok(Settings { loaded, kept, address_chosen, demo_dir })
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

async fn up(arguments: &Up, settings: Settings) -> Result<(), UpError> {
    let Settings { loaded, kept, address_chosen, .. } = settings;
    let config = Arc::new(startup::begin(loaded));
    let shutdown = shutdown::on_signal()?;
    // The poller has a client of its own: the front end's belongs to its workers' threads.
    let state = startup::open_state(&config, 1).await?;
    let poller = Poller::new(
        Arc::clone(&config),
        Arc::clone(&state),
        startup::bbb_client(&config, 1, startup::IDLE_OF_POLLS),
    );
    let workers = config.http.workers;
    let parts = Parts {
        config: Arc::clone(&config),
        state: state_for_workers(&config, &state)?,
        client: startup::bbb_client(&config, workers, startup::IDLE_OF_FRONT_END),
        catalog: startup::open_catalog(&config, workers).await?,
        store: Store::new(&config.recordings)?,
    };
    let (bound, note) = bind(&config.http.bind, arguments.demo && !address_chosen)?;
    let fleet = if arguments.demo { Some(demo::start(state.as_ref()).await?) } else { None };
    let trouble = trouble(state.as_ref()).await;
    let served = async {
        if fleet.is_some() {
            // A server that does not answer is no reason to wait.
            if let Ok(polled) = tokio::time::timeout(FIRST_POLL, poller.poll_all()).await {
                polled?;
            }
        }
        let notes = Notes { bind: note.as_deref(), trouble: trouble.as_deref() };
        announce(&config, &bound, kept.as_ref(), &notes, fleet.is_some());
        serve(parts, bound, poller, shutdown).await
    };
    let served = served.await;
    if let Some(fleet) = fleet {
        fleet.stop().await;
    }
    served
}

/// The embedded live state is shared. On Redis the front end has connections of its own, which belong to its
/// workers' threads.
fn state_for_workers(config: &Config, state: &Arc<dyn LiveState>) -> Result<Arc<dyn LiveState>, StateError> {
    let Some(redis) = &config.stores.redis else { return Ok(Arc::clone(state)) };
    let connections = if redis.pool == 0 { config.http.workers } else { redis.pool };
    Ok(Arc::new(RedisState::new(redis, connections)?))
}

/// Why the live state is of no use for now.
async fn trouble(state: &dyn LiveState) -> Option<String> {
    match tokio::time::timeout(FIRST_CHECK, state.check()).await {
        Ok(checked) => checked.err().map(|error| error.to_string()),
        Err(_) => Some(format!("no answer within {FIRST_CHECK:?}")),
    }
}

/// What else is worth knowing.
struct Notes<'a> {
    /// About the address.
    bind: Option<&'a str>,
    /// About the live state.
    trouble: Option<&'a str>,
}

/// Takes the address; a demo takes any free port if the usual one is not free.
fn bind(wanted: &Bind, or_any: bool) -> Result<(Bound, Option<String>), UpError> {
    let failed = |bind: &Bind| {
        let bind = bind.clone();
        move |source| UpError::Bind { bind, source }
    };
    match (scalelite_api::bind(wanted), wanted) {
        (Err(error), Bind::Tcp { host, port }) if or_any && error.kind() == ErrorKind::AddrInUse => {
            let any = Bind::Tcp { host: host.clone(), port: 0 };
            let bound = scalelite_api::bind(&any).map_err(failed(&any))?;
            Ok((bound, Some(format!("Port {port} is in use, so this is another one."))))
        }
        (result, _) => Ok((result.map_err(failed(wanted))?, None)),
    }
}

/// Tells that all is ready. The service goes on also if nobody reads it.
fn announce(config: &Config, bound: &Bound, kept: Option<&(Kept, bool)>, notes: &Notes<'_>, demo: bool) {
    let api = match bound {
        Bound::Tcp(_, address) => summary::api_url(*address),
        Bound::Unix(..) => bound.to_string(),
    };
    let stores = &config.stores;
    let data_dir = stores.redis.is_none().then(|| resolve_data_dir(stores));
    let elsewhere = data_dir.as_deref().is_some_and(|dir| dir.as_os_str() != SYSTEM_DATA_DIR);
    let made = kept.filter(|(_, used)| *used);
    let ready = Ready {
        api: &api,
        made_secret: made.map(|(kept, _)| (kept.loadbalancer.expose_secret(), kept.path.as_path())),
        data_dir: data_dir.as_deref(),
        name_data_dir: elsewhere,
        note: notes.bind,
        trouble: notes.trouble,
    };
    let mut text = ready.text();
    if let Some(secret) = config.secrets.loadbalancer.first().filter(|_| demo) {
        text.push_str(&summary::links(&api, config.secrets.signing, secret));
    }
    text.push_str("\nCtrl-C stops it.");
    let mut out = Output::stdout();
    if let Err(error) = out.line(text).and_then(|()| out.flush()) {
        tracing::debug!(%error, "nobody reads the summary");
    }
}

/// Runs both parts until `shutdown` is cancelled; when one of them ends, so does the other.
async fn serve(
    parts: Parts,
    bound: Bound,
    poller: Poller,
    shutdown: CancellationToken,
) -> Result<(), UpError> {
    let front_end = scalelite_api::run(parts, bound, shutdown.clone());
    let polls = scalelite_poller::run(poller, shutdown.clone());
    let (front_end, polls) = tokio::join!(then_stop(&shutdown, front_end), then_stop(&shutdown, polls));
    front_end.map_err(UpError::FrontEnd)?;
    Ok(polls?)
}

async fn then_stop<T>(shutdown: &CancellationToken, part: impl Future<Output = T>) -> T {
    let result = part.await;
    shutdown.cancel();
    result
}
