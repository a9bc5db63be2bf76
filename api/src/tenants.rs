//! Which tenant a request belongs to: the first label of its Host (CONTRACT §14).

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use scalelite_core::state::{LiveState, StateError};
use scalelite_core::tenant::Tenant;

/// For so long nobody looks whether a tenant has changed.
const FRESH: Duration = Duration::from_secs(2);
/// For so long a tenant may be used that is no longer fresh, while it is looked up: together with the time of the
/// look-up less than the five seconds within which a change is to be seen.
const USABLE: Duration = Duration::from_secs(4);
/// More names than this are not remembered at once; they come from outside.
const CAPACITY: usize = 10_000;

/// Tenants by name, remembered for a moment. That a name is unknown is remembered too.
#[derive(Debug, Default)]
pub(crate) struct TenantCache {
    entries: Mutex<HashMap<String, Entry>>,
}

#[derive(Debug)]
struct Entry {
    /// When the look-up began.
    since: Instant,
    tenant: Option<Arc<Tenant>>,
    /// Whether somebody looks it up again.
    renewing: bool,
}
