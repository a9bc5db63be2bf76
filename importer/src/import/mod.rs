//! The import of one tar, from its lease to its removal from the spool.
//!
//! It may die at any moment, and be done again. So the order is: trees are placed; then the database records them,
//! which makes them visible, together with the mark that this tar is recorded; then the store is synced; then the
//! tar goes. An import that finds its tar recorded does the same once more, all but the recording: what a crash of
//! the machine took from the store is there again, and no callback is queued twice.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use scalelite_core::recordings::catalog::{Lease, TarMark};
use scalelite_core::recordings::held::Held;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, interval_at, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::parts::Parts;
use crate::spool::queue::{Job, Verdict};
use crate::spool::{Fingerprint, Left, names};
use crate::unpack::{self, Progress};

mod examine;
mod owner;
mod report;
mod shelves;
mod trouble;

use examine::{Broken, Found};
use report::{EVERY, Report, Step};
use trouble::Trouble;

/// While more than that many bytes were written since, …
const MUCH: u64 = 128 * 1024 * 1024;
/// … the store is synced once more, so often at most.
const EARLY: Duration = Duration::from_millis(100);
/// How long removing what was unpacked may take when the process is to end; the rest is swept later.
const CLEANING: Duration = Duration::from_secs(3);

/// Imports a tar, unless another importer has it. `slot` is given back as soon as all that is left to be done is
/// waiting.
pub(crate) async fn import(
    parts: &Arc<Parts>,
    job: &Job,
    slot: OwnedSemaphorePermit,
    shutdown: &CancellationToken,
) -> Verdict {
    let stop = shutdown.child_token();
    let name = Lease::of_tar(&job.name);
    let held = match Held::take(&parts.catalog, &name, parts.import.lease, &stop).await {
        Ok(Some(held)) => held,
        Ok(None) => return Verdict::TakenElsewhere,
        Err(error) => {
            tracing::warn!(tar = job.name, %error, "cannot be claimed: it waits for the database");
            return Verdict::Unclaimed;
        }
    };
    let report = Report::new(job);
    let attempt = Attempt {
        parts,
        job,
        report: &report,
        progress: Arc::new(Progress::new(stop.clone())),
        tar: held.lease().clone(),
        stop,
    };
    let result = attempt.run(slot).await;
    attempt.clean().await;
    let verdict = attempt.conclude(result, shutdown).await;
    held.release().await;
    verdict
}

/// An import under way.
struct Attempt<'a> {
    parts: &'a Arc<Parts>,
    job: &'a Job,
    report: &'a Report<'a>,
    progress: Arc<Progress>,
    /// The lease of the tar. Its token is also the name of the staging directory.
    tar: Lease,
    /// Cancelled when the process is to end, or a lease is lost.
    stop: CancellationToken,
}

impl Attempt<'_> {
    /// All steps, with a line in the log every few seconds.
    async fn run(&self, slot: OwnedSemaphorePermit) -> Result<(), Trouble> {
        let mut steps = std::pin::pin!(self.steps(slot));
        let mut ticks = interval_at(Instant::now() + EVERY, EVERY);
        let mut early = std::pin::pin!(self.sync_early());
        loop {
            tokio::select! {
                result = &mut steps => return result,
                () = &mut early => {}
                _ = ticks.tick() => self.report.progress(&self.progress),
            }
        }
    }

    /// Syncs the store now and then while much is unpacked, so that not all is left to be done in the end.
    async fn sync_early(&self) {
        let mut synced = 0;
        loop {
            sleep(EARLY).await;
            let written = self.progress.written();
            if written - synced >= MUCH {
                // If it fails, so does the one that counts.
                let _ = self.parts.syncs.sync().await;
                synced = written;
            }
        }
    }

    async fn steps(&self, slot: OwnedSemaphorePermit) -> Result<(), Trouble> {
        let (parts, stop) = (self.parts, &self.stop);
        if self.job.name.len() > names::LONGEST {
            return Err(Trouble::Refused(format!("its name is longer than {} bytes", names::LONGEST)));
        }
        let mark =
            TarMark { file_name: self.job.name.clone(), fingerprint: self.job.fingerprint.to_string() };
        let recorded = parts.is_recorded(&mark, stop).await?;
        let file = self.open().await?;
        let staged = parts.store.stage(&self.tar.token).await?;
        let found = self.unpack(file, &staged).await?;
        if found.trees.is_empty() {
            return Err(Trouble::Refused(report::nothing_found(&found.broken)));
        }
        let imported: Vec<String> = found.trees.iter().map(|tree| tree.name.to_string()).collect();

        self.report.begins(Step::Waiting);
        let held = parts.hold_recordings(&found, stop).await?;
        let result = self.publish(found, &mark, recorded, &held).await;
        for lease in held {
            lease.release().await;
        }
        let broken = result?;
        let is_broken = |path: &String| broken.iter().any(|broken| broken.path == *path);
        let imported: Vec<String> = imported.into_iter().filter(|path| !is_broken(path)).collect();

        drop(slot);
        self.report.begins(Step::Syncing);
        parts.syncs.sync().await.map_err(Trouble::Passing)?;
        let left = self.leave(&imported, &broken).await?;
        self.report.imported(&imported, &broken, &self.progress, &left);
        Ok(())
    }

    /// Opens the tar that this import is about; first, what an importer that died has left of it is put back.
    async fn open(&self) -> Result<File, Trouble> {
        let (parts, name) = (Arc::clone(self.parts), self.job.name.clone());
        let opened = spawn_blocking(move || {
            parts.spool.recover(&name)?;
            parts.spool.open(&name)
        });
        match opened.await? {
            Ok(Some((file, fingerprint))) if fingerprint == self.job.fingerprint => Ok(file),
            Ok(_) => Err(Trouble::Changed),
            Err(error) => Err(Trouble::reading(&error)),
        }
    }

    async fn unpack(&self, file: File, staged: &Path) -> Result<Found, Trouble> {
        let (limits, progress, staged) = (self.parts.limits(), Arc::clone(&self.progress), staged.to_owned());
        let expected = self.job.fingerprint;
        spawn_blocking(move || {
            let same = file.try_clone().map_err(|error| Trouble::reading(&error))?;
            let unpacked = unpack::unpack(file, &staged, limits, &progress);
            let metadata = same.metadata().map_err(|error| Trouble::reading(&error))?;
            if Fingerprint::of(&metadata) != expected {
                // Whatever is wrong with it: it is not what it was.
                return Err(Trouble::Changed);
            }
            unpacked?;
            examine::examine(&staged).map_err(|error| Trouble::Passing(format!("what was unpacked: {error}")))
        })
        .await?
    }

    /// Places all trees and records them. Gives what is broken.
    async fn publish(
        &self,
        found: Found,
        mark: &TarMark,
        recorded: bool,
        held: &[Held],
    ) -> Result<Vec<Broken>, Trouble> {
        let (parts, stop) = (self.parts, &self.stop);
        // If this process stood still for long, somebody else may be at the tar by now.
        let mine = || parts.catalog.renew(&self.tar, parts.import.lease);
        if !shelves::patiently(stop, mine).await? {
            return Err(Trouble::Stopped);
        }
        self.report.begins(Step::Placing);
        // What was broken before may be whole by now.
        let recorded = recorded && parts.are_recorded(&found, stop).await?;
        let (placed, broken) = parts.place(found, recorded, stop).await?;
        if placed.is_empty() {
            return Err(Trouble::Refused(report::nothing_found(&broken)));
        }
        if !recorded {
            self.report.begins(Step::Recording);
            let leases: Vec<Lease> =
                std::iter::once(&self.tar).chain(held.iter().map(Held::lease)).cloned().collect();
            parts.record(&placed, self.progress.written(), mark, &leases, stop).await?;
        }
        parts.take_off_other_shelves(&placed).await?;
        Ok(broken)
    }

    /// Takes the tar out of the spool: it is imported.
    async fn leave(&self, imported: &[String], broken: &[Broken]) -> Result<Left, Trouble> {
        let reason = (!broken.is_empty()).then(|| report::reason_in_part(&self.job.name, imported, broken));
        self.take_out(reason).await
    }

    async fn take_out(&self, reason: Option<String>) -> Result<Left, Trouble> {
        let (parts, job) = (Arc::clone(self.parts), self.job.clone());
        let left = spawn_blocking(move || match reason {
            None => parts.spool.remove(&job.name, job.fingerprint),
            Some(reason) => parts.spool.fail(&job.name, job.fingerprint, &reason),
        });
        let error = |error| Trouble::Passing(format!("it cannot be taken out of the spool: {error}"));
        left.await?.map_err(error)
    }

    /// Removes what is left of what was unpacked.
    async fn clean(&self) {
        let result = timeout(CLEANING, self.parts.store.unstage(&self.tar.token)).await;
        if let Ok(Err(error)) = result {
            tracing::warn!(tar = self.job.name, %error, "what was unpacked is not removed yet");
        }
    }

    /// What the result means for the tar.
    async fn conclude(&self, result: Result<(), Trouble>, shutdown: &CancellationToken) -> Verdict {
        let (report, is_fresh) = (self.report, self.job.is_fresh);
        match result {
            Ok(()) => Verdict::Done,
            Err(Trouble::Unfinished(why)) if is_fresh => {
                report.postponed("unfinished", &why);
                Verdict::Unfinished
            }
            Err(Trouble::Refused(why) | Trouble::Unfinished(why)) => self.give_up(&why).await,
            Err(Trouble::Changed) => {
                report.postponed("changed", "it has changed, or is gone");
                Verdict::Done
            }
            Err(Trouble::Stopped) if shutdown.is_cancelled() => {
                report.postponed("stopped", "this process is to end");
                Verdict::Later
            }
            Err(Trouble::Stopped) => {
                report.postponed("taken_over", "another process has taken over");
                Verdict::TakenElsewhere
            }
            Err(Trouble::Passing(why)) => {
                report.postponed("postponed", &why);
                Verdict::Later
            }
        }
    }

    /// The tar goes to `failed/`.
    async fn give_up(&self, why: &str) -> Verdict {
        match self.take_out(Some(report::reason(&self.job.name, why))).await {
            Ok(left) => {
                self.report.failed(why, &left);
                Verdict::Done
            }
            Err(trouble) => {
                self.report.postponed("postponed", &format!("{why}; {trouble}"));
                Verdict::Later
            }
        }
    }
}
