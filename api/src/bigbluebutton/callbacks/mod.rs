//! What a meeting's front end wants to be told: remembered, and not passed on as it is (CONTRACT §7).
//!
//! A server tells us, and we tell the front end: with a secret that it knows, for as long as it takes, and of the
//! end of a meeting also if the server has died.

mod analytics;
mod meeting_ended;
mod wanted;

use std::time::Duration;

use actix_web::HttpRequest;
use scalelite_core::callbacks::{CallbackAttributes, END_GRACE};
use scalelite_core::recordings::catalog::{Catalog, CatalogError};
use scalelite_core::tenant::Tenant;

pub(crate) use analytics::receive as receive_analytics;
pub(crate) use meeting_ended::receive as receive_end;
pub(super) use wanted::{Change, Wanted};

use crate::app::App;
use crate::auth::Call;
use crate::host;

/// A meeting does not wait longer for the database.
const PATIENCE: Duration = Duration::from_secs(2);

/// What came of remembering.
#[derive(Default)]
pub(super) struct Remembered {
    /// What the server gets in the place of what the front end wants.
    pub(super) changes: Vec<Change>,
    /// The end that is awaited on behalf of this very call.
    awaited: Option<String>,
}

/// Where this front end is reached from outside: where its servers tell it what they know.
pub(super) fn own_url(app: &App, request: &HttpRequest, tenant: Option<&Tenant>) -> String {
    match (&app.config.http.url_host, tenant) {
        (Some(host), Some(tenant)) => format!("https://{}.{host}", tenant.name),
        (Some(host), None) => format!("https://{host}"),
        (None, _) => host::origin(request),
    }
}

/// Remembers what is wanted of a meeting, which has its place already: it is the caller's then, and no other
/// tenant's. Without a database all is left to the server. `new`: the server does not know the meeting yet.
pub(super) async fn remember(
    app: &App,
    call: &Call,
    wanted: &Wanted,
    own_url: &str,
    new: bool,
) -> Remembered {
    let Some(catalog) = app.catalog.as_deref() else { return Remembered::default() };
    let Some(id) = call.params.present("meetingID") else { return Remembered::default() };
    // Without recordings the server itself may use where to tell that one is ready.
    let ready = wanted.ready().filter(|_| !app.config.recordings.disabled);
    let attributes = CallbackAttributes {
        analytics_callback_url: wanted.analytics().map(str::to_owned),
        recording_ready_url: ready.map(str::to_owned),
        tenant_id: call.tenant_id().map(str::to_owned),
    };
    let (_, end) =
        tokio::join!(remember_attributes(catalog, id, &attributes), await_end(catalog, id, wanted, new),);
    let mut changes = wanted.changes_of_analytics(own_url);
    if !app.config.recordings.disabled {
        changes.extend(wanted.changes_of_ready());
    }
    let mut awaited = None;
    match end {
        End::Awaited(token) => {
            changes.extend(wanted.changes_of_end(own_url, Some(&token)));
            awaited = Some(token).filter(|_| new);
        }
        // Its server has what the first `create` said, and takes nothing from this one.
        End::NotAwaited => changes.extend(wanted.changes_of_end(own_url, None)),
        End::LeftToTheServer => {}
    }
    Remembered { changes, awaited }
}

async fn remember_attributes(catalog: &dyn Catalog, id: &str, attributes: &CallbackAttributes) {
    if attributes.analytics_callback_url.is_none() && attributes.recording_ready_url.is_none() {
        return;
    }
    if let Err(error) = in_time(catalog.remember_callbacks(id, attributes)).await {
        tracing::error!(meeting = id, %error, "where to tell of its recording and its analytics is not remembered");
    }
}

enum End {
    Awaited(String),
    NotAwaited,
    LeftToTheServer,
}

async fn await_end(catalog: &dyn Catalog, id: &str, wanted: &Wanted, new: bool) -> End {
    let Some(urls) = wanted.end() else { return End::NotAwaited };
    let token = async {
        match new {
            true => in_time(catalog.await_end(id, &urls, END_GRACE)).await.map(Some),
            false => in_time(catalog.awaited_end(id)).await,
        }
    };
    match token.await {
        Ok(Some(token)) => End::Awaited(token),
        Ok(None) => End::NotAwaited,
        Err(error) => {
            tracing::error!(meeting = id, %error, "to tell of its end is left to its server");
            End::LeftToTheServer
        }
    }
}

impl Remembered {
    /// The server does not have the meeting: its end is nothing to be told of.
    pub(super) async fn withdraw(&self, app: &App) {
        let (Some(catalog), Some(token)) = (&app.catalog, &self.awaited) else { return };
        if let Err(error) = in_time(catalog.forget_end(token)).await {
            tracing::warn!(%error, "of a meeting that was not made it will be told that it is over");
        }
    }
}

/// Notes that a meeting is over. Nobody waits for it: should it fail, a poller finds out.
pub(super) fn note_end(app: &App, id: &str) {
    let Some(catalog) = app.catalog.clone() else { return };
    let id = id.to_owned();
    actix_web::rt::spawn(async move {
        if let Err(error) = in_time(catalog.meeting_over(&id, END_GRACE)).await {
            tracing::debug!(meeting = id, %error, "its end is not noted: left to a poller");
        }
    });
}

/// Why something is not done with what is remembered.
#[derive(Debug, thiserror::Error)]
enum NotInTime {
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error("the database does not answer within {PATIENCE:?}")]
    Late,
}

async fn in_time<T>(asked: impl Future<Output = Result<T, CatalogError>>) -> Result<T, NotInTime> {
    Ok(tokio::time::timeout(PATIENCE, asked).await.map_err(|_| NotInTime::Late)??)
}
