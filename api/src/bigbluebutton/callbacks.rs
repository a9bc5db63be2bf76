//! Where a meeting's front end wants to be told that a recording is ready: remembered, and not passed on (CONTRACT §7).

use std::sync::Arc;
use std::time::Duration;

use scalelite_core::bbb::params::Params;
use scalelite_core::callbacks::CallbackAttributes;
use scalelite_core::recordings::catalog::Catalog;

use crate::app::App;

/// The parameters, the preferred one first.
const READY: [&str; 3] =
    ["meta_bn-recording-ready-url", "meta_bbb-recording-ready-url", "meta_canvas-recording-ready-url"];

/// A meeting does not wait longer for the database.
const PATIENCE: Duration = Duration::from_secs(2);

/// The catalog, where there are recordings.
fn catalog(app: &App) -> Option<&Arc<dyn Catalog>> {
    app.catalog.as_ref().filter(|_| !app.config.recordings.disabled)
}

/// Takes the URL out of the parameters of a `create`. Without recordings it stays: the server itself may use it.
pub(crate) fn take_out(app: &App, params: &mut Params) -> Option<String> {
    catalog(app).and_then(|_| take(params))
}

/// Remembers the URL for a meeting that is the tenant's.
pub(crate) async fn remember(app: &App, meeting_id: &str, tenant_id: Option<&str>, url: String) {
    let Some(catalog) = catalog(app) else { return };
    let attributes = CallbackAttributes {
        recording_ready_url: Some(url),
        tenant_id: tenant_id.map(str::to_owned),
        ..CallbackAttributes::default()
    };
    let remembered = tokio::time::timeout(PATIENCE, catalog.remember_callbacks(meeting_id, &attributes));
    match remembered.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::error!(meeting = meeting_id, %error, "nobody will be told when the recording is ready");
        }
        Err(_) => tracing::error!(
            meeting = meeting_id,
            "nobody will be told when the recording is ready: the database does not answer"
        ),
    }
}

/// The preferred URL that is there; all of them are gone afterwards.
fn take(params: &mut Params) -> Option<String> {
    let url = READY.iter().find_map(|name| params.present(name)).map(str::to_owned);
    for name in READY {
        params.remove(name);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_url_is_taken() {
        for (query, expected) in [
            ("meta_canvas-recording-ready-url=c", Some("c")),
            ("meta_canvas-recording-ready-url=c&meta_bbb-recording-ready-url=b", Some("b")),
            ("meta_bbb-recording-ready-url=b&meta_bn-recording-ready-url=n", Some("n")),
            ("meta_bbb-recording-ready-url=b&meta_bn-recording-ready-url=", Some("b")),
            ("meta_bn-recording-ready-url=", None),
        ] {
            let mut params = Params::parse(&format!("{query}&name=x")).unwrap();
            assert_eq!(take(&mut params).as_deref(), expected, "{query}");
            assert_eq!(params, Params::from([("name", "x")]));
        }
    }
}
