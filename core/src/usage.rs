//! What tenants have used, month by month.
//!
//! * **Participant-minutes** are summed up by the poller: the users that a poll finds in a meeting, times the time since
//!   that server's last poll ([`PollTask::since_last`](crate::state::PollTask)). As the times of the polls of a server do
//!   not overlap, whoever polls, none counts twice. Where no poll was for long, users are assumed for three intervals
//!   only. Users of breakout rooms are in the main meeting as well, and count there.
//! * **Meetings** are counted in the live state when their server has first said that it made them, in the same step as
//!   that is noted there ([`LiveState::confirm_meeting`](crate::state::LiveState)): exact, at no cost, and also for those
//!   that are over before the next poll. Those that an original has made are not.
//! * **Recordings** and **bytes** are counted by the importer, in the transaction that records a tar: recordings that are
//!   new, and all bytes that were unpacked.
//!
//! Months are those of UTC.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Datelike, Utc};
use parking_lot::Mutex;
use serde::Serialize;

/// So many tenants and months wait to be written at most; what exceeds them counts for no tenant.
const MOST_WAITING: usize = 10_000;

/// A month, as `2026-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: u16,
    month: u8,
}

impl Month {
    /// The month of a moment.
    #[must_use]
    pub fn of(moment: DateTime<Utc>) -> Self {
        let year = u16::try_from(moment.year()).unwrap_or_default();
        Self { year, month: u8::try_from(moment.month()).unwrap_or(1) }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// A text that is no month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a month such as 2026-03")]
pub struct NoMonth;

impl FromStr for Month {
    type Err = NoMonth;

    fn from_str(text: &str) -> Result<Self, NoMonth> {
        let digits = |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
        let (year, month) = text.split_once('-').ok_or(NoMonth)?;
        if !digits(year, 4) || !digits(month, 2) {
            return Err(NoMonth);
        }
        let month = month.parse().ok().filter(|month| (1..=12).contains(month)).ok_or(NoMonth)?;
        Ok(Self { year: year.parse().map_err(|_| NoMonth)?, month })
    }
}

/// How much was used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Meetings that began.
    pub meetings: u64,
    /// The time that all participants together were in them.
    pub participants: Duration,
    /// Recordings that were imported for the first time.
    pub recordings: u64,
    /// Bytes that were unpacked from tars of recordings.
    pub bytes: u64,
}

impl Amounts {
    fn add(&mut self, other: &Self) {
        self.meetings = self.meetings.saturating_add(other.meetings);
        self.participants = self.participants.saturating_add(other.participants);
        self.recordings = self.recordings.saturating_add(other.recordings);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// What a tenant has used in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// The month.
    pub month: Month,
    /// The tenant's ID; empty for what is no tenant's.
    pub tenant_id: String,
    /// How much.
    pub amounts: Amounts,
}

/// As the databases take it.
#[derive(Serialize)]
pub(crate) struct Row<'a> {
    month: String,
    tenant_id: &'a str,
    meetings: u64,
    participant_ms: u64,
}

impl<'a> Row<'a> {
    pub(crate) fn of(usage: &'a Usage) -> Self {
        let Usage { month, tenant_id, amounts } = usage;
        let participant_ms = u64::try_from(amounts.participants.as_millis()).unwrap_or(u64::MAX);
        Self { month: month.to_string(), tenant_id, meetings: amounts.meetings, participant_ms }
    }
}

/// What was used and is not in the database yet. A database that is away costs memory for each tenant and month, and
/// nothing else.
#[derive(Debug, Default)]
pub struct Ledger {
    waiting: Mutex<BTreeMap<(Month, String), Amounts>>,
}

impl Ledger {
    /// Adds what a tenant has used.
    pub fn add(&self, month: Month, tenant_id: &str, amounts: &Amounts) {
        if *amounts == Amounts::default() {
            return;
        }
        let mut waiting = self.waiting.lock();
        let mut key = (month, tenant_id.to_owned());
        if waiting.len() >= MOST_WAITING && !waiting.contains_key(&key) {
            key.1.clear();
        }
        waiting.entry(key).or_default().add(amounts);
    }

    /// Takes all that waits, to be written. What cannot be written goes back by [`add`](Self::add).
    #[must_use]
    pub fn take(&self) -> Vec<Usage> {
        let waiting = std::mem::take(&mut *self.waiting.lock());
        let usage = |((month, tenant_id), amounts)| Usage { month, tenant_id, amounts };
        waiting.into_iter().map(usage).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_read_and_written() {
        for text in ["2026-03", "1999-12", "0001-01"] {
            assert_eq!(text.parse::<Month>().unwrap().to_string(), text);
        }
        for text in
            ["", "2026", "2026-13", "2026-00", "2026-3", "26-03", "2026-03-01", "2026-0\u{663}", "+026-01"]
        {
            assert_eq!(text.parse::<Month>(), Err(NoMonth), "{text}");
        }
        let last = DateTime::parse_from_rfc3339("2026-12-31T23:59:59.9Z").unwrap().to_utc();
        assert_eq!(Month::of(last).to_string(), "2026-12");
    }

    #[test]
    fn a_ledger_adds_up_within_bounds() {
        let month = "2026-03".parse::<Month>().unwrap();
        let one = Amounts { meetings: 1, participants: Duration::from_secs(90), ..Amounts::default() };
        let ledger = Ledger::default();
        ledger.add(month, "idle", &Amounts::default());
        for n in 0..2 * MOST_WAITING {
            ledger.add(month, &format!("t{n}"), &one);
        }
        ledger.add(month, "t1", &one);
        let taken = ledger.take();
        assert_eq!(taken.len(), MOST_WAITING + 1);
        assert_eq!(
            taken.iter().map(|usage| usage.amounts.meetings).sum::<u64>(),
            2 * MOST_WAITING as u64 + 1
        );
        let of = |tenant: &str| taken.iter().find(|usage| usage.tenant_id == tenant).unwrap().amounts;
        assert_eq!(of("t1").participants, Duration::from_secs(180));
        assert_eq!(of("").meetings, MOST_WAITING as u64);
        assert!(ledger.take().is_empty());
    }
}
