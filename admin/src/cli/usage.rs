//! The arguments of `usage`.

use clap::Args;
use scalelite_core::usage::Month;

/// `usage`
#[derive(PartialEq, Eq, Args)]
#[command(
    after_help = "Months are those of UTC. A meeting counts when its server has made it, a recording when it is \
                        imported for the first time. Polls tell how long users were there: what is going on now is \
                        counted at the next poll."
)]
pub(crate) struct ShowUsage {
    /// Only this month, such as 2026-03
    #[arg(long, value_name = "YYYY-MM")]
    pub(crate) month: Option<Month>,
    /// Only this tenant, by name or ID
    #[arg(long, value_name = "TENANT")]
    pub(crate) tenant: Option<String>,
    /// Print an array of JSON objects
    #[arg(long, conflicts_with = "csv")]
    pub(crate) json: bool,
    /// Print comma-separated values, for a spreadsheet
    #[arg(long)]
    pub(crate) csv: bool,
}
