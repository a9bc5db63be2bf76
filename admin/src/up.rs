//! `scalelite up`: the front end, the poller and the importer in one process, on one machine that needs nothing else.

mod announce;
mod error;
mod settings;

use std::io::ErrorKind;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use scalelite_api::{Bound, Parts};
use scalelite_core::config::{Bind, Config, Monitored};
use scalelite_core::monitoring::{self, Metric, Monitoring};
use scalelite_core::recordings::catalog::Catalog;
use scalelite_core::recordings::store::Store;
use scalelite_core::state::redis::RedisState;
use scalelite_core::state::{LiveState, StateError};
use scalelite_core::{service_manager, shutdown, startup};
use scalelite_importer::ImporterError;
use scalelite_poller::Poller;
use tempfile::TempDir;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::cli::Up;
use crate::demo::{self, recording};
use crate::output::complain;
use crate::summary;
use announce::{Demo, Notes, announce};
use error::UpError;
use settings::Settings;

/// What this process counts.
pub(crate) const METRICS: &[&[Metric]] =
    &[monitoring::METRICS, scalelite_api::METRICS, scalelite_poller::METRICS, scalelite_importer::METRICS];

/// The front end, the poller and the importer.
const PARTS: usize = 3;

/// The simulated servers answer well within this.
const FIRST_POLL: Duration = Duration::from_secs(3);

/// A store that is there answers well within this.
const FIRST_CHECK: Duration = Duration::from_secs(3);

/// Runs until SIGTERM or SIGINT, or until a part fails.
pub(crate) fn start(arguments: &Up) -> ExitCode {
    let mut settings = match Settings::read(arguments) {
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

async fn up(arguments: &Up, settings: Settings) -> Result<(), UpError> {
    let Settings { loaded, kept, address_chosen, .. } = settings;
    let config = Arc::new(startup::begin(loaded));
    let shutdown = shutdown::on_signal()?;
    let monitoring = monitoring::start(&config, Monitored::Up, METRICS, &shutdown).await;
    service_manager::expect(PARTS);
    service_manager::keep_watch();
    // The poller has a client of its own: the front end's belongs to its workers' threads.
    let state = startup::open_state(&config, 1).await?;
    let catalog = startup::open_catalog(&config, scalelite_importer::slots(&config)).await?;
    let poller = Poller::new(
        Arc::clone(&config),
        Arc::clone(&state),
        startup::bbb_client(&config, 1, startup::IDLE_OF_POLLS),
    );
    let poller = poller.with_catalog(catalog.clone());
    let store = Store::new(&config.recordings)?;
    let workers = config.http.workers;
    let parts = Parts {
        config: Arc::clone(&config),
        state: state_for_workers(&config, &state)?,
        client: startup::bbb_client(&config, workers, startup::IDLE_OF_FRONT_END),
        catalog: catalog_for_workers(&config, catalog.as_ref()).await?,
        store: store.clone(),
    };
    let (bound, note) = bind(&config.http.bind, arguments.demo && !address_chosen)?;
    let api = api_url(&bound);
    let fleet = if arguments.demo { Some(demo::start(state.as_ref()).await?) } else { None };
    if let Some(catalog) = &catalog {
        startup::migrate_beside(Arc::clone(catalog), shutdown.clone()).await;
    }
    let imports = import(Arc::clone(&config), catalog.clone(), store, Arc::clone(&state), shutdown.clone());
    let front_end = scalelite_api::run(parts, bound, shutdown.clone());
    let polls = async {
        let first = first_steps(arguments.demo, &poller, state.as_ref(), catalog.as_deref(), &config);
        let Some(first) = shutdown.run_until_cancelled(first).await else { return Ok(()) };
        let (trouble, demo) = first?;
        announce(
            &config,
            &api,
            kept.as_ref(),
            &Notes { bind: note, trouble, demo, metrics: metrics_url(monitoring) },
        );
        Ok(scalelite_poller::run(poller, shutdown.clone()).await?)
    };
    // When one of them ends, so do the others.
    let (front_end, imports, polls) = tokio::join!(
        then_stop(&shutdown, front_end),
        then_stop(&shutdown, imports),
        then_stop(&shutdown, polls),
    );
    if let Some(fleet) = fleet {
        fleet.stop().await;
    }
    front_end.map_err(UpError::FrontEnd)?;
    imports?;
    polls
}

/// The embedded live state is shared. On Redis the front end has connections of its own, which belong to its
/// workers' threads.
fn state_for_workers(config: &Config, state: &Arc<dyn LiveState>) -> Result<Arc<dyn LiveState>, StateError> {
    let Some(redis) = &config.stores.redis else { return Ok(Arc::clone(state)) };
    let connections = if redis.pool == 0 { config.http.workers } else { redis.pool };
    Ok(Arc::new(RedisState::new(redis, connections)?))
}

/// The same for the recordings' database.
async fn catalog_for_workers(
    config: &Config,
    catalog: Option<&Arc<dyn Catalog>>,
) -> Result<Option<Arc<dyn Catalog>>, UpError> {
    if config.stores.is_embedded() {
        return Ok(catalog.map(Arc::clone));
    }
    Ok(startup::open_catalog(config, config.http.workers).await?)
}

/// Imports recordings until `shutdown` is cancelled, if there are any to import.
async fn import(
    config: Arc<Config>,
    catalog: Option<Arc<dyn Catalog>>,
    store: Store,
    state: Arc<dyn LiveState>,
    shutdown: CancellationToken,
) -> Result<(), ImporterError> {
    match catalog {
        Some(catalog) => scalelite_importer::run(config, catalog, store, state, shutdown).await,
        None => {
            scalelite_importer::idle("DB_DISABLED is set", shutdown).await;
            Ok(())
        }
    }
}

/// What is to be told of the beginning: what is of no use for now, and what a demo has to show, which is waited for.
async fn first_steps(
    is_demo: bool,
    poller: &Poller,
    state: &dyn LiveState,
    catalog: Option<&dyn Catalog>,
    config: &Config,
) -> Result<(Option<String>, Option<Demo>), UpError> {
    let trouble = trouble(state, catalog).await;
    let Some(catalog) = catalog.filter(|_| is_demo) else { return Ok((trouble, None)) };
    // A server that does not answer is no reason to wait.
    if let Ok(polled) = timeout(FIRST_POLL, poller.poll_all()).await {
        polled?;
    }
    let dropped = recording::drop_into(&config.recordings.spool_dir).await?;
    let imported = recording::imported(catalog, &dropped).await;
    Ok((trouble, Some(Demo { record_id: imported.then_some(dropped) })))
}

/// What is of no use for now, and why.
async fn trouble(state: &dyn LiveState, catalog: Option<&dyn Catalog>) -> Option<String> {
    let late = || Some(format!("no answer within {FIRST_CHECK:?}"));
    let told = |checked: Result<_, _>| checked.unwrap_or_else(|_| late());
    let state = timeout(FIRST_CHECK, async { state.check().await.err().map(|error| error.to_string()) });
    if let Some(why) = told(state.await) {
        return Some(format!("its live state does not answer (yet): {why}"));
    }
    let catalog = timeout(FIRST_CHECK, async {
        match catalog {
            Some(catalog) => catalog.check().await.err().map(|error| error.to_string()),
            None => None,
        }
    });
    told(catalog.await).map(|why| format!("its recordings cannot be used (yet): {why}"))
}

fn metrics_url(monitoring: Monitoring) -> Option<String> {
    match monitoring {
        Monitoring::At(address) => Some(format!("http://{address}/metrics")),
        Monitoring::Off | Monitoring::Waiting => None,
    }
}

fn api_url(bound: &Bound) -> String {
    match bound {
        Bound::Tcp(_, address) => summary::api_url(*address),
        Bound::Unix(..) => bound.to_string(),
    }
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

async fn then_stop<T>(shutdown: &CancellationToken, part: impl Future<Output = T>) -> T {
    let result = part.await;
    shutdown.cancel();
    result
}
