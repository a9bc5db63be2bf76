//! `recordings:show`: all that is known of some recordings.

use super::view::RecordingView;
use super::{Library, TaskError, text};
use crate::cli::ShowRecordings;

/// `recordings:show`
pub(super) async fn show(library: &mut Library, arguments: &ShowRecordings) -> Result<(), TaskError> {
    let heads = library.heads(&arguments.recordings.ids()).await?;
    let ids: Vec<i64> = heads.iter().map(|head| head.id).collect();
    let recordings = library.catalog.recordings(&ids).await?;
    if arguments.json {
        let views: Vec<RecordingView<'_>> = recordings.iter().map(RecordingView::from).collect();
        return Ok(library.out.json(&views)?);
    }
    for recording in &recordings {
        library.out.line(text::full(recording))?;
    }
    Ok(())
}
