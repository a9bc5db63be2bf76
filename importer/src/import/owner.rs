//! Whose a recording is: a tenant that can choose the ID of what it records must not replace what is another's.

use tokio_util::sync::CancellationToken;

use super::examine::Tree;
use super::shelves::patiently;
use super::trouble::Trouble;
use crate::parts::Parts;

/// The metadata that tells it.
const TENANT: &str = "tenant-id";

impl Parts {
    /// Whether the catalog has a recording of that ID that is another tenant's than these trees say of themselves. What
    /// has no tenant, there or here, is nobody's in particular.
    pub(super) async fn is_anothers(
        &self,
        trees: &[Tree],
        stop: &CancellationToken,
    ) -> Result<bool, Trouble> {
        let said: Vec<&str> = trees.iter().flat_map(|tree| tenants(&tree.recording.metadata)).collect();
        let Some(first) = trees.first().filter(|_| !said.is_empty()) else { return Ok(false) };
        let names = [first.name.record_id().to_owned()];
        let heads = patiently(stop, || self.catalog.heads(&names, None)).await?;
        let ids: Vec<i64> = heads.iter().map(|head| head.id).collect();
        let known = patiently(stop, || self.catalog.recordings(&ids)).await?;
        let mut owners = known.iter().flat_map(|recording| tenants(&recording.metadata));
        Ok(owners.any(|owner| said.iter().any(|said| *said != owner)))
    }
}

fn tenants(metadata: &[(String, String)]) -> impl Iterator<Item = &str> {
    metadata.iter().filter(|(key, value)| key == TENANT && !value.is_empty()).map(|(_, value)| value.as_str())
}
