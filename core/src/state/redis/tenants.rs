//! Tenants and their settings.

use secrecy::ExposeSecret;

use super::RedisState;
use super::decode::Fields;
use crate::state::StateError;
use crate::tenant::{By, Tenant, TenantSetting};

impl RedisState {
    pub(super) async fn find_tenant(&self, by: By<'_>) -> Result<Option<Tenant>, StateError> {
        let mut call = self.call(&self.scripts.tenant);
        match by {
            By::Name(name) => call.arg("name").arg(name),
            By::Id(id) => call.arg("id").arg(id),
        };
        let Some(mut fields) = Fields::of_nullable(self.invoke(&call).await?)? else { return Ok(None) };
        let id = fields.text()?;
        let name = fields.text()?;
        let secrets = Tenant::split_secrets(&fields.text()?);
        let settings = fields
            .list()?
            .into_iter()
            .map(|mut fields| {
                Ok(TenantSetting {
                    param: fields.text()?,
                    value: fields.text()?,
                    overrides: fields.text()? == "true",
                })
            })
            .collect::<Result<_, StateError>>()?;
        Ok(Some(Tenant { id, name, secrets, settings }))
    }

    pub(super) async fn save_tenant(&self, tenant: &Tenant) -> Result<(), StateError> {
        let prefix = &self.keys.prefix;
        let secrets: Vec<&str> = tenant.secrets.iter().map(ExposeSecret::expose_secret).collect();
        let mut save = redis::pipe();
        save.atomic();
        save.hset(format!("{prefix}tenant_name:{}", tenant.name), "id", &tenant.id).ignore();
        save.hset(format!("{prefix}tenant:{}", tenant.id), "name", &tenant.name).ignore();
        save.hset(format!("{prefix}tenant:{}", tenant.id), "secrets", secrets.join(":")).ignore();
        save.sadd(format!("{prefix}tenants"), &tenant.id).ignore();
        self.link.run(async |connection| save.query_async::<()>(connection).await).await?;
        for setting in &tenant.settings {
            self.save_setting(&tenant.id, setting).await?;
        }
        Ok(())
    }

    pub(super) async fn save_setting(
        &self,
        tenant_id: &str,
        setting: &TenantSetting,
    ) -> Result<String, StateError> {
        let prefix = &self.keys.prefix;
        let id = uuid::Uuid::new_v4().to_string();
        let fields = [
            ("param", setting.param.as_str()),
            ("value", setting.value.as_str()),
            ("override", if setting.overrides { "true" } else { "false" }),
            ("tenant_id", tenant_id),
        ];
        let mut save = redis::pipe();
        save.atomic();
        save.hset_multiple(format!("{prefix}tenant_setting:{id}"), &fields).ignore();
        save.sadd(format!("{prefix}tenant_settings:{tenant_id}"), &id).ignore();
        self.link.run(async |connection| save.query_async::<()>(connection).await).await?;
        Ok(id)
    }
}
