//! The arguments of `audit`.

use clap::Args;

/// `audit`
#[derive(PartialEq, Eq, Args)]
#[command(
    after_help = "Changes are kept for 400 days in the database of recordings. Secrets are never kept."
)]
pub(crate) struct ShowAudit {
    /// Only changes since then: a date, a time such as 2026-03-01T08:00:00Z, or how long ago: 30m, 12h, 7d
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// No more than so many
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) limit: u32,
    /// Print an array of JSON objects
    #[arg(long)]
    pub(crate) json: bool,
}
