//! Which BigBlueButton version a server runs.

use scalelite_core::bbb::params::Params;
use scalelite_core::bbb::response;
use scalelite_core::pool::server::Server;
use scalelite_core::state::StateError;

use crate::pass::{Poller, poll_target};

impl Poller {
    /// Records the `bbbVersion` of the server's top-level answer, if it is another than before.
    pub(crate) async fn update_version(&self, server: &Server) -> Result<(), StateError> {
        let id = &server.route.id;
        let answer = match self.client.get(poll_target(&server.route), "", &Params::default()).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::debug!(server = %id, %error, "its version is not known");
                return Ok(());
            }
        };
        // The answer was read once already, as a SUCCESS.
        let version = response::top_level(&answer.body, ["bbbVersion"]).ok().and_then(|[version]| version);
        match version.as_deref().map(str::trim) {
            Some(version) if server.bbb_version.as_deref() != Some(version) => {
                self.state.record_version(id, version).await
            }
            _ => Ok(()),
        }
    }
}
