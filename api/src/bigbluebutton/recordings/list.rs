//! `getRecordings` (CONTRACT §6).

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::{Stream, stream};
use scalelite_core::bbb::error::BbbError;
use scalelite_core::bbb::xml as answers;
use scalelite_core::recordings::catalog::{CatalogError, Listed};
use scalelite_core::recordings::model::Recording;
use scalelite_core::recordings::walk::Walk;
use scalelite_core::state::{LiveState, Playable};
use tokio::task::JoinHandle;

use super::super::answer;
use super::{filter, xml};
use crate::app::App;
use crate::auth::Call;
use crate::error::ApiError;
use crate::host;

/// Room for a recording of the usual size, in bytes.
const USUAL: usize = 2500;

/// Recordings, all at once or a page of them.
pub(crate) async fn list(
    request: HttpRequest,
    app: web::Data<App>,
    call: Call,
) -> Result<HttpResponse, ApiError> {
    let Some(catalog) = app.catalog.as_ref().filter(|_| !app.config.recordings.disabled) else {
        return Ok(answer(answers::no_recordings()));
    };
    let filter = filter::filter(&call.params, call.tenant_id());
    let by_id = !filter.record_ids.is_empty() || !filter.meeting_ids.is_empty();
    if app.config.recordings.get_recordings_filtered && !by_id {
        return Err(BbbError::MISSING_RECORDINGS_FILTER.into());
    }
    let teller = Teller {
        origin: host::origin(&request),
        state: Arc::clone(&app.state),
        token_ttl: app.config.recordings.token_timeout,
    };
    if let Some(filter::Page { offset, limit }) = filter::page(&call.params) {
        let Listed { recordings, total } = catalog.page(&filter, offset, limit).await?;
        let any = !recordings.is_empty();
        let told = teller.tell(xml::HEAD, &recordings).await?;
        return Ok(answer(told + &xml::tail(any, Some(total))));
    }
    let mut walk = Walk::new(Arc::clone(catalog), filter);
    let first = walk.next().await?;
    let any = !first.is_empty();
    let mut told = teller.tell(xml::HEAD, &first).await?;
    drop(first);
    if walk.is_over() {
        told += &xml::tail(any, None);
        return Ok(answer(told));
    }
    Ok(HttpResponse::Ok().content_type(answers::CONTENT_TYPE).streaming(rest(told, teller, walk)))
}

/// What was told already, and then the rest as the client takes it. Should the database go away meanwhile, the
/// answer breaks off: a client must not take it for whole.
fn rest(told: String, teller: Teller, walk: Walk) -> impl Stream<Item = Result<Bytes, ApiError>> {
    stream::try_unfold((Some(told), teller, Some(ahead(walk))), async |(told, teller, next)| {
        if let Some(told) = told {
            return Ok(Some((Bytes::from(told), (None, teller, next))));
        }
        let Some(next) = next else { return Ok(None) };
        let came = next.await.map_err(|_| ApiError::Stopping).and_then(|came| Ok(came?));
        let (recordings, walk) = came.inspect_err(|error| {
            tracing::error!(%error, "an answer of getRecordings breaks off");
        })?;
        let next = walk.map(ahead);
        let mut told = teller.tell("", &recordings).await?;
        if next.is_none() {
            told += &xml::tail(true, None);
        }
        Ok(Some((Bytes::from(told), (None, teller, next))))
    })
}

/// The next recordings, and the walk if it goes on.
type Ahead = JoinHandle<Result<(Vec<Recording>, Option<Walk>), CatalogError>>;

/// Asks for the next recordings while the last ones are told and sent.
fn ahead(mut walk: Walk) -> Ahead {
    tokio::spawn(async move {
        let recordings = walk.next().await?;
        Ok((recordings, Some(walk).filter(|walk| !walk.is_over())))
    })
}

/// Tells recordings, with links of which the protected ones work once.
struct Teller {
    origin: String,
    state: Arc<dyn LiveState>,
    token_ttl: Duration,
}

impl Teller {
    async fn tell(&self, head: &str, recordings: &[Recording]) -> Result<String, ApiError> {
        let protected = recordings.iter().filter(|recording| recording.protected);
        let playables: Vec<Playable<'_>> = protected
            .flat_map(|recording| {
                let record_id = recording.record_id.as_str();
                recording.formats.iter().map(move |format| Playable { record_id, format: &format.format })
            })
            .collect();
        let tokens = if playables.is_empty() {
            Vec::new()
        } else {
            self.state.issue_playback_tokens(&playables, self.token_ttl).await?
        };
        let mut tokens = tokens.as_slice();
        let mut told = String::with_capacity(head.len() + recordings.len() * USUAL);
        told.push_str(head);
        for recording in recordings {
            let own = recording.protected.then(|| {
                let (own, others) = tokens.split_at(recording.formats.len().min(tokens.len()));
                tokens = others;
                own
            });
            xml::recording(&mut told, recording, &self.origin, own);
        }
        Ok(told)
    }
}
