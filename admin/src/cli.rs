//! The command line: every task with its arguments (CONTRACT §12).

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::output::complain;
use crate::rake;

mod arguments;
mod audit;
mod examples;
mod recordings;
mod shell;
mod tenants;
mod usage;

pub(crate) use arguments::*;
pub(crate) use audit::*;
pub(crate) use recordings::*;
pub(crate) use shell::*;
pub(crate) use tenants::*;
pub(crate) use usage::*;

const EXAMPLES: &str = "\
Examples:
  scalelite up --demo              try it out: nothing else is needed
  scalelite up                     front end, poller and importer in one process
  scalelite servers:add https://bbb1.example.com/bigbluebutton/api SECRET --tag hd
  scalelite servers:enable ID      a new server is disabled at first
  scalelite poll:all status        several tasks, one after the other
  scalelite servers --json         for scripts; also status, meetings and recordings

Every task can be written as for rake, too: scalelite 'servers:add[URL,SECRET,2,hd]'.
It is configured by the same environment variables as the services.";

/// The operator's tool of the load balancer: manages servers and meetings, or runs everything in one
/// process.
#[derive(Parser)]
#[command(name = "scalelite", version, propagate_version = true, about, after_help = EXAMPLES, arg_required_else_help = true)]
#[command(subcommand_value_name = "TASK", subcommand_help_heading = "Tasks")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

/// A task and its arguments.
#[derive(PartialEq, Eq, Subcommand)]
pub(crate) enum Task {
    /// Run the front end, the poller and the importer in one process, until SIGTERM or Ctrl-C
    Up(Up),
    /// Show all servers
    Servers(Listing),
    /// Add a server; it is disabled at first
    #[command(name = "servers:add")]
    ServersAdd(AddServer),
    /// Change secret, load multiplier or tag of a server
    #[command(name = "servers:update")]
    ServersUpdate(UpdateServer),
    /// Remove a server and forget its meetings
    #[command(name = "servers:remove")]
    ServersRemove(ServerArg),
    /// Let a server have new meetings
    #[command(name = "servers:enable")]
    ServersEnable(ServerArg),
    /// Keep new meetings off a server; it is disabled once its meetings are over
    #[command(name = "servers:cordon")]
    ServersCordon(ServerArg),
    /// Take a server out of use and, if it has load, end its meetings (asks first)
    #[command(name = "servers:disable")]
    ServersDisable(DisableServer),
    /// Disable a crashed server and forget and end all its meetings
    #[command(name = "servers:panic")]
    ServersPanic(PanicServer),
    /// Set what one user counts on a server: more than 1 for a weaker one
    #[command(name = "servers:loadMultiplier")]
    ServersLoadMultiplier(SetLoadMultiplier),
    /// Set the tag of a server; without one, take it away
    #[command(name = "servers:tag")]
    ServersTag(SetTag),
    /// Add all servers of a YAML file
    #[command(name = "servers:addAll")]
    ServersAddAll(FileArg),
    /// Make the servers what a YAML file says
    #[command(name = "servers:sync")]
    ServersSync(SyncServers),
    /// Print a file for servers:sync
    #[command(name = "servers:yaml")]
    ServersYaml(DumpServers),
    /// Ask servers for the meetings that run on them
    #[command(name = "servers:meeting_list")]
    ServersMeetingList(ListingOf),
    /// Show a table of all servers with their numbers
    Status(ShowStatus),
    /// Ask for all meetings, or some, on their servers
    #[command(name = "meetings", visible_alias = "meetings:list")]
    Meetings(ListingOf),
    /// End all meetings, or some (asks first)
    #[command(name = "meetings:end")]
    MeetingsEnd(EndMeetings),
    /// Show what its server knows of a meeting
    #[command(name = "meetings:info")]
    MeetingsInfo(MeetingArg),
    #[command(flatten)]
    Tenants(TenantsTask),
    #[command(flatten)]
    Recordings(RecordingsTask),
    #[command(flatten)]
    Database(DatabaseTask),
    /// Poll again and again, like the poller service
    Poll(PollForever),
    /// Poll servers, meetings and versions once
    #[command(name = "poll:all")]
    PollAll,
    /// Poll the health and load of all servers once
    #[command(name = "poll:servers")]
    PollServers,
    /// Look once for meetings that are over
    #[command(name = "poll:meetings")]
    PollMeetings,
    /// Ask all servers for their BigBlueButton version once
    #[command(name = "poll:versions")]
    PollVersions,
    /// Show what tenants have used, month by month: meetings, participant-minutes, recordings, bytes
    Usage(ShowUsage),
    /// Show who changed what, the newest first
    Audit(ShowAudit),
    /// Print what lets a shell complete tasks and their arguments
    Completions(Completions),
    /// Print the manual page
    Man(Man),
    /// Print `success`: a container's liveness probe
    Liveness,
}

/// All that the command line can be.
pub(crate) fn command() -> clap::Command {
    examples::add(Cli::command())
}

/// Reads the whole command line, before any of its tasks begins.
pub(crate) fn read(words: &[String]) -> Result<Vec<Task>, clap::Error> {
    let command = command();
    let known: Vec<rake::Known<'_>> = command
        .get_subcommands()
        .flat_map(|task| {
            let arguments = arguments(task);
            let names = std::iter::once(task.get_name()).chain(task.get_all_aliases());
            names.map(move |name| rake::Known { name, arguments })
        })
        .collect();
    rake::split(words, &known).into_iter().map(read_one).collect()
}

/// How many arguments a task takes by their place.
fn arguments(task: &clap::Command) -> usize {
    let any_number = |argument: &clap::Arg| matches!(argument.get_action(), ArgAction::Append);
    if task.get_positionals().any(any_number) { usize::MAX } else { task.get_positionals().count() }
}

fn read_one(words: Vec<String>) -> Result<Task, clap::Error> {
    let line = std::iter::once("scalelite".to_owned()).chain(words);
    let mut command = command();
    let matches = command.try_get_matches_from_mut(line)?;
    Cli::from_arg_matches(&matches).map(|cli| cli.task).map_err(|error| error.format(&mut command))
}

/// Prints the help or the version that was asked for, or what is wrong with the command line. Whatever is
/// wrong, the exit status is rake's: 1.
pub(crate) fn explain(error: &clap::Error) -> ExitCode {
    if let Some(message) = unknown_task(error) {
        complain(format_args!("{message}"));
        return ExitCode::FAILURE;
    }
    // If nobody reads it, there is nobody to tell.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// So many tasks are named where one is not known.
const NEAR_ONES: usize = 3;

fn unknown_task(error: &clap::Error) -> Option<String> {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidSubcommand) else { return None };
    let near = near(name).join(", ");
    let near = if near.is_empty() { near } else { format!(" Near it: {near}.") };
    Some(format!("ERROR: There is no task {name}.{near} `scalelite --help` lists all tasks."))
}

/// The tasks whose names are near, whatever the case; the nearest first.
fn near(name: &str) -> Vec<String> {
    let command = command();
    let mut names = command
        .get_subcommands()
        .flat_map(|task| std::iter::once(task.get_name()).chain(task.get_all_aliases()));
    if let Some(same) = names.find(|task| task.eq_ignore_ascii_case(name)) {
        return vec![same.to_owned()];
    }
    // Almost all names are in lower case, so one in another case is nearest to them in lower case.
    let error = Cli::try_parse_from(["scalelite", &name.to_ascii_lowercase()]).err();
    match error.as_ref().and_then(|error| error.get(ContextKind::SuggestedSubcommand)) {
        Some(ContextValue::String(near)) => vec![near.clone()],
        // The nearest stand last.
        Some(ContextValue::Strings(near)) => near.iter().rev().take(NEAR_ONES).cloned().collect(),
        _ => Vec::new(),
    }
}
