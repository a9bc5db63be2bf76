//! Text tracks of recordings: captions and subtitles (CONTRACT §6, *Text tracks*).
//!
//! They are kept where BigBlueButton's own page of a recording looks for them: as `caption_<locale>.vtt` in the tree
//! of its `presentation`, listed in that tree's `captions.json`. A recording without a presentation has them in the
//! tree of its first format. An import that replaces a tree takes along [what was uploaded](carry_over).

use bytes::Bytes;

use super::catalog::Head;
use super::model::Shelf;
use super::operations::{OperationError, Operations};
use super::store::{Shelved, Store, StoreError, TreeName};

mod carry;
mod index;
mod srt;
mod track;
mod webvtt;

pub use carry::carry_over;
use index::Index;
pub use track::{Kind, Language, Listed, NewTrack, TextTrack};
pub use webvtt::{LARGEST, Unreadable, webvtt};

/// The format whose page shows text tracks.
const PRESENTATION: &str = "presentation";

/// Why a track was not put to a recording.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// There is no such recording, or it is deleted.
    #[error("there is no such recording")]
    NoRecording,
    /// Of none of its formats there are files.
    #[error("the files of the recording are missing")]
    NoFiles,
    /// It has as many tracks as it may have.
    #[error("the recording has too many text tracks")]
    TooMany,
    /// The database or the store is away, or the recording is being worked on.
    #[error(transparent)]
    Operation(#[from] OperationError),
}

impl From<StoreError> for PutError {
    fn from(error: StoreError) -> Self {
        Self::Operation(error.into())
    }
}

impl Operations {
    /// The text tracks of a recording (of a tenant if one is named), also of an unpublished one. None: there is no
    /// such recording, or it is deleted.
    ///
    /// # Errors
    ///
    /// The database or the store is away.
    pub async fn text_tracks(
        &self,
        record_id: &str,
        tenant_id: Option<&str>,
    ) -> Result<Option<Vec<TextTrack>>, OperationError> {
        let Some(head) = self.head(record_id, tenant_id).await? else { return Ok(None) };
        let mut tracks: Vec<TextTrack> = Vec::new();
        for tree in trees(&head) {
            let shelf = Shelf::of(head.published);
            let mut found = read(&self.store, &tree, shelf).await?;
            if found.is_none() {
                // It may be on its way.
                found = read(&self.store, &tree, shelf.other()).await?;
            }
            for listed in found.unwrap_or_default().tracks() {
                // Formats may have the same ones.
                let is_same = |known: &TextTrack| {
                    (&known.listed.kind, &known.listed.lang) == (&listed.kind, &listed.lang)
                };
                if !tracks.iter().any(is_same) {
                    tracks.push(TextTrack { tree: tree.clone(), listed });
                }
            }
        }
        Ok(Some(tracks))
    }

    /// Puts a track to a recording (of a tenant if one is named), in place of one of the same kind and language.
    /// `webvtt` is from [`webvtt()`].
    ///
    /// # Errors
    ///
    /// See [`PutError`]. The recording has the tracks that it had.
    pub async fn put_text_track(
        &self,
        record_id: &str,
        tenant_id: Option<&str>,
        track: &NewTrack,
        webvtt: Bytes,
    ) -> Result<(), PutError> {
        // A lease is taken of what is there only.
        self.head(record_id, tenant_id).await?.ok_or(PutError::NoRecording)?;
        let held = self.hold(record_id).await?;
        let result = self.put(record_id, tenant_id, track, webvtt).await;
        held.release().await;
        result
    }

    /// Does so under the recording's lease.
    async fn put(
        &self,
        record_id: &str,
        tenant_id: Option<&str>,
        track: &NewTrack,
        webvtt: Bytes,
    ) -> Result<(), PutError> {
        let head = self.head(record_id, tenant_id).await?.ok_or(PutError::NoRecording)?;
        let shelf = Shelf::of(head.published);
        for tree in trees(&head) {
            // A move that was cut off is ended first: it could bring an older list along.
            if self.store.shelve(&tree, shelf).await? == Shelved::Missing {
                continue;
            }
            let mut index = read(&self.store, &tree, shelf).await?.unwrap_or_default();
            let file = index.put(track).ok_or(PutError::TooMany)?;
            self.store.put_file(&tree, shelf, &file, webvtt).await?;
            // It is there before it is listed.
            return Ok(self.store.put_file(&tree, shelf, index::NAME, index.to_json().into()).await?);
        }
        Err(PutError::NoFiles)
    }

    async fn head(&self, record_id: &str, tenant_id: Option<&str>) -> Result<Option<Head>, OperationError> {
        let heads = self.catalog.heads(&[record_id.to_owned()], tenant_id).await?;
        Ok(heads.into_iter().find(|head| head.state.as_deref() != Some("deleted")))
    }
}

/// The trees of a recording, the one that shows text tracks first.
fn trees(head: &Head) -> impl Iterator<Item = TreeName> {
    let is_presentation = |format: &&String| *format == PRESENTATION;
    let others = head.formats.iter().filter(move |format| !is_presentation(format));
    let formats = head.formats.iter().filter(is_presentation).chain(others);
    formats.filter_map(|format| TreeName::new(format, &head.record_id).ok())
}

/// The list of a tree. One that cannot be read counts as none, as the page counts it.
async fn read(store: &Store, tree: &TreeName, shelf: Shelf) -> Result<Option<Index>, StoreError> {
    let Some(json) = store.read_file(tree, shelf, index::NAME, index::LARGEST).await? else {
        return Ok(None);
    };
    let index = Index::parse(&json);
    if index.is_none() {
        tracing::warn!(%tree, "the list of its text tracks cannot be read");
    }
    Ok(index)
}
