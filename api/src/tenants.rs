//! Which tenant a request belongs to: the first label of its Host (CONTRACT §14).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use scalelite_core::state::{LiveState, StateError};
use scalelite_core::tenant::Tenant;

/// For so long nobody looks whether a tenant has changed.
const FRESH: Duration = Duration::from_millis(4200);
/// Until then a tenant is used although it is no longer fresh, and looked up beside the request, which need not wait.
/// Less than the five seconds within which a change by another process is to be seen.
const USABLE: Duration = Duration::from_millis(4800);
/// More names than this are not remembered at once; they come from outside.
const CAPACITY: usize = 10_000;
/// No label of a host name is longer.
const LONGEST_LABEL: usize = 63;

/// Tenants by name, remembered for a moment. That a name is unknown is remembered too.
#[derive(Debug, Clone, Default)]
pub(crate) struct TenantCache {
    entries: Arc<Mutex<HashMap<String, Entry>>>,
}

#[derive(Debug)]
struct Entry {
    /// When the look-up began.
    since: Instant,
    tenant: Option<Arc<Tenant>>,
    /// Whether somebody looks it up again.
    renewing: bool,
}

impl TenantCache {
    /// The tenant of that host, if there is one: the case of a host name says nothing, but an original may have given a
    /// tenant a name with capitals.
    pub(crate) async fn of_host(
        &self,
        state: &Arc<dyn LiveState>,
        host: &str,
    ) -> Result<Option<Arc<Tenant>>, StateError> {
        let label = host.split('.').next().unwrap_or_default();
        if label.len() > LONGEST_LABEL {
            return Ok(None);
        }
        match self.of_name(state, label).await? {
            None if label.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                self.of_name(state, &label.to_ascii_lowercase()).await
            }
            found => Ok(found),
        }
    }

    async fn of_name(
        &self,
        state: &Arc<dyn LiveState>,
        name: &str,
    ) -> Result<Option<Arc<Tenant>>, StateError> {
        let Some((tenant, renew)) = self.remembered(name) else {
            return self.look_up(state, name).await;
        };
        if renew {
            let (cache, state, name) = (self.clone(), Arc::clone(state), name.to_owned());
            actix_web::rt::spawn(async move {
                if let Err(error) = cache.look_up(&state, &name).await {
                    tracing::warn!(tenant = name, %error, "the tenant cannot be looked up again");
                    cache.release(&name);
                }
            });
        }
        Ok(tenant)
    }

    /// What is known of that name, and whether the caller is to look it up again.
    fn remembered(&self, name: &str) -> Option<(Option<Arc<Tenant>>, bool)> {
        let mut entries = self.lock();
        let entry = entries.get_mut(name)?;
        let age = entry.since.elapsed();
        if age >= USABLE {
            return None;
        }
        let renew = age >= FRESH && !entry.renewing;
        entry.renewing |= renew;
        Some((entry.tenant.clone(), renew))
    }

    async fn look_up(
        &self,
        state: &Arc<dyn LiveState>,
        name: &str,
    ) -> Result<Option<Arc<Tenant>>, StateError> {
        let since = Instant::now();
        let tenant = state.tenant_by_name(name).await?.map(Arc::new);
        let mut entries = self.lock();
        if entries.len() >= CAPACITY && !entries.contains_key(name) {
            entries.retain(|_, entry| entry.since.elapsed() < USABLE);
            if entries.len() >= CAPACITY {
                entries.clear();
            }
        }
        let newer = entries.get(name).is_some_and(|known| known.since > since);
        if !newer {
            let entry = Entry { since, tenant: tenant.clone(), renewing: false };
            entries.insert(name.to_owned(), entry);
        }
        Ok(tenant)
    }

    /// Somebody else may look it up.
    fn release(&self, name: &str) {
        if let Some(entry) = self.lock().get_mut(name) {
            entry.renewing = false;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        // What is in it is whole at any time.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use scalelite_core::state::sqlite::SqliteState;
    use scalelite_core::tenant::TenantChange;
    use tempfile::TempDir;

    use super::*;

    async fn state() -> (Arc<dyn LiveState>, TempDir) {
        let dir = TempDir::new().unwrap();
        let state = SqliteState::open(&dir.path().join("live")).await.unwrap();
        state.add_tenant(&tenant("one")).await.unwrap();
        (Arc::new(state), dir)
    }

    fn tenant(name: &str) -> Tenant {
        Tenant { id: format!("id-of-{name}"), ..Tenant::new(name, vec!["s".into()]) }
    }

    async fn rename(state: &Arc<dyn LiveState>, to: &str) {
        let change = TenantChange { name: Some(to.to_owned()), ..TenantChange::default() };
        state.change_tenant("id-of-one", &change).await.unwrap();
    }

    /// As if all had been looked up that much earlier.
    fn age(cache: &TenantCache, by: Duration) {
        for entry in cache.lock().values_mut() {
            entry.since = entry.since.checked_sub(by).unwrap();
        }
    }

    async fn known(cache: &TenantCache, state: &Arc<dyn LiveState>, host: &str) -> bool {
        cache.of_host(state, host).await.unwrap().is_some()
    }

    #[actix_web::test]
    async fn found_by_the_first_label() {
        let (state, _dir) = state().await;
        let cache = TenantCache::default();
        for (host, found) in
            [("one.lb.example.com", true), ("one", true), ("lb.one", false), ("", false), (".one", false)]
        {
            assert_eq!(known(&cache, &state, host).await, found, "{host}");
        }
        state.add_tenant(&tenant("Two")).await.unwrap();
        for (host, found) in [("ONE.lb.example.com", true), ("Two", true), ("TWO", false), ("two", false)] {
            assert_eq!(known(&cache, &state, host).await, found, "{host}");
        }
        let remembered = cache.lock().len();
        assert!(!known(&cache, &state, &"x".repeat(64)).await);
        assert_eq!(cache.lock().len(), remembered, "what is no label is not remembered");
    }

    #[actix_web::test]
    async fn fresh_then_renewed_beside_then_looked_up() {
        let (state, _dir) = state().await;
        let cache = TenantCache::default();
        assert!(known(&cache, &state, "one").await);
        assert!(!known(&cache, &state, "two").await);
        rename(&state, "two").await;
        assert!(known(&cache, &state, "one").await && !known(&cache, &state, "two").await, "remembered");

        age(&cache, FRESH);
        assert!(known(&cache, &state, "one").await && !known(&cache, &state, "two").await, "nobody waits");
        let deadline = Instant::now() + Duration::from_secs(10);
        while known(&cache, &state, "one").await || !known(&cache, &state, "two").await {
            assert!(Instant::now() < deadline, "it is looked up");
            actix_web::rt::time::sleep(Duration::from_millis(5)).await;
        }

        rename(&state, "one").await;
        age(&cache, USABLE);
        assert!(
            known(&cache, &state, "one").await && !known(&cache, &state, "two").await,
            "too old to be used"
        );
    }

    #[actix_web::test]
    async fn names_from_outside_are_not_kept_without_bound() {
        let (state, _dir) = state().await;
        let cache = TenantCache::default();
        for n in 0..CAPACITY {
            let entry = Entry { since: Instant::now(), tenant: None, renewing: false };
            cache.lock().insert(format!("x{n}"), entry);
        }
        assert!(known(&cache, &state, "one").await);
        assert_eq!(cache.lock().len(), 1);
        assert!(known(&cache, &state, "one").await);
    }
}
