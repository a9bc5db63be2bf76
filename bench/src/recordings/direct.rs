//! The catalog by itself, without a front end: what a question costs the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use scalelite_core::recordings::catalog::Catalog;
use scalelite_core::recordings::model::Filter;

use super::shape::Shape;
use crate::wrk::Measured;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Question {
    Meeting,
    Record,
    Course,
    Page { offset: u64 },
}

impl Question {
    fn filter(self, shape: Shape, i: u64) -> Filter {
        let default = Filter::default();
        match self {
            Self::Meeting => Filter { meeting_ids: vec![shape.meeting_id(i)], ..default },
            Self::Record => Filter { record_ids: vec![shape.record_id(i)], ..default },
            Self::Course => Filter { metadata: vec![("course-id".to_owned(), shape.course(i))], ..default },
            Self::Page { .. } => default,
        }
    }

    /// The same as a request.
    pub(crate) fn query(self, shape: Shape, i: u64) -> String {
        match self {
            Self::Meeting => format!("meetingID={}", shape.meeting_id(i)),
            Self::Record => format!("recordID={}", shape.record_id(i)),
            Self::Course => format!("meta_course-id={}", shape.course(i)),
            Self::Page { offset } => format!("limit=25&offset={offset}"),
        }
    }

    async fn ask(self, catalog: &dyn Catalog, shape: Shape, i: u64) -> anyhow::Result<usize> {
        let filter = self.filter(shape, i);
        Ok(match self {
            Self::Page { offset } => catalog.page(&filter, offset, 25).await?.recordings.len(),
            _ => catalog.chunk(&filter, None, 200).await?.len(),
        })
    }
}

/// Asks for so long, so many at a time.
pub(crate) async fn load(
    catalog: &Arc<dyn Catalog>,
    question: Question,
    shape: Shape,
    connections: usize,
    time: Duration,
) -> anyhow::Result<Measured> {
    let number = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let askers: Vec<_> = (0..connections)
        .map(|_| {
            let (catalog, number) = (Arc::clone(catalog), Arc::clone(&number));
            tokio::spawn(async move {
                let mut times = Vec::new();
                while started.elapsed() < time {
                    let i = number.fetch_add(1, Ordering::Relaxed) * 7919 % shape.recordings;
                    let asked = Instant::now();
                    anyhow::ensure!(
                        question.ask(&*catalog, shape, i).await? > 0,
                        "{question:?} {i}: nothing"
                    );
                    times.push(asked.elapsed());
                }
                Ok(times)
            })
        })
        .collect();
    let mut times = Vec::new();
    for asker in askers {
        times.extend(asker.await??);
    }
    let elapsed = started.elapsed();
    times.sort_unstable();
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
    Ok(Measured {
        per_second: times.len() as f64 / elapsed.as_secs_f64(),
        p50: at(50),
        p99: at(99),
        requests: times.len() as u64,
        errors: 0,
    })
}
