//! The arguments of each task, by their place or by name.

use std::time::Duration;

use clap::Args;

/// `up`
#[derive(PartialEq, Eq, Args)]
pub(crate) struct Up {
    /// Add three simulated servers and print links to try
    #[arg(long)]
    pub(crate) demo: bool,
    /// Where to listen, instead of BIND or PORT: HOST:PORT or unix:///PATH
    #[arg(long, value_name = "ADDR")]
    pub(crate) bind: Option<String>,
}

/// A task that lists everything.
#[derive(PartialEq, Eq, Args)]
pub(crate) struct Listing {
    /// Print an array of JSON objects
    #[arg(long)]
    pub(crate) json: bool,
}

/// `status`
#[derive(PartialEq, Eq, Args)]
pub(crate) struct ShowStatus {
    /// Print an array of JSON objects
    #[arg(long)]
    pub(crate) json: bool,
    /// Show it again every so many seconds, with the load of the last 24 hours, until Ctrl-C
    #[arg(
        long,
        value_name = "SECONDS",
        num_args = 0..=1,
        default_missing_value = "5",
        value_parser = watch_interval,
        conflicts_with = "json"
    )]
    pub(crate) watch: Option<Duration>,
}

/// A number of seconds, from 0.1 to a day.
fn watch_interval(text: &str) -> Result<Duration, &'static str> {
    let seconds = text.trim().parse().ok().filter(|seconds| (0.1..=86_400.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or("expected a number of seconds, 0.1 to 86400")
}

/// A task that lists everything, or what belongs to some IDs.
#[derive(PartialEq, Eq, Args)]
pub(crate) struct ListingOf {
    /// IDs, separated by `:`; all if there is none
    pub(crate) ids: Option<String>,
    /// Print an array of JSON objects
    #[arg(long)]
    pub(crate) json: bool,
}

/// A task for one server.
#[derive(PartialEq, Eq, Args)]
pub(crate) struct ServerArg {
    /// The ID of the server
    pub(crate) id: String,
}

/// Load multiplier and tag, each by its place or by name.
#[derive(PartialEq, Eq, Args)]
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
#[derive(PartialEq, Eq, Args)]
pub(crate) struct AddServer {
    /// Its API URL, as `bbb-conf --secret` prints it, with `/api` at the end
    pub(crate) url: Option<String>,
    /// Its secret, printed there as well
    pub(crate) secret: Option<String>,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

/// `servers:update`
#[derive(PartialEq, Eq, Args)]
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
#[derive(PartialEq, Eq, Args)]
pub(crate) struct DisableServer {
    /// The ID of the server
    pub(crate) id: String,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `servers:panic`
#[derive(PartialEq, Eq, Args)]
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
#[derive(PartialEq, Eq, Args)]
pub(crate) struct SetLoadMultiplier {
    /// The ID of the server
    pub(crate) id: String,
    /// What one user counts on it; default 1
    pub(crate) load_multiplier: Option<String>,
}

/// `servers:tag`
#[derive(PartialEq, Eq, Args)]
pub(crate) struct SetTag {
    /// The ID of the server
    pub(crate) id: String,
    /// Its tag; none or an empty one takes it away
    pub(crate) tag: Option<String>,
}

/// A task that reads a file.
#[derive(PartialEq, Eq, Args)]
pub(crate) struct FileArg {
    /// A YAML file with a list `servers` of `url` and `secret`; `-` is standard input
    pub(crate) path: String,
}

/// `servers:sync`
#[derive(PartialEq, Eq, Args)]
pub(crate) struct SyncServers {
    /// A YAML file as servers:yaml prints it; `-` is standard input
    pub(crate) path: Option<String>,
    /// For servers that the file does not name: keep them, cordon (remove the empty ones and cordon the
    /// others; the default) or force (end their meetings and remove them)
    mode: Option<String>,
    /// true: only tell what would be done; anything but n, no and false does
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
        self.named_dry_run || is_dry_run(self.dryrun.as_ref())
    }
}

/// Whether this argument lets a task only tell what it would do.
pub(super) fn is_dry_run(argument: Option<&String>) -> bool {
    // Only these words, as in the original: any other must not change anything.
    let real = |text: &str| ["n", "no", "false"].iter().any(|no| text.trim().eq_ignore_ascii_case(no));
    given(argument).is_some_and(|text| !real(text))
}

/// `servers:yaml`
#[derive(PartialEq, Eq, Args)]
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
#[derive(PartialEq, Eq, Args)]
pub(crate) struct EndMeetings {
    /// IDs, separated by `:`; all if there is none
    pub(crate) ids: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// A task for one meeting.
#[derive(PartialEq, Eq, Args)]
pub(crate) struct MeetingArg {
    /// The ID of the meeting
    pub(crate) id: Option<String>,
}

/// `poll`
#[derive(PartialEq, Eq, Args)]
pub(crate) struct PollForever {
    /// Seconds from one poll to the next, instead of POLL_INTERVAL
    pub(crate) interval: Option<String>,
}

/// An argument with something in it: to rake, an empty one is none.
pub(crate) fn given(argument: Option<&String>) -> Option<&str> {
    argument.map(String::as_str).filter(|text| !text.is_empty())
}

/// Whether an argument of yes or no is there and does not say no.
pub(super) fn is_yes(argument: Option<&str>) -> bool {
    let no = ["", "0", "n", "no", "off", "false"];
    argument.is_some_and(|text| !no.contains(&text.trim().to_ascii_lowercase().as_str()))
}
