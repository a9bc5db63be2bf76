//! The operator's tasks (CONTRACT §12): one file per namespace, larger ones in parts.

mod audit;
mod checked;
mod database;
mod ending;
mod error;
mod liveness;
mod meeting_info;
mod meetings;
mod multiplier;
mod place;
mod poll;
mod recordings;
mod repeated;
mod servers;
mod servers_add_all;
mod servers_clear;
mod servers_file;
mod servers_meetings;
mod servers_sync;
mod servers_yaml;
mod shell;
mod status;
mod status_frame;
mod status_watch;
mod sync_file;
mod sync_plan;
mod tenants;
mod usage;
mod views;

use std::process::ExitCode;
use std::sync::Arc;

use scalelite_core::bbb::client::BbbClient;
use scalelite_core::config::{Config, ConfigErrors, Loaded};
use scalelite_core::pool::server::{Server, ServerId};
use scalelite_core::startup;
use scalelite_core::state::LiveState;

use crate::cli::{RecordingsTask, Task};
use crate::directories;
use crate::environment::{self, Adjustments};
use crate::output::{Output, complain};
use audit::Record;
use error::TaskError;

/// What every task works with.
pub(crate) struct Context {
    config: Arc<Config>,
    state: Arc<dyn LiveState>,
    client: Arc<BbbClient>,
    out: Output,
    record: Record,
}

impl Context {
    async fn open(config: Arc<Config>, record: Record) -> Result<Self, TaskError> {
        let state = startup::open_state(&config, 1).await?;
        let client = startup::bbb_client(&config, 1, startup::IDLE_OF_POLLS);
        Ok(Self { config, state, client, out: Output::stdout(), record })
    }

    /// The server of that ID, or the error that there is none.
    async fn server(&self, id: &str) -> Result<Server, TaskError> {
        let found = self.state.server(&ServerId::from(id)).await?;
        found.ok_or_else(|| TaskError::NoServer(id.to_owned()))
    }
}

/// The IDs of a list separated by `:`.
fn ids(list: Option<&str>) -> impl Iterator<Item = &str> {
    list.unwrap_or_default().split(':').filter(|id| !id.is_empty())
}

/// Runs one task to its end; tells what went wrong on standard error.
pub(crate) fn start(task: &Task) -> ExitCode {
    match task {
        Task::Liveness => return finish(liveness::answer(&mut Output::stdout())),
        Task::Completions(arguments) => return finish(shell::completions(arguments)),
        Task::Man(arguments) => return finish(shell::man(arguments)),
        _ => {}
    }
    let imports = matches!(task, Task::Recordings(RecordingsTask::Watch(_)));
    // What runs on is a service, and logs like one.
    let quiet = !(imports || matches!(task, Task::Poll(_)));
    let config = match load(quiet, imports) {
        Ok(loaded) => startup::begin(loaded),
        Err(errors) => return startup::bad_configuration(&errors),
    };
    let mut threads = match imports {
        true => tokio::runtime::Builder::new_multi_thread(),
        false => tokio::runtime::Builder::new_current_thread(),
    };
    let runtime = match threads.enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return finish(Err(error.into())),
    };
    let config = Arc::new(config);
    finish(runtime.block_on(async {
        let record = Record::of(task);
        let result = perform(task, &config, &record).await;
        audit::note(&config, &record, result.as_ref().err()).await;
        result
    }))
}

async fn perform(task: &Task, config: &Arc<Config>, record: &Record) -> Result<(), TaskError> {
    match task {
        Task::Recordings(task) => recordings::run(task, config, record).await,
        Task::Database(task) => database::run(task, config, record).await,
        Task::Audit(arguments) => audit::show(config, arguments).await,
        task => {
            let mut context = Context::open(Arc::clone(config), record.clone()).await?;
            run(task, &mut context).await?;
            Ok(context.out.flush()?)
        }
    }
}

fn load(quiet: bool, for_service: bool) -> Result<Loaded, ConfigErrors> {
    let mut adjustments = if quiet { Adjustments::quiet() } else { Adjustments::default() };
    let mut loaded = environment::load(&adjustments)?;
    let directories = directories::for_tasks(&loaded.config.stores);
    if !directories.is_empty() {
        adjustments.defaults.extend(directories);
        loaded = environment::load(&adjustments)?;
    }
    if for_service {
        loaded.config.require_service_secrets()?;
    }
    Ok(loaded)
}

fn finish(result: Result<(), TaskError>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(format_args!("{error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(task: &Task, context: &mut Context) -> Result<(), TaskError> {
    match task {
        Task::Servers(listing) => servers::list(context, listing.json).await,
        Task::ServersAdd(server) => servers::add(context, server).await,
        Task::ServersUpdate(server) => servers::update(context, server).await,
        Task::ServersRemove(server) => servers::remove(context, &server.id).await,
        Task::ServersEnable(server) => servers::enable(context, &server.id).await,
        Task::ServersCordon(server) => servers::cordon(context, &server.id).await,
        Task::ServersDisable(server) => servers_clear::disable(context, server).await,
        Task::ServersPanic(server) => servers_clear::panic(context, server).await,
        Task::ServersLoadMultiplier(server) => servers::set_load_multiplier(context, server).await,
        Task::ServersTag(server) => servers::set_tag(context, server).await,
        Task::ServersAddAll(file) => servers_add_all::add_all(context, &file.path).await,
        Task::ServersSync(sync) => servers_sync::sync(context, sync).await,
        Task::ServersYaml(dump) => servers_yaml::dump(context, dump.verbose()).await,
        Task::ServersMeetingList(listing) => servers_meetings::list(context, listing).await,
        Task::Status(arguments) => status::show(context, arguments).await,
        Task::Meetings(listing) => meetings::list(context, listing).await,
        Task::MeetingsEnd(end) => meetings::end(context, end).await,
        Task::MeetingsInfo(meeting) => meeting_info::show(context, meeting).await,
        Task::Tenants(task) => tenants::run(task, context).await,
        Task::Usage(arguments) => usage::show(context, arguments).await,
        Task::Poll(poll) => poll::forever(context, poll).await,
        Task::PollAll => Ok(poll::once(context).poll_all().await?),
        Task::PollServers => Ok(poll::once(context).poll_servers().await?),
        Task::PollMeetings => Ok(poll::once(context).poll_meetings().await?),
        Task::PollVersions => Ok(poll::once(context).poll_versions().await?),
        // They need no live state, or make their own.
        Task::Liveness
        | Task::Up(_)
        | Task::Recordings(_)
        | Task::Database(_)
        | Task::Audit(_)
        | Task::Completions(_)
        | Task::Man(_) => Ok(()),
    }
}
