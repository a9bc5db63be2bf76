//! What is told of an import: in the log, in the metrics, and beside a tar that failed.

use std::fmt::Write;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::examine::Broken;
use crate::metrics::{IMPORT_BYTES, IMPORT_SECONDS, IMPORTS};
use crate::spool::Left;
use crate::spool::queue::Job;
use crate::unpack::Progress;

/// Between two lines about an import that takes long.
pub(super) const EVERY: Duration = Duration::from_secs(5);

/// What an import is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Unpacking,
    Waiting,
    Placing,
    Recording,
    Syncing,
}

/// Follows one import.
#[derive(Debug)]
pub(super) struct Report<'a> {
    job: &'a Job,
    began: Instant,
    /// And since when.
    step: Mutex<(Step, Instant)>,
}

impl<'a> Report<'a> {
    pub(super) fn new(job: &'a Job) -> Self {
        let now = Instant::now();
        Self { job, began: now, step: Mutex::new((Step::Unpacking, now)) }
    }

    pub(super) fn begins(&self, step: Step) {
        *self.step.lock().unwrap_or_else(PoisonError::into_inner) = (step, Instant::now());
    }

    fn step(&self) -> (Step, Instant) {
        *self.step.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A line about an import that takes long.
    pub(super) fn progress(&self, progress: &Progress) {
        let (step, _) = self.step();
        let (read, size) = (progress.read(), self.job.fingerprint.size);
        let percent = read.saturating_mul(100).checked_div(size).unwrap_or(100).min(100);
        tracing::info!(
            tar = self.job.name,
            ?step,
            percent,
            read,
            of = size,
            unpacked = progress.written(),
            seconds = self.began.elapsed().as_secs(),
            "importing"
        );
    }

    pub(super) fn imported(&self, imported: &[String], broken: &[Broken], progress: &Progress, left: &Left) {
        let elapsed = self.began.elapsed();
        metrics::counter!(IMPORT_BYTES).increment(progress.written());
        metrics::histogram!(IMPORT_SECONDS).record(elapsed.as_secs_f64());
        // The last step begins when the recording can be seen.
        let (_, recorded) = self.step();
        let visible_after = format!("{:.2}", (recorded - self.began).as_secs_f64());
        let (tar, seconds) = (&self.job.name, format!("{:.2}", elapsed.as_secs_f64()));
        let (formats, bytes) = (imported.join(" "), progress.written());
        if broken.is_empty() {
            count("imported");
            tracing::info!(tar, formats, bytes, visible_after, seconds, "imported");
        } else {
            count("partly_imported");
            let broken = listed(broken);
            tracing::warn!(
                tar,
                formats,
                bytes,
                visible_after,
                seconds,
                broken,
                now = place_of(left),
                "imported in part"
            );
        }
    }

    pub(super) fn failed(&self, why: &str, left: &Left) {
        count("failed");
        tracing::warn!(tar = self.job.name, why, now = place_of(left), "not imported");
    }

    /// It will be tried again.
    pub(super) fn postponed(&self, outcome: &'static str, why: &str) {
        count(outcome);
        match outcome {
            "postponed" => tracing::warn!(tar = self.job.name, why, "not imported yet"),
            _ => tracing::info!(tar = self.job.name, why, "not imported yet"),
        }
    }
}

fn count(outcome: &'static str) {
    metrics::counter!(IMPORTS, "outcome" => outcome).increment(1);
}

fn place_of(left: &Left) -> String {
    match left {
        Left::Failed(name) => format!("failed/{name}"),
        Left::Removed => "removed".to_owned(),
        Left::Replaced => "replaced by another file".to_owned(),
        Left::Gone => "gone".to_owned(),
    }
}

fn listed(broken: &[Broken]) -> String {
    let listed: Vec<_> = broken.iter().map(|broken| format!("{}: {}", broken.path, broken.why)).collect();
    listed.join("; ")
}

/// Why nothing of a tar could be imported.
pub(super) fn nothing_found(broken: &[Broken]) -> String {
    match broken {
        [] => "there is no recording in it: no directory <format>/<record id> with a metadata.xml".to_owned(),
        broken => format!("nothing in it can be imported: {}", listed(broken)),
    }
}

/// The text beside a tar of which nothing was imported.
pub(super) fn reason(tar: &str, why: &str) -> String {
    format!("{tar} was not imported: {why}.\n{ADVICE}")
}

/// The text beside a tar of which not all was imported.
pub(super) fn reason_in_part(tar: &str, imported: &[String], broken: &[Broken]) -> String {
    let mut text = format!("{tar} was imported in part only.\n\nImported:\n");
    // Writing to a text does not fail.
    for format in imported {
        let _ = writeln!(text, "  {format}");
    }
    text.push_str("\nNot imported:\n");
    for broken in broken {
        let _ = writeln!(text, "  {}: {}", broken.path, broken.why);
    }
    text + "\n" + ADVICE
}

const ADVICE: &str = "Once the cause is gone, move the tar back to the spool, and it is imported again. \
                      Scalelite does not touch it here.\n";
