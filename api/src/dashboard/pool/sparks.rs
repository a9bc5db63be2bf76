//! The last day of each server as a line: how many users it had. Remembered for a minute, since a line moves slowly.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::web::Data;
use scalelite_core::pool::server::ServerId;
use scalelite_core::state::history::{SAMPLE_SECONDS, SAMPLES};
use scalelite_core::state::{LiveState, Sample};

use super::super::visit::now;
use crate::app::App;

/// For so long nobody looks them up again.
const FRESH: Duration = Duration::from_secs(60);
/// Until then they are used although they are no longer fresh, and looked up beside the page, which need not wait: of a
/// large pool they are many samples.
const USABLE: Duration = Duration::from_secs(10 * 60);
/// Samples that make one point: 20 minutes.
const FOLDED: u64 = 4;
/// Points of a line.
const WIDTH: u64 = SAMPLES / FOLDED;
/// The height of the highest point.
const HEIGHT: u64 = 20;
/// A line's top stands for so many users at least.
const LEAST: u64 = 10;

/// A line, and what it says in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Spark {
    /// The path of an SVG of [`WIDTH`] × [`HEIGHT`].
    pub(super) path: String,
    /// Most users at once.
    pub(super) most: u64,
}

/// The lines of all servers.
pub(in super::super) type Sparks = HashMap<ServerId, Spark>;

/// The lines, remembered.
#[derive(Debug, Default)]
pub(in super::super) struct Remembered {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    sparks: Option<(Instant, Arc<Sparks>)>,
    /// Whether somebody looks them up again.
    renewing: bool,
}

impl Remembered {
    /// The lines. They are no more than a help: where they cannot be had there are none.
    pub(in super::super) async fn get(app: &Data<App>) -> Arc<Sparks> {
        let Some(dashboard) = &app.dashboard else { return Arc::default() };
        let Some((sparks, renew)) = dashboard.sparks.usable() else { return Self::renew(app).await };
        if renew {
            let app = app.clone();
            actix_web::rt::spawn(async move { Self::renew(&app).await });
        }
        sparks
    }

    /// What is known and not too old, and whether the caller is to renew it.
    fn usable(&self) -> Option<(Arc<Sparks>, bool)> {
        let mut known = self.lock();
        let (since, sparks) = known.sparks.clone().filter(|(since, _)| since.elapsed() < USABLE)?;
        let renew = since.elapsed() >= FRESH && !known.renewing;
        known.renewing |= renew;
        Some((sparks, renew))
    }

    async fn renew(app: &App) -> Arc<Sparks> {
        let sparks = Arc::new(look_up(app.state.as_ref()).await);
        if let Some(dashboard) = &app.dashboard {
            let sparks = Some((Instant::now(), Arc::clone(&sparks)));
            *dashboard.sparks.lock() = Known { sparks, renewing: false };
        }
        sparks
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // What is in it is whole at any time.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn look_up(state: &dyn LiveState) -> Sparks {
    match state.histories().await {
        Ok(histories) => {
            let now = now();
            let most = histories.values().flatten().map(|sample| sample.users).fold(LEAST, u64::max);
            histories.into_iter().map(|(id, samples)| (id, spark(&samples, now, most))).collect()
        }
        Err(error) => {
            tracing::warn!(%error, "the servers' last day cannot be shown");
            Sparks::new()
        }
    }
}

/// The line of these samples, which ends now. Its top stands for `top` users; where there are no samples it is broken.
fn spark(samples: &[Sample], now: u64, top: u64) -> Spark {
    let point_of = |at: u64| at / SAMPLE_SECONDS / FOLDED;
    let first = (point_of(now) + 1).saturating_sub(WIDTH);
    let mut points: Vec<(u64, u64)> = Vec::new();
    for sample in samples {
        let Some(x) = point_of(sample.at).checked_sub(first).filter(|x| *x < WIDTH) else { continue };
        match points.last_mut() {
            Some((last, users)) if *last == x => *users = sample.users.max(*users),
            _ => points.push((x, sample.users)),
        }
    }
    let mut path = String::new();
    let mut expected = None;
    for (x, users) in &points {
        let y = HEIGHT.saturating_sub(users.saturating_mul(HEIGHT) / top.max(1));
        // A single point is a short line.
        let lead = if expected == Some(*x) { "L" } else { "M" };
        // Writing to a text does not fail.
        let _ = write!(path, "{lead}{x} {y}");
        if expected != Some(*x) {
            path.push_str("h0");
        }
        expected = Some(x + 1);
    }
    Spark { path, most: points.iter().map(|(_, users)| *users).max().unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at: u64, users: u64) -> Sample {
        Sample { at, load: 0.0, meetings: 0, users, videos: 0, offline: false }
    }

    #[test]
    fn a_line_of_the_last_day() {
        let day = 24 * 3600;
        let now = 100 * day;
        let samples = [
            sample(now - 2 * day, 99),
            sample(now - 2400, 5),
            sample(now - 1200, 10),
            sample(now - 900, 20),
            sample(now, 0),
        ];
        assert_eq!(spark(&samples, now, 20), Spark { path: "M69 15h0L70 0L71 20".to_owned(), most: 20 });
        let broken = [sample(now - 7200, 20), sample(now, 40)];
        assert_eq!(spark(&broken, now, 20).path, "M65 0h0M71 0h0");
        assert_eq!(spark(&[], now, 20), Spark { path: String::new(), most: 0 });
    }
}
