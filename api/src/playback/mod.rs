//! Recordings are played (CONTRACT §6, "Playback"): links lead to a format's page, and the files of its tree
//! are served, by nginx or from here.
//!
//! Whatever may not be played, for whichever reason, gets the same answer ([`error`]): nobody learns whether a
//! recording is there, unpublished, another tenant's, or protected.

mod cookie;
mod deliver;
mod error;
mod link;
mod place;
mod resource;

pub(crate) use deliver::Delivery;
pub(crate) use link::follow;
pub(crate) use place::encode;
pub(crate) use place::path_of;
pub(crate) use resource::show;

use actix_web::HttpRequest;
use scalelite_core::recordings::catalog::Playback;
use scalelite_core::recordings::store::TreeName;

use crate::app::App;
use crate::host;
use error::PlaybackError;

/// What may be played in answer to this request: a published recording, of the host's tenant where tenants
/// are on.
async fn playable(app: &App, request: &HttpRequest, tree: &TreeName) -> Result<Playback, PlaybackError> {
    let catalog = app.catalog.as_ref().ok_or(PlaybackError::NotFound)?;
    let tenant = if app.config.meetings.multitenancy {
        let host = host::of(request).unwrap_or_default();
        let tenant = app.tenants.of_host(&app.state, host).await?;
        Some(tenant.ok_or(PlaybackError::NotFound)?)
    } else {
        None
    };
    let tenant_id = tenant.as_ref().map(|tenant| tenant.id.as_str());
    let found = catalog.playback(tree.record_id(), tree.format(), tenant_id).await?;
    found.filter(|playback| playback.published).ok_or(PlaybackError::NotFound)
}
