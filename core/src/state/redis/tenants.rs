//! Tenants and their settings.

use super::decode::Fields;
use super::{RedisState, list_arg};
use crate::state::StateError;
use crate::tenant::{By, LRS_FIELDS, Lrs, Tenant, TenantChange, TenantSaved, TenantSetting};

/// How many tenants one script call reads, so that Redis is never kept busy for long.
const BATCH: usize = 100;

impl RedisState {
    pub(super) async fn find_tenant(&self, by: By<'_>) -> Result<Option<Tenant>, StateError> {
        let mut call = self.call(&self.scripts.tenant);
        match by {
            By::Name(name) => call.arg("name").arg(name),
            By::Id(id) => call.arg("id").arg(id),
        };
        Fields::of_nullable(self.invoke(&call).await?)?.map(tenant).transpose()
    }

    pub(super) async fn all_tenants(&self) -> Result<Vec<Tenant>, StateError> {
        let mut members = redis::cmd("SMEMBERS");
        members.arg(self.keys.tenants());
        let ids: Vec<String> =
            self.link.run(async |connection| members.query_async(connection).await).await?;
        let mut tenants = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let mut call = self.call(&self.scripts.tenants);
            list_arg(&mut call, batch);
            for fields in Fields::of(self.invoke(&call).await?)?.lists() {
                tenants.push(tenant(fields?)?);
            }
        }
        tenants.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Ok(tenants)
    }

    pub(super) async fn add_one_tenant(&self, tenant: &Tenant) -> Result<TenantSaved, StateError> {
        let secrets = Tenant::join_secrets(&tenant.secrets);
        let mut call = self.call(&self.scripts.add_tenant);
        call.arg(&tenant.id).arg(&tenant.name);
        list_arg(&mut call, fields(Some(&secrets), &tenant.lrs));
        list_arg(&mut call, flat(&tenant.settings));
        self.saved(&call).await
    }

    pub(super) async fn change_one_tenant(
        &self,
        id: &str,
        change: &TenantChange,
    ) -> Result<TenantSaved, StateError> {
        let secrets = change.secrets.as_deref().map(Tenant::join_secrets);
        let mut call = self.call(&self.scripts.change_tenant);
        call.arg(id).arg(change.name.as_deref().unwrap_or_default());
        list_arg(&mut call, fields(secrets.as_deref(), &change.lrs));
        list_arg(&mut call, flat(&change.put_settings));
        list_arg(&mut call, &change.drop_settings);
        self.saved(&call).await
    }

    pub(super) async fn remove_one_tenant(&self, id: &str) -> Result<bool, StateError> {
        let mut call = self.call(&self.scripts.remove_tenant);
        call.arg(id);
        self.done(&call).await
    }

    pub(super) async fn remove_setting(&self, id: &str, tenant_id: Option<&str>) -> Result<bool, StateError> {
        let mut call = self.call(&self.scripts.remove_tenant_setting);
        call.arg(id).arg(tenant_id.unwrap_or_default());
        self.done(&call).await
    }

    async fn saved(&self, call: &redis::ScriptInvocation<'_>) -> Result<TenantSaved, StateError> {
        let reply = Fields::of(redis::Value::Array(vec![self.invoke(call).await?]))?.text()?;
        match reply.as_str() {
            "done" => Ok(TenantSaved::Done),
            "unknown" => Ok(TenantSaved::Unknown),
            "name-taken" => Ok(TenantSaved::NameTaken),
            "id-taken" => Ok(TenantSaved::IdTaken),
            _ => Err(StateError::Content("an unknown answer to a change of a tenant")),
        }
    }
}

fn tenant(mut fields: Fields) -> Result<Tenant, StateError> {
    let id = fields.text()?;
    let name = fields.text()?;
    let secrets = Tenant::split_secrets(&fields.text()?);
    let mut values = LRS_FIELDS.map(|_| None);
    for value in &mut values {
        *value = fields.optional()?;
    }
    let setting = |mut fields: Fields| {
        Ok(TenantSetting {
            id: fields.text()?,
            param: fields.text()?,
            value: fields.text()?,
            overrides: fields.text()? == "true",
        })
    };
    let settings = fields.list()?.into_iter().map(setting).collect::<Result<_, StateError>>()?;
    let mut tenant = Tenant { id, name, secrets, lrs: Lrs::from_values(values), settings };
    tenant.sort_settings();
    Ok(tenant)
}

/// The fields of a tenant's record that are to be set, each with its value.
fn fields<'a>(secrets: Option<&'a str>, lrs: &'a Lrs) -> Vec<&'a str> {
    let lrs = LRS_FIELDS.into_iter().zip(lrs.values());
    let all = std::iter::once(("secrets", secrets)).chain(lrs);
    all.filter_map(|(name, value)| Some([name, value?])).flatten().collect()
}

fn flat(settings: &[TenantSetting]) -> Vec<&str> {
    let each = settings.iter().map(|setting| {
        let overrides = if setting.overrides { "true" } else { "false" };
        [setting.id.as_str(), &setting.param, &setting.value, overrides]
    });
    each.flatten().collect()
}
