//! What was unpacked is put on its shelf and recorded, under the leases of its recordings.

use std::time::Duration;

use scalelite_core::backoff::Backoff;
use scalelite_core::recordings::catalog::{CatalogError, Import, Lease, TarMark};
use scalelite_core::recordings::held::Held;
use scalelite_core::recordings::model::{NewRecording, Shelf};
use scalelite_core::recordings::store::{StoreError, TreeName};
use scalelite_core::recordings::text_tracks;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::examine::{Broken, Found, Tree};
use super::trouble::Trouble;
use crate::parts::Parts;

/// How long another process may be at a recording, before its import is tried again from the start.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Between two looks whether it still is.
const WAIT: Duration = Duration::from_millis(200);
/// The longest wait between two questions to a database that is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// Something of a tar that is placed, by recording.
#[derive(Debug)]
pub(super) struct Placed {
    formats: Vec<NewRecording>,
    shelf: Shelf,
}

/// Waits for the database, longer and longer.
struct Patience<'a> {
    stop: &'a CancellationToken,
    outage: Backoff,
}

impl<'a> Patience<'a> {
    fn new(stop: &'a CancellationToken) -> Self {
        Self { stop, outage: Backoff::new(LONGEST_PAUSE) }
    }

    /// Waits before the next try, if the error is of a kind that passes.
    async fn after(&mut self, error: CatalogError) -> Result<(), Trouble> {
        if !error.is_passing() {
            return Err(error.into());
        }
        let wait = self.outage.wait();
        tracing::warn!(%error, again_in = ?wait, "an import waits for the database");
        self.stop.run_until_cancelled(sleep(wait)).await.ok_or(Trouble::Stopped)
    }
}

/// Asks the database until it answers, however long it is away.
pub(super) async fn patiently<T, Answer: Future<Output = Result<T, CatalogError>>>(
    stop: &CancellationToken,
    mut ask: impl FnMut() -> Answer,
) -> Result<T, Trouble> {
    let mut patience = Patience::new(stop);
    loop {
        if stop.is_cancelled() {
            return Err(Trouble::Stopped);
        }
        match ask().await {
            Ok(answer) => return Ok(answer),
            Err(error) => patience.after(error).await?,
        }
    }
}

impl Parts {
    /// Takes the leases of all recordings (in their order, so that two imports never wait for each other), as
    /// soon as nobody else holds them.
    pub(super) async fn hold_recordings(
        &self,
        found: &Found,
        stop: &CancellationToken,
    ) -> Result<Vec<Held>, Trouble> {
        let mut held = Vec::new();
        let result = self.hold_all(found, stop, &mut held).await;
        if let Err(trouble) = result {
            for lease in held {
                lease.release().await;
            }
            return Err(trouble);
        }
        Ok(held)
    }

    async fn hold_all(
        &self,
        found: &Found,
        stop: &CancellationToken,
        held: &mut Vec<Held>,
    ) -> Result<(), Trouble> {
        let deadline = Instant::now() + LONGEST_WAIT;
        for trees in by_recording(&found.trees) {
            let record_id = trees[0].name.record_id();
            let name = Lease::of_recording(record_id);
            let take = || Held::take(&self.catalog, &name, self.import.lease, stop);
            loop {
                if let Some(lease) = patiently(stop, take).await? {
                    held.push(lease);
                    break;
                }
                if Instant::now() > deadline {
                    return Err(Trouble::Passing(format!("another process is at the recording {record_id}")));
                }
                stop.run_until_cancelled(sleep(WAIT)).await.ok_or(Trouble::Stopped)?;
            }
        }
        Ok(())
    }

    /// Puts all trees where they belong. Those that the store can never hold are broken.
    pub(super) async fn place(
        &self,
        found: Found,
        recorded: bool,
        stop: &CancellationToken,
    ) -> Result<(Vec<Placed>, Vec<Broken>), Trouble> {
        let (mut placed, mut broken) = (Vec::new(), found.broken);
        let mut trees = found.trees.into_iter().peekable();
        while let Some(first) = trees.next() {
            let mut of_one = vec![first];
            while let Some(next) = trees.next_if(|tree| tree.name.record_id() == of_one[0].name.record_id()) {
                of_one.push(next);
            }
            if self.is_anothers(&of_one, stop).await? {
                let why = "there is a recording of this ID that is another tenant's";
                broken.extend(
                    of_one.iter().map(|tree| Broken { path: tree.name.to_string(), why: why.to_owned() }),
                );
                continue;
            }
            let shelf = self.shelf_of(&of_one, recorded, stop).await?;
            let mut formats = Vec::new();
            for tree in of_one {
                if stop.is_cancelled() {
                    return Err(Trouble::Stopped);
                }
                match self.place_tree(&tree, shelf).await {
                    Ok(()) => formats.push(tree.recording),
                    Err(error) if error.is_passing() => return Err(error.into()),
                    Err(error) => {
                        broken.push(Broken { path: tree.name.to_string(), why: error.to_string() });
                    }
                }
            }
            if !formats.is_empty() {
                placed.push(Placed { formats, shelf });
            }
        }
        Ok((placed, broken))
    }

    /// Puts a tree in place of an older one, of which it keeps the text tracks that were uploaded.
    async fn place_tree(&self, tree: &Tree, shelf: Shelf) -> Result<(), StoreError> {
        text_tracks::carry_over(&self.store, &tree.path, &tree.name).await?;
        self.store.place(&tree.path, &tree.name, shelf).await
    }

    /// Where the trees of one recording belong.
    async fn shelf_of(
        &self,
        trees: &[Tree],
        recorded: bool,
        stop: &CancellationToken,
    ) -> Result<Shelf, Trouble> {
        let Some(last) = trees.last().map(|tree| &tree.recording) else { return Ok(Shelf::Unpublished) };
        if recorded {
            let ids = [last.record_id.clone()];
            let heads = patiently(stop, || self.catalog.heads(&ids, None)).await?;
            if let Some(head) = heads.first() {
                return Ok(Shelf::of(head.published));
            }
        }
        patiently(stop, || self.catalog.shelf_for(last, self.import.unpublished)).await
    }

    /// Whether the catalog has all of these trees.
    pub(super) async fn are_recorded(
        &self,
        found: &Found,
        stop: &CancellationToken,
    ) -> Result<bool, Trouble> {
        for trees in by_recording(&found.trees) {
            let ids = [trees[0].name.record_id().to_owned()];
            let heads = patiently(stop, || self.catalog.heads(&ids, None)).await?;
            let known = |tree: &Tree| {
                heads.iter().any(|head| head.formats.iter().any(|name| name == tree.name.format()))
            };
            if !trees.iter().all(known) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Removes what stands on the other shelf still, now that the catalog knows where the new trees are.
    pub(super) async fn take_off_other_shelves(&self, placed: &[Placed]) -> Result<(), Trouble> {
        for Placed { formats, shelf } in placed {
            for new in formats {
                let tree = TreeName::new(&new.format.format, &new.record_id).map_err(StoreError::from)?;
                self.store.remove_from(&tree, shelf.other()).await?;
            }
        }
        Ok(())
    }

    /// Whether this very tar was recorded before.
    pub(super) async fn is_recorded(
        &self,
        mark: &TarMark,
        stop: &CancellationToken,
    ) -> Result<bool, Trouble> {
        patiently(stop, || self.catalog.is_recorded(mark)).await
    }

    /// Records what was placed. When the database goes away meanwhile, it may have been recorded or not.
    pub(super) async fn record<'a>(
        &self,
        placed: &'a [Placed],
        bytes: u64,
        mark: &TarMark,
        leases: &[Lease],
        stop: &CancellationToken,
    ) -> Result<(), Trouble> {
        let import = |(n, placed): (usize, &'a Placed)| Import {
            formats: &placed.formats,
            shelf: placed.shelf,
            protected: self.protected,
            // Nearly always there is but one recording in a tar.
            bytes: if n == 0 { bytes } else { 0 },
        };
        let imports: Vec<Import<'_>> = placed.iter().enumerate().map(import).collect();
        let mut patience = Patience::new(stop);
        while let Err(error) = self.catalog.record_import(&imports, mark, leases).await {
            patience.after(error).await?;
            if self.is_recorded(mark, stop).await? {
                break;
            }
        }
        Ok(())
    }
}

/// Trees are sorted by recording.
fn by_recording(trees: &[Tree]) -> impl Iterator<Item = &[Tree]> {
    trees.chunk_by(|a, b| a.name.record_id() == b.name.record_id())
}
