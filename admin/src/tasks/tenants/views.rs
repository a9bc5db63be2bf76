//! Tenants and their settings as JSON: the keys of the management API (CONTRACT §13), and more.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use scalelite_core::tenant::{LRS_FIELDS, Tenant, TenantSetting};

/// A tenant.
#[derive(Serialize)]
pub(super) struct TenantView<'a> {
    id: &'a str,
    name: &'a str,
    secrets: String,
    #[serde(flatten)]
    lrs: BTreeMap<&'static str, &'a str>,
    /// How many meetings it has now.
    meetings: u64,
    limits: LimitsView,
}

/// What the meetings of a tenant may be at most; null is no limit.
#[derive(Debug, Serialize)]
struct LimitsView {
    max_meetings: Option<u32>,
    max_participants: Option<u32>,
    max_duration: Option<u32>,
    server_tags: Option<Vec<String>>,
}

impl<'a> TenantView<'a> {
    /// `meetings` is how many there are of each tenant, by its ID.
    pub(super) fn new(tenant: &'a Tenant, meetings: &HashMap<String, u64>) -> Self {
        let limits = tenant.limits();
        let lrs = LRS_FIELDS.into_iter().zip(tenant.lrs.values());
        Self {
            id: &tenant.id,
            name: &tenant.name,
            secrets: Tenant::join_secrets(&tenant.secrets),
            lrs: lrs.filter_map(|(name, value)| Some((name, value?))).collect(),
            meetings: meetings.get(&tenant.id).copied().unwrap_or_default(),
            limits: LimitsView {
                max_meetings: limits.max_meetings,
                max_participants: limits.max_participants,
                max_duration: limits.max_duration,
                server_tags: limits.server_tags,
            },
        }
    }
}

/// A setting of a tenant.
#[derive(Debug, Serialize)]
pub(super) struct SettingView<'a> {
    id: &'a str,
    tenant_id: &'a str,
    param: &'a str,
    value: &'a str,
    #[serde(rename = "override")]
    overrides: bool,
}

impl<'a> SettingView<'a> {
    pub(super) fn new(tenant_id: &'a str, setting: &'a TenantSetting) -> Self {
        let TenantSetting { id, param, value, overrides } = setting;
        Self { id, tenant_id, param, value, overrides: *overrides }
    }
}
