//! `recordings:update`: what is unpublished must not lie where it can be played.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream;
use scalelite_core::recordings::model::{Filter, Recording, Shelf, States};
use scalelite_core::recordings::operations::{OperationError, Operations};
use scalelite_core::recordings::store::{Store, StoreError, TreeName};
use scalelite_core::recordings::walk::Walk;

use super::{Library, TaskError};
use crate::progress::Progress;

/// Recordings looked at, at the same time: a bucket takes its time for each question.
const AT_ONCE: usize = 16;

/// `recordings:update`
pub(super) async fn update(library: &mut Library) -> Result<(), TaskError> {
    let filter = Filter { states: States::Any, ..Filter::default() };
    let total = library.catalog.page(&filter, 0, 1).await?.total;
    let mut progress = Progress::new("Looking at recordings", total);
    let (operations, store) = (library.operations(), library.store.clone());
    let (mut moved, mut failed) = (0_u64, 0_u64);
    let mut walk = Walk::new(Arc::clone(&library.catalog), filter);
    loop {
        let recordings = walk.next().await?;
        if recordings.is_empty() {
            break;
        }
        progress.advance(recordings.iter().filter(|recording| recording.published).count());
        let hidden = recordings.iter().filter(|recording| !recording.published);
        let looks = hidden.map(async |recording| (recording, hide(&operations, &store, recording).await));
        let mut looks = stream::iter(looks).buffer_unordered(AT_ONCE);
        while let Some((recording, result)) = looks.next().await {
            match result {
                Ok(trees) => moved += u64::from(trees > 0),
                // Without the database nothing goes on.
                Err(OperationError::Catalog(error)) => return Err(error.into()),
                Err(error) => {
                    failed += 1;
                    let id = &recording.record_id;
                    progress.complain(format_args!("ERROR: Failed to move recording {id}: {error}"));
                }
            }
            progress.advance(1);
        }
    }
    drop(progress);
    if moved == 0 {
        library.record.nothing();
    }
    library.out.line(format!("Unpublished recordings whose files were moved: {moved}"))?;
    if failed > 0 { Err(TaskError::NotMoved(failed)) } else { Ok(()) }
}

/// Moves the trees of an unpublished recording that lie with the published ones; gives how many that were.
async fn hide(
    operations: &Operations,
    store: &Store,
    recording: &Recording,
) -> Result<usize, OperationError> {
    for playback in &recording.formats {
        let tree = TreeName::new(&playback.format, &recording.record_id).map_err(StoreError::from)?;
        if store.has(&tree, Shelf::Published).await? {
            return operations.hide(&recording.record_id).await;
        }
    }
    Ok(0)
}
