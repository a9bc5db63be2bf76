//! Tasks on recordings and their database.

use std::collections::HashSet;

use clap::{Args, Subcommand};

use super::arguments::is_yes;
use super::given;

/// A task on recordings and its arguments.
#[derive(PartialEq, Eq, Subcommand)]
pub(crate) enum RecordingsTask {
    /// List recordings, the newest first
    #[command(name = "recordings:list", visible_alias = "recordings")]
    List(ListRecordings),
    /// Show all that is known of recordings
    #[command(name = "recordings:show")]
    Show(ShowRecordings),
    /// Publish recordings
    #[command(name = "recordings:publish")]
    Publish(RecordingIds),
    /// Unpublish recordings: they are kept, and nobody can play them
    #[command(name = "recordings:unpublish")]
    Unpublish(RecordingIds),
    /// Delete recordings and their files for good (asks first)
    #[command(name = "recordings:delete")]
    Delete(DeleteRecordings),
    /// Import recordings from the spool, like the importer service
    #[command(name = "recordings:watch")]
    Watch(WatchSpool),
    /// Move the files of unpublished recordings to where nobody can play them
    #[command(name = "recordings:update")]
    Update,
    /// Give all recordings that have no tenant to this one
    #[command(name = "recordings:addToTenant")]
    AddToTenant(TenantArg),
}

/// A task on the database of recordings.
#[derive(PartialEq, Eq, Subcommand)]
pub(crate) enum DatabaseTask {
    /// Make the database of recordings if it is not there, and bring it up to date; data stays
    #[command(name = "db:setup", visible_aliases = ["db:create", "db:schema:load", "db:prepare"])]
    Setup,
    /// Bring the database of recordings up to date
    #[command(name = "db:migrate")]
    Migrate,
}

/// `recordings:list`
#[derive(PartialEq, Eq, Args)]
#[command(after_help = "Each of --meeting, --record and --state may be given several times.")]
pub(crate) struct ListRecordings {
    /// The same as --record
    record_ids: Vec<String>,
    /// Only of the meeting with this ID
    #[arg(long = "meeting", value_name = "ID")]
    pub(crate) meetings: Vec<String>,
    /// Only those whose IDs begin like this; several, separated by `:`
    #[arg(long = "record", value_name = "ID")]
    records: Vec<String>,
    /// Only in this state, such as published, unpublished or deleted, or `any`; several, separated by `:`
    /// [default: published:unpublished]
    #[arg(long = "state", value_name = "STATE")]
    states: Vec<String>,
    /// Only of the tenant with this ID
    #[arg(long, value_name = "ID")]
    pub(crate) tenant: Option<String>,
    /// No more than so many
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    /// Print an array of JSON objects, one on each line
    #[arg(long)]
    pub(crate) json: bool,
}

impl ListRecordings {
    /// What record IDs begin with; none: any.
    pub(crate) fn records(&self) -> Vec<String> {
        separated(self.record_ids.iter().chain(&self.records))
    }

    /// States; none: the usual ones.
    pub(crate) fn states(&self) -> Vec<String> {
        separated(&self.states)
    }
}

/// A task for some recordings.
#[derive(PartialEq, Eq, Args)]
pub(crate) struct RecordingIds {
    /// Record IDs, separated by `:` or each for itself
    #[arg(required = true)]
    ids: Vec<String>,
}

impl RecordingIds {
    /// Each once, in their order.
    pub(crate) fn ids(&self) -> Vec<String> {
        let mut seen = HashSet::new();
        separated(&self.ids).into_iter().filter(|id| seen.insert(id.clone())).collect()
    }
}

/// `recordings:show`
#[derive(PartialEq, Eq, Args)]
pub(crate) struct ShowRecordings {
    #[command(flatten)]
    pub(crate) recordings: RecordingIds,
    /// Print an array of JSON objects
    #[arg(long)]
    pub(crate) json: bool,
}

/// `recordings:delete`
#[derive(PartialEq, Eq, Args)]
pub(crate) struct DeleteRecordings {
    #[command(flatten)]
    pub(crate) recordings: RecordingIds,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print an array of JSON objects: what was deleted
    #[arg(long)]
    pub(crate) json: bool,
}

/// `recordings:watch`
#[derive(PartialEq, Eq, Args)]
pub(crate) struct WatchSpool {
    /// false: rely on the file system's notice alone, instead of RECORDING_IMPORT_POLL
    force_polling: Option<String>,
    /// Seconds between two looks at the spool, instead of RECORDING_IMPORT_POLL_INTERVAL
    latency: Option<String>,
}

impl WatchSpool {
    pub(crate) fn force_polling(&self) -> Option<bool> {
        given(self.force_polling.as_ref()).map(|text| is_yes(Some(text)))
    }

    pub(crate) fn latency(&self) -> Option<&str> {
        given(self.latency.as_ref())
    }
}

/// A task for one tenant.
#[derive(PartialEq, Eq, Args)]
pub(crate) struct TenantArg {
    /// The ID of the tenant
    pub(crate) tenant_id: Option<String>,
}

/// The items of lists separated by `:`.
fn separated<'a>(lists: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let items = lists.into_iter().flat_map(|list| list.split(':'));
    items.map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}
