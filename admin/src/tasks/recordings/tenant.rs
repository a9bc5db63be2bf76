//! `recordings:addToTenant`: a site that begins to use tenants gives them its old recordings.

use std::sync::Arc;
use std::time::Duration;

use scalelite_core::recordings::model::{Filter, States};
use scalelite_core::recordings::walk::Walk;
use scalelite_core::startup;

use super::{Library, TaskError};
use crate::cli::{TenantArg, given};
use crate::output::complain;
use crate::progress::Progress;

/// A live state that is there answers well within this.
const LOOK: Duration = Duration::from_secs(3);

/// `recordings:addToTenant`
pub(super) async fn adopt(library: &mut Library, arguments: &TenantArg) -> Result<(), TaskError> {
    let tenant = given(arguments.tenant_id.as_ref()).ok_or(TaskError::NoTenantId)?;
    if is_unknown(library, tenant).await {
        // As in the original, this is no failure of the task.
        complain(format_args!(
            "WARNING: there is no tenant with the ID {tenant} (its ID, not its name, is needed)"
        ));
    }
    let filter = Filter { states: States::Any, ..Filter::default() };
    let total = library.catalog.page(&filter, 0, 1).await?.total;
    let mut progress = Progress::new("Linking recordings", total);
    let mut walk = Walk::new(Arc::clone(&library.catalog), filter);
    loop {
        let recordings = walk.next().await?;
        if recordings.is_empty() {
            break;
        }
        let has_tenant = |(key, _): &(String, String)| key == "tenant-id";
        let without = recordings.iter().filter(|recording| !recording.metadata.iter().any(has_tenant));
        let ids: Vec<i64> = without.map(|recording| recording.id).collect();
        if !ids.is_empty() {
            library.catalog.adopt(&ids, tenant).await?;
        }
        progress.advance(recordings.len());
    }
    drop(progress);
    let told = format!("All existing recordings have been successfully linked to tenant {tenant}");
    Ok(library.out.line(told)?)
}

/// Whether the live state knows for sure that there is no such tenant.
async fn is_unknown(library: &Library, tenant: &str) -> bool {
    let look = async { startup::open_state(&library.config, 1).await?.tenant(tenant).await };
    matches!(tokio::time::timeout(LOOK, look).await, Ok(Ok(None)))
}
