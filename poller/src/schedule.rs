//! Passes on a schedule, until the process is to end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use scalelite_core::callbacks::deliver::Delivery;
use scalelite_core::callbacks::{CourierError, Pace};
use scalelite_core::service_manager;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};
use tokio_util::sync::CancellationToken;

use crate::pass::{Aims, Due, Poller};

/// At its end a poller does not wait longer for the database.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A schedule that has missed so many ticks, and this much more, is stuck.
const MISSED_TICKS: u32 = 3;
const MARGIN: Duration = Duration::from_secs(15);

/// A poller cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The scheduler could not be set up.
    #[error("the scheduler does not work: {0}")]
    Schedule(#[from] JobSchedulerError),
    /// The client that delivers callbacks cannot be made.
    #[error(transparent)]
    Callbacks(#[from] CourierError),
}

/// Polls at once and then every `POLL_INTERVAL` (in whole seconds, at least one), until `shutdown` is
/// cancelled. A pass under way is then dropped: what it had found is recorded, the rest is found again
/// by the next poller. Delivers callbacks meanwhile, if the poller has a catalog.
///
/// # Errors
///
/// The scheduler cannot be set up, or callbacks cannot be sent at all.
pub async fn run(poller: Poller, shutdown: CancellationToken) -> Result<(), RunError> {
    let delivery = poller
        .catalog
        .clone()
        .map(|catalog| Delivery::new(&poller.config, catalog, Arc::clone(&poller.state), Pace::default()));
    let delivery = delivery.transpose()?;
    let delivering = async {
        if let Some(delivery) = delivery {
            delivery.run(shutdown.clone()).await;
        }
    };
    let (polled, ()) = tokio::join!(poll(poller, &shutdown), delivering);
    polled
}

async fn poll(poller: Poller, shutdown: &CancellationToken) -> Result<(), RunError> {
    let interval = whole_seconds(poller.config.poller.interval);
    tracing::info!(seconds = interval.as_secs(), "polling");
    let mut scheduler = JobScheduler::new().await?;
    let token = shutdown.clone();
    let scheduled = poller.clone();
    let pulse = Arc::new(service_manager::pulse("the poller's schedule", interval * MISSED_TICKS + MARGIN));
    let job = Job::new_repeated_async(interval, move |_, _| {
        let (poller, token, pulse) = (scheduled.clone(), token.clone(), Arc::clone(&pulse));
        Box::pin(async move {
            pulse.beat(Instant::now());
            token.run_until_cancelled(tick(&poller, interval)).await;
        })
    })?;
    scheduler.add(job).await?;
    scheduler.start().await?;
    service_manager::ready("poller", &format!("polls the servers every {} s", interval.as_secs()));
    // The scheduler waits for an interval first. It goes on meanwhile: a slow server delays nothing.
    shutdown.run_until_cancelled(tick(&poller, interval)).await;
    shutdown.cancelled().await;
    // What was counted since the last pass, if the database is there.
    let _ = tokio::time::timeout(LAST_WORDS, poller.write_usage()).await;
    scheduler.shutdown().await?;
    Ok(())
}

async fn tick(poller: &Poller, interval: Duration) {
    let aims = Aims { servers: true, meetings: true, versions: true };
    if let Err(error) = poller.pass(Due::ByInterval(interval), aims).await {
        tracing::error!(%error, "a poll was cut short: the live state cannot be used");
    }
}

/// The scheduler counts in seconds.
fn whole_seconds(interval: Duration) -> Duration {
    Duration::from_secs(interval.as_secs_f64().ceil().max(1.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_rounded_up() {
        assert_eq!(whole_seconds(Duration::from_millis(50)), Duration::from_secs(1));
        assert_eq!(whole_seconds(Duration::from_millis(1500)), Duration::from_secs(2));
        assert_eq!(whole_seconds(Duration::from_secs(60)), Duration::from_secs(60));
    }
}
