//! Tenants and their settings.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::SqliteState;
use crate::state::StateError;
use crate::tenant::{By, LRS_FIELDS, Lrs, Tenant, TenantChange, TenantSaved, TenantSetting};

/// Some tenants with their settings: a row for each setting, one for a tenant that has none.
macro_rules! select {
    ($where:literal) => {
        concat!(
            "SELECT t.*, s.id AS setting_id, s.param, s.value, s.overrides
             FROM tenants AS t LEFT JOIN tenant_settings AS s ON s.tenant_id = t.id ",
            $where,
            " ORDER BY t.name, t.id, s.param, s.id"
        )
    };
}

impl SqliteState {
    /// Of several tenants of one name it is the last added, as in Redis.
    pub(super) async fn find_tenant(&self, by: By<'_>) -> Result<Option<Tenant>, StateError> {
        let (name, id) = match by {
            By::Name(name) => (Some(name), None),
            By::Id(id) => (None, Some(id)),
        };
        let query = select!("WHERE t.rowid = (SELECT max(rowid) FROM tenants WHERE name = $1 OR id = $2)");
        let query = sqlx::query(query).bind(name).bind(id);
        let rows = self.link.read(async |connection| query.fetch_all(connection).await).await?;
        Ok(tenants(&rows)?.pop())
    }

    pub(super) async fn all_tenants(&self) -> Result<Vec<Tenant>, StateError> {
        let query = sqlx::query(select!(""));
        let rows = self.link.read(async |connection| query.fetch_all(connection).await).await?;
        Ok(tenants(&rows)?)
    }

    pub(super) async fn add_one_tenant(&self, tenant: &Tenant) -> Result<TenantSaved, StateError> {
        let add = self.link.transact(async |transaction| {
            if is_tenant(transaction, &tenant.id).await?
                || any_of_another(transaction, &tenant.settings, &tenant.id).await?
            {
                return Ok(TenantSaved::IdTaken);
            }
            if name_taken(transaction, &tenant.name, &tenant.id).await? {
                return Ok(TenantSaved::NameTaken);
            }
            let add = sqlx::query("INSERT INTO tenants (id, name, secrets) VALUES ($1, $2, $3)");
            let add = add.bind(&tenant.id).bind(&tenant.name).bind(Tenant::join_secrets(&tenant.secrets));
            add.execute(&mut **transaction).await?;
            set_lrs(transaction, &tenant.id, &tenant.lrs).await?;
            put_settings(transaction, &tenant.id, &tenant.settings).await?;
            Ok(TenantSaved::Done)
        });
        add.await
    }

    pub(super) async fn change_one_tenant(
        &self,
        id: &str,
        change: &TenantChange,
    ) -> Result<TenantSaved, StateError> {
        let name = change.name.as_deref().filter(|name| !name.is_empty());
        let secrets = change.secrets.as_deref().map(Tenant::join_secrets);
        let save = self.link.transact(async |transaction| {
            if !is_tenant(transaction, id).await? {
                return Ok(TenantSaved::Unknown);
            }
            if any_of_another(transaction, &change.put_settings, id).await? {
                return Ok(TenantSaved::IdTaken);
            }
            if let Some(name) = name
                && name_taken(transaction, name, id).await?
            {
                return Ok(TenantSaved::NameTaken);
            }
            let update = sqlx::query(
                "UPDATE tenants SET name = coalesce($2, name), secrets = coalesce($3, secrets) WHERE id = $1",
            );
            update.bind(id).bind(name).bind(secrets).execute(&mut **transaction).await?;
            set_lrs(transaction, id, &change.lrs).await?;
            for setting in &change.drop_settings {
                let gone = sqlx::query("DELETE FROM tenant_settings WHERE id = $1 AND tenant_id = $2");
                gone.bind(setting).bind(id).execute(&mut **transaction).await?;
            }
            put_settings(transaction, id, &change.put_settings).await?;
            Ok(TenantSaved::Done)
        });
        save.await
    }

    pub(super) async fn remove_one_tenant(&self, id: &str) -> Result<bool, StateError> {
        let remove = self.link.transact(async |transaction| {
            let gone = sqlx::query("DELETE FROM tenants WHERE id = $1").bind(id);
            let known = gone.execute(&mut **transaction).await?.rows_affected() > 0;
            let settings = sqlx::query("DELETE FROM tenant_settings WHERE tenant_id = $1").bind(id);
            settings.execute(&mut **transaction).await?;
            Ok(known)
        });
        remove.await
    }

    pub(super) async fn remove_setting(&self, id: &str, tenant_id: Option<&str>) -> Result<bool, StateError> {
        let remove =
            sqlx::query("DELETE FROM tenant_settings WHERE id = $1 AND ($2 IS NULL OR tenant_id = $2)");
        let remove = remove.bind(id).bind(tenant_id);
        let done = self.link.write(async |connection| remove.execute(connection).await).await?;
        Ok(done.rows_affected() > 0)
    }
}

async fn is_tenant(connection: &mut SqliteConnection, id: &str) -> sqlx::Result<bool> {
    let query = sqlx::query("SELECT 1 FROM tenants WHERE id = $1").bind(id);
    Ok(query.fetch_optional(connection).await?.is_some())
}

/// Whether the name leads to another tenant.
async fn name_taken(connection: &mut SqliteConnection, name: &str, id: &str) -> sqlx::Result<bool> {
    let query = sqlx::query("SELECT 1 FROM tenants WHERE name = $1 AND id <> $2").bind(name).bind(id);
    Ok(query.fetch_optional(connection).await?.is_some())
}

async fn any_of_another(
    connection: &mut SqliteConnection,
    settings: &[TenantSetting],
    tenant_id: &str,
) -> sqlx::Result<bool> {
    for setting in settings {
        let query = sqlx::query("SELECT 1 FROM tenant_settings WHERE id = $1 AND tenant_id <> $2");
        if query.bind(&setting.id).bind(tenant_id).fetch_optional(&mut *connection).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Sets the values that are there; an empty one takes the value away.
async fn set_lrs(connection: &mut SqliteConnection, id: &str, lrs: &Lrs) -> sqlx::Result<()> {
    let update = sqlx::query(
        "UPDATE tenants
         SET lrs_endpoint = nullif(coalesce($2, lrs_endpoint), ''),
             lrs_username = nullif(coalesce($3, lrs_username), ''),
             lrs_password = nullif(coalesce($4, lrs_password), ''),
             kc_token_url = nullif(coalesce($5, kc_token_url), ''),
             kc_client_id = nullif(coalesce($6, kc_client_id), ''),
             kc_client_secret = nullif(coalesce($7, kc_client_secret), ''),
             kc_username = nullif(coalesce($8, kc_username), ''),
             kc_password = nullif(coalesce($9, kc_password), '')
         WHERE id = $1",
    );
    // In the order of LRS_FIELDS.
    let update = lrs.values().into_iter().fold(update.bind(id), |update, value| update.bind(value));
    update.execute(connection).await.map(drop)
}

async fn put_settings(
    connection: &mut SqliteConnection,
    tenant_id: &str,
    settings: &[TenantSetting],
) -> sqlx::Result<()> {
    for TenantSetting { id, param, value, overrides } in settings {
        let put = sqlx::query(
            "INSERT INTO tenant_settings (id, tenant_id, param, value, overrides) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (id) DO UPDATE SET
               param = excluded.param, value = excluded.value, overrides = excluded.overrides",
        );
        let put = put.bind(id).bind(tenant_id).bind(param).bind(value).bind(overrides);
        put.execute(&mut *connection).await?;
    }
    Ok(())
}

/// The rows of one tenant stand together.
fn tenants(rows: &[SqliteRow]) -> sqlx::Result<Vec<Tenant>> {
    let mut tenants: Vec<Tenant> = Vec::new();
    for row in rows {
        let id: &str = row.try_get("id")?;
        if tenants.last().is_none_or(|last| last.id != id) {
            tenants.push(tenant(row)?);
        }
        // Null where there is no setting at all.
        if let (Some(last), Some(id)) = (tenants.last_mut(), row.try_get("setting_id")?) {
            let (param, value) = (row.try_get("param")?, row.try_get("value")?);
            last.settings.push(TenantSetting { id, param, value, overrides: row.try_get("overrides")? });
        }
    }
    Ok(tenants)
}

fn tenant(row: &SqliteRow) -> sqlx::Result<Tenant> {
    let mut values = LRS_FIELDS.map(|_| None);
    for (value, name) in values.iter_mut().zip(LRS_FIELDS) {
        *value = row.try_get(name)?;
    }
    Ok(Tenant {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        secrets: Tenant::split_secrets(row.try_get("secrets")?),
        lrs: Lrs::from_values(values),
        settings: Vec::new(),
    })
}
