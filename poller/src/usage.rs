//! What tenants use, see [`scalelite_core::usage`]: summed up here, and written after each pass.

use std::collections::HashMap;
use std::time::Duration;

use chrono::Utc;
use scalelite_core::bbb::meetings::ListedMeeting;
use scalelite_core::recordings::catalog::Catalog;
use scalelite_core::state::Meeting;
use scalelite_core::usage::{Amounts, Month};

use crate::pass::Poller;

/// Nobody knows who was there for more than so many intervals without a poll.
const MOST_INTERVALS: u32 = 3;
/// A pass does not wait longer for the database.
const PATIENCE: Duration = Duration::from_secs(10);

impl Poller {
    /// Counts the participants that a poll has found, for the time since the poll before.
    pub(crate) fn count_participants(
        &self,
        since_last: Option<Duration>,
        own: &[Meeting],
        listed: &[ListedMeeting],
    ) {
        if self.catalog.is_none() {
            return;
        }
        let time = since_last.unwrap_or_default().min(self.config.poller.interval * MOST_INTERVALS);
        let month = Month::of(Utc::now());
        for (tenant, participants) in by_tenant(own, listed) {
            let participants = time.saturating_mul(u32::try_from(participants).unwrap_or(u32::MAX));
            self.ledger.add(month, tenant, &Amounts { participants, ..Amounts::default() });
        }
    }

    /// Writes what was used. What cannot be written now is written after another pass.
    pub(crate) async fn write_usage(&self) {
        let Some(catalog) = self.catalog.as_deref() else { return };
        let month = Month::of(Utc::now());
        match self.state.take_made_meetings().await {
            Ok(made) => {
                for (tenant, meetings) in made {
                    self.ledger.add(month, &tenant, &Amounts { meetings, ..Amounts::default() });
                }
            }
            Err(error) => tracing::debug!(%error, "new meetings are counted later"),
        }
        let used = self.ledger.take();
        if used.is_empty() {
            return;
        }
        let failure = match tokio::time::timeout(PATIENCE, catalog.add_usage(&used)).await {
            Ok(Ok(())) => return tidy(catalog).await,
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("the database does not answer within {PATIENCE:?}"),
        };
        tracing::warn!(error = failure, "what tenants used is written later");
        for usage in used {
            self.ledger.add(usage.month, &usage.tenant_id, &usage.amounts);
        }
    }
}

/// There may be no importer that does so.
async fn tidy(catalog: &dyn Catalog) {
    if let Ok(Err(error)) = tokio::time::timeout(PATIENCE, catalog.tidy()).await {
        tracing::debug!(%error, "what was used is summed up later");
    }
}

/// Participants by tenant. Whose a meeting is the live state knows; a server may say anything.
fn by_tenant<'a>(own: &'a [Meeting], listed: &[ListedMeeting]) -> HashMap<&'a str, u64> {
    let tenants: HashMap<&str, &str> =
        own.iter().filter_map(|meeting| Some((meeting.id.as_str(), meeting.tenant_id.as_deref()?))).collect();
    let mut participants = HashMap::new();
    for meeting in listed.iter().filter(|meeting| !meeting.breakout) {
        let tenant = tenants.get(meeting.id.as_str()).copied().unwrap_or_default();
        let sum: &mut u64 = participants.entry(tenant).or_default();
        *sum = sum.saturating_add(meeting.participants);
    }
    participants
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn participants_count_for_the_tenant_that_made_their_meeting() {
        let own = |id: &str, tenant: Option<&str>| Meeting {
            id: id.to_owned(),
            server_id: "s".into(),
            moderator_pw: String::new(),
            voice_bridge: String::new(),
            tenant_id: tenant.map(str::to_owned),
        };
        let listed = |id: &str, participants, breakout| ListedMeeting {
            id: id.to_owned(),
            participants,
            breakout,
            tenant_id: "forged".to_owned(),
            ..ListedMeeting::default()
        };
        let own = [own("a", Some("t")), own("b", Some("t")), own("c", None), own("gone", Some("u"))];
        let listed = [
            listed("a", 3, false),
            listed("b", 4, false),
            listed("a-1", 2, true),
            listed("c", 5, false),
            listed("x", 6, false),
        ];
        assert_eq!(by_tenant(&own, &listed), HashMap::from([("t", 7), ("", 11)]));
    }
}
