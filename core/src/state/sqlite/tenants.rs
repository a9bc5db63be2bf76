//! Tenants and their settings.

use secrecy::ExposeSecret;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

use super::SqliteState;
use crate::state::StateError;
use crate::tenant::{By, Tenant, TenantSetting};

impl SqliteState {
    /// Of several tenants of one name it is the last added, as in Redis.
    pub(super) async fn find_tenant(&self, by: By<'_>) -> Result<Option<Tenant>, StateError> {
        let (name, id) = match by {
            By::Name(name) => (Some(name), None),
            By::Id(id) => (None, Some(id)),
        };
        let query = sqlx::query(
            "SELECT t.id, t.name, t.secrets, s.param, s.value, s.overrides
             FROM tenants AS t LEFT JOIN tenant_settings AS s ON s.tenant_id = t.id
             WHERE t.rowid = (SELECT max(rowid) FROM tenants WHERE name = $1 OR id = $2)
             ORDER BY s.param, s.rowid",
        );
        let query = query.bind(name).bind(id);
        let rows = self.link.read(async |connection| query.fetch_all(connection).await).await?;
        Ok(tenant(&rows)?)
    }

    pub(super) async fn save_tenant(&self, tenant: &Tenant) -> Result<(), StateError> {
        let secrets: Vec<&str> = tenant.secrets.iter().map(ExposeSecret::expose_secret).collect();
        let secrets = secrets.join(":");
        let save = self.link.transact(async |transaction| {
            let add = sqlx::query("INSERT OR REPLACE INTO tenants (id, name, secrets) VALUES ($1, $2, $3)");
            let add = add.bind(&tenant.id).bind(&tenant.name).bind(&secrets);
            add.execute(&mut **transaction).await?;
            for setting in &tenant.settings {
                add_setting(transaction, &tenant.id, setting).await?;
            }
            Ok(())
        });
        save.await
    }

    pub(super) async fn save_setting(
        &self,
        tenant_id: &str,
        setting: &TenantSetting,
    ) -> Result<String, StateError> {
        Ok(self.link.write(async |connection| add_setting(connection, tenant_id, setting).await).await?)
    }
}

async fn add_setting(
    connection: &mut SqliteConnection,
    tenant_id: &str,
    setting: &TenantSetting,
) -> sqlx::Result<String> {
    let id = Uuid::new_v4().to_string();
    let add = sqlx::query(
        "INSERT INTO tenant_settings (id, tenant_id, param, value, overrides) VALUES ($1, $2, $3, $4, $5)",
    );
    let add = add.bind(&id).bind(tenant_id).bind(&setting.param).bind(&setting.value).bind(setting.overrides);
    add.execute(connection).await?;
    Ok(id)
}

fn tenant(rows: &[SqliteRow]) -> sqlx::Result<Option<Tenant>> {
    let Some(first) = rows.first() else { return Ok(None) };
    let mut settings = Vec::new();
    for row in rows {
        // Null where there is no setting at all.
        if let Some(param) = row.try_get("param")? {
            let setting =
                TenantSetting { param, value: row.try_get("value")?, overrides: row.try_get("overrides")? };
            settings.push(setting);
        }
    }
    Ok(Some(Tenant {
        id: first.try_get("id")?,
        name: first.try_get("name")?,
        secrets: Tenant::split_secrets(first.try_get("secrets")?),
        settings,
    }))
}
