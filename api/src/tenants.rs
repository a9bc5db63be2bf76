//! Which tenant a request belongs to: the first label of its Host (CONTRACT §14).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use scalelite_core::state::{LiveState, StateError};
use scalelite_core::tenant::Tenant;

/// How long a tenant is remembered: changes made by another process show after that.
const TTL: Duration = Duration::from_secs(3);
/// More names than this are not remembered at once; they come from outside.
const CAPACITY: usize = 10_000;

/// When a tenant was looked up, and whether there is one.
type Entry = (Instant, Option<Arc<Tenant>>);

/// Tenants by name, remembered for a moment. That a name is unknown is remembered too.
#[derive(Debug, Default)]
pub(crate) struct TenantCache {
    entries: Mutex<HashMap<String, Entry>>,
}

impl TenantCache {
    /// The tenant of that host, if there is one.
    pub(crate) async fn of_host(
        &self,
        state: &dyn LiveState,
        host: &str,
    ) -> Result<Option<Arc<Tenant>>, StateError> {
        let name = host.split('.').next().unwrap_or_default();
        if let Some(known) = self.remembered(name) {
            return Ok(known);
        }
        let tenant = state.tenant_by_name(name).await?.map(Arc::new);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= CAPACITY {
            entries.clear();
        }
        entries.insert(name.to_owned(), (Instant::now(), tenant.clone()));
        Ok(tenant)
    }

    fn remembered(&self, name: &str) -> Option<Option<Arc<Tenant>>> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, tenant) = entries.get(name)?;
        (since.elapsed() < TTL).then(|| tenant.clone())
    }
}
