//! `recordings:publish`, `recordings:unpublish` and `recordings:delete`.

use scalelite_core::recordings::catalog::Head;
use scalelite_core::recordings::model::Recording;

use super::view::RecordingView;
use super::{Library, TaskError, text};
use crate::cli::DeleteRecordings;
use crate::output::complain;

/// `recordings:publish`, or `recordings:unpublish` if not `published`
pub(super) async fn publish(
    library: &mut Library,
    record_ids: &[String],
    published: bool,
) -> Result<(), TaskError> {
    let heads = library.heads(record_ids).await?;
    all_alive(&heads)?;
    let what = if published { "Publishing" } else { "Unpublishing" };
    let operations = library.operations();
    for Head { record_id, .. } in &heads {
        library.out.line(format!("{what} recording {record_id}..."))?;
        if !operations.set_published(record_id, published).await? {
            return Err(TaskError::RecordingDeleted(record_id.clone()));
        }
    }
    Ok(library.out.line("OK")?)
}

/// `recordings:delete`
pub(super) async fn delete(library: &mut Library, arguments: &DeleteRecordings) -> Result<(), TaskError> {
    let heads = library.heads(&arguments.recordings.ids()).await?;
    all_alive(&heads)?;
    let ids: Vec<i64> = heads.iter().map(|head| head.id).collect();
    let recordings = library.catalog.recordings(&ids).await?;
    let told: &[Recording] = if arguments.yes || confirmed(library, &recordings)? {
        library.operations().delete(&heads).await?;
        &recordings
    } else {
        library.record.nothing();
        complain("Nothing was deleted");
        &[]
    };
    if arguments.json {
        let views: Vec<RecordingView<'_>> = told.iter().map(RecordingView::from).collect();
        return Ok(library.out.json(&views)?);
    }
    Ok(library.out.line("OK")?)
}

/// On standard error: the answer to the question is no part of what is printed.
fn confirmed(library: &mut Library, recordings: &[Recording]) -> Result<bool, TaskError> {
    complain("WARNING: You are trying to delete these recordings and their files for good:");
    complain(text::line(&text::HEADING));
    recordings.iter().for_each(|recording| complain(text::brief(recording)));
    complain("If you still wish to continue please enter `yes`");
    library.out.confirmed()?.ok_or(TaskError::NoAnswer)
}

fn all_alive(heads: &[Head]) -> Result<(), TaskError> {
    let is_deleted = |head: &&Head| head.state.as_deref() == Some("deleted");
    match heads.iter().find(is_deleted) {
        Some(head) => Err(TaskError::RecordingDeleted(head.record_id.clone())),
        None => Ok(()),
    }
}
