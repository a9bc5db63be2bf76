//! What Redis holds (CONTRACT §9): every key name of ours stands here or in `lua/`.
//!
//! With a cluster, the namespace carries a hash tag (`REDIS_NAMESPACE={scalelite}`), so that all keys
//! live in one slot and scripts may touch them together.

/// The names of keys below one namespace.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    /// The namespace and its colon, or nothing.
    pub(super) prefix: String,
}

impl Keys {
    pub(super) fn new(namespace: &str) -> Self {
        let prefix = if namespace.is_empty() { String::new() } else { format!("{namespace}:") };
        Self { prefix }
    }

    fn named(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Set of the IDs of all servers.
    pub(super) fn servers(&self) -> String {
        self.named("servers")
    }

    /// Set of the IDs of all meetings.
    pub(super) fn meetings(&self) -> String {
        self.named("meetings")
    }

    /// Set of the IDs of all tenants.
    pub(super) fn tenants(&self) -> String {
        self.named("tenants")
    }

    /// What a one-time token opens, in JSON.
    pub(super) fn playback_token(&self, token: &str) -> String {
        self.named(&format!("protector_token_{token}"))
    }

    /// Written by the health check, as the original does.
    pub(super) fn health_check(&self) -> String {
        self.named("__health_check_set__")
    }
}
