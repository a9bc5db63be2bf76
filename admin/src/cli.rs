//! The command line: every task with its arguments (CONTRACT §12).

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::rake;

const EXAMPLES: &str = "\
Examples:
  scalelite up --demo                                   try it out: no servers, no configuration needed
  scalelite up                                          front end and poller in one process
  scalelite servers:add https://bbb1.example.com/bigbluebutton/api SECRET --tag hd
  scalelite servers:enable ID                           new servers are disabled: let it have meetings
  scalelite poll:all status                             several tasks, in this order
  scalelite servers --json                              for scripts; also status and meetings

Every task can be written as rake does, too: scalelite 'servers:add[URL,SECRET,2,hd]'.
It is configured by the same environment variables as the services.";

/// The operator's tool of the load balancer: manages servers and meetings, or runs everything in one
/// process.
#[derive(Debug, Parser)]
#[command(name = "scalelite", version, about, after_help = EXAMPLES, arg_required_else_help = true)]
#[command(subcommand_value_name = "TASK", subcommand_help_heading = "Tasks")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

/// A task and its arguments.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Task {
    /// Run the front end and the poller in one process, until SIGTERM or Ctrl-C
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
    Status(Listing),
    /// Ask for all meetings, or some, on their servers
    #[command(name = "meetings", alias = "meetings:list")]
    Meetings(ListingOf),
    /// End all meetings, or some (asks first)
    #[command(name = "meetings:end")]
    MeetingsEnd(EndMeetings),
    /// Show what its server knows of a meeting
    #[command(name = "meetings:info")]
    MeetingsInfo(MeetingArg),
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
    /// Print `success`: a container's liveness probe
    Liveness,
}

/// `up`
#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct Up {
    /// Add three simulated servers and print links to try
    #[arg(long)]
    pub(crate) demo: bool,
    /// Where to listen, instead of BIND or PORT: HOST:PORT or unix:///PATH
    #[arg(long, value_name = "ADDR")]
    pub(crate) bind: Option<String>,
}

/// A task that lists everything.
#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct Listing {
    /// Print an array of JSON objects
    #[arg(long)]
    pub(crate) json: bool,
}

/// A task that lists everything, or what belongs to some IDs.
#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct ListingOf {
    /// IDs, separated by `:`; all if there is none
    pub(crate) ids: Option<String>,
    /// Print an array of JSON objects
    #[arg(long)]
    pub(crate) json: bool,
}

/// A task for one server.
#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct ServerArg {
    /// The ID of the server
    pub(crate) id: String,
}

/// Load multiplier and tag, each by its place or by name.
#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct Settings {
    /// What one user counts on it: more than 1 for a weaker server
    #[arg(conflicts_with = "named_multiplier")]
    load_multiplier: Option<String>,
    /// Only meetings that want this tag are placed on it
    #[arg(conflicts_with = "named_tag")]
    tag: Option<String>,
    /// The same by name
    #[arg(long = "load-multiplier", value_name = "LOAD_MULTIPLIER")]
    named_multiplier: Option<String>,
    /// The same by name
    #[arg(long = "tag", value_name = "TAG")]
    named_tag: Option<String>,
}

impl Settings {
    /// The multiplier, if there is one.
    pub(crate) fn load_multiplier(&self) -> Option<&str> {
        given(self.load_multiplier.as_ref().or(self.named_multiplier.as_ref()))
    }

    /// The tag as it was given, also an empty one.
    pub(crate) fn tag(&self) -> Option<&str> {
        self.tag.as_deref().or(self.named_tag.as_deref())
    }
}

/// `servers:add`
#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct AddServer {
    /// Its API URL, as `bbb-conf --secret` prints it, with `/api` at the end
    pub(crate) url: Option<String>,
    /// Its secret, printed there as well
    pub(crate) secret: Option<String>,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

/// `servers:update`
#[derive(Debug, PartialEq, Eq, Args)]
#[command(after_help = "An empty tag ('servers:update[ID,,,]' or --tag '') takes the tag away.")]
pub(crate) struct UpdateServer {
    /// The ID of the server
    pub(crate) id: String,
    /// Its new secret
    #[arg(conflicts_with = "named_secret")]
    pub(crate) secret: Option<String>,
    /// The same by name
    #[arg(long = "secret", value_name = "SECRET")]
    pub(crate) named_secret: Option<String>,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

/// `servers:disable`
#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct DisableServer {
    /// The ID of the server
    pub(crate) id: String,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `servers:panic`
#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct PanicServer {
    /// The ID of the server
    pub(crate) id: String,
    /// true: leave it enabled or cordoned
    keep_state: Option<String>,
    /// true: forget the meetings, but do not ask the server to end them
    skip_end_calls: Option<String>,
    /// The same by name
    #[arg(long = "keep-state")]
    named_keep_state: bool,
    /// The same by name
    #[arg(long = "skip-end-calls")]
    named_skip_end_calls: bool,
}

impl PanicServer {
    pub(crate) fn keep_state(&self) -> bool {
        self.named_keep_state || is_yes(self.keep_state.as_deref())
    }

    pub(crate) fn skip_end_calls(&self) -> bool {
        self.named_skip_end_calls || is_yes(self.skip_end_calls.as_deref())
    }
}

/// `servers:loadMultiplier`
#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct SetLoadMultiplier {
    /// The ID of the server
    pub(crate) id: String,
    /// What one user counts on it; default 1
    pub(crate) load_multiplier: Option<String>,
}

/// `servers:tag`
#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct SetTag {
    /// The ID of the server
    pub(crate) id: String,
    /// Its tag; none or an empty one takes it away
    pub(crate) tag: Option<String>,
}

/// A task that reads a file.
#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct FileArg {
    /// A YAML file with a list `servers` of `url` and `secret`; `-` is standard input
    pub(crate) path: String,
}

/// `servers:sync`
#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct SyncServers {
    /// A YAML file as servers:yaml prints it; `-` is standard input
    pub(crate) path: Option<String>,
    /// For servers that the file does not name: keep them, cordon (remove the empty ones and cordon the
    /// others; the default) or force (end their meetings and remove them)
    mode: Option<String>,
    /// true: only tell what would be done
    dryrun: Option<String>,
    /// The same by name
    #[arg(long = "mode", value_name = "MODE", conflicts_with = "mode")]
    named_mode: Option<String>,
    /// The same by name
    #[arg(long = "dry-run", alias = "dryrun")]
    named_dry_run: bool,
}

impl SyncServers {
    pub(crate) fn mode(&self) -> Option<&str> {
        given(self.mode.as_ref().or(self.named_mode.as_ref()))
    }

    pub(crate) fn dry_run(&self) -> bool {
        self.named_dry_run || is_yes(self.dryrun.as_deref())
    }
}

/// `servers:yaml`
#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct DumpServers {
    /// true: also state, load, version and whether it is online, which servers:sync ignores
    verbose: Option<String>,
    /// The same by name
    #[arg(long = "verbose")]
    named_verbose: bool,
}

impl DumpServers {
    pub(crate) fn verbose(&self) -> bool {
        self.named_verbose || is_yes(self.verbose.as_deref())
    }
}

/// `meetings:end`
#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct EndMeetings {
    /// IDs, separated by `:`; all if there is none
    pub(crate) ids: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// A task for one meeting.
#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct MeetingArg {
    /// The ID of the meeting
    pub(crate) id: Option<String>,
}

/// `poll`
#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct PollForever {
    /// Seconds from one poll to the next, instead of POLL_INTERVAL
    pub(crate) interval: Option<String>,
}

/// An argument with something in it: to rake, an empty one is none.
pub(crate) fn given(argument: Option<&String>) -> Option<&str> {
    argument.map(String::as_str).filter(|text| !text.is_empty())
}

/// Whether an argument of yes or no is there and does not say no.
fn is_yes(argument: Option<&str>) -> bool {
    let no = ["", "0", "n", "no", "off", "false"];
    argument.is_some_and(|text| !no.contains(&text.trim().to_ascii_lowercase().as_str()))
}

/// Reads the whole command line, before any of its tasks begins.
pub(crate) fn read(words: &[String]) -> Result<Vec<Task>, clap::Error> {
    let command = Cli::command();
    let known: Vec<rake::Known<'_>> = command
        .get_subcommands()
        .flat_map(|task| {
            let arguments = task.get_positionals().count();
            task.get_name_and_visible_aliases()
                .into_iter()
                .chain(task.get_all_aliases())
                .map(move |name| rake::Known { name, arguments })
        })
        .collect();
    rake::split(words, &known).into_iter().map(read_one).collect()
}

fn read_one(words: Vec<String>) -> Result<Task, clap::Error> {
    let line = std::iter::once("scalelite".to_owned()).chain(words);
    Cli::try_parse_from(line).map(|cli| cli.task)
}

/// Prints the help or the version that was asked for, or what is wrong with the command line. Whatever is
/// wrong, the exit status is rake's: 1.
pub(crate) fn explain(error: &clap::Error) -> ExitCode {
    if let Some(message) = unknown_task(error) {
        eprintln!("{message}");
        return ExitCode::FAILURE;
    }
    // If nobody reads it, there is nobody to tell.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn unknown_task(error: &clap::Error) -> Option<String> {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidSubcommand) else { return None };
    let near = match error.get(ContextKind::SuggestedSubcommand) {
        Some(ContextValue::String(near)) => near.clone(),
        Some(ContextValue::Strings(near)) => near.join(", "),
        _ => String::new(),
    };
    let near = if near.is_empty() { near } else { format!(" Near it: {near}.") };
    Some(format!("ERROR: There is no task {name}.{near} `scalelite --help` lists all tasks."))
}
