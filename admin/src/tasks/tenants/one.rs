//! `tenants` and the tasks that change one tenant.

use std::collections::HashMap;

use scalelite_core::tenant::{LRS_FIELDS, Lrs, Tenant, TenantChange, TenantSaved};

use super::views::TenantView;
use super::{Context, TaskError};
use crate::cli::{AddTenant, LrsBasic, LrsKeycloak, UpdateTenant, given};
use crate::output::complain;

/// `tenants`
pub(super) async fn list(context: &mut Context, json: bool) -> Result<(), TaskError> {
    let tenants = context.state.tenants().await?;
    if json {
        let mut meetings: HashMap<String, u64> = HashMap::new();
        for tenant in context.state.meetings().await?.into_iter().filter_map(|meeting| meeting.tenant_id) {
            *meetings.entry(tenant).or_default() += 1;
        }
        let view = |tenant| TenantView::new(tenant, &meetings);
        return Ok(context.out.json(&tenants.iter().map(view).collect::<Vec<_>>())?);
    }
    let out = &mut context.out;
    for tenant in &tenants {
        out.line(format!("id: {}", tenant.id))?;
        out.line(format!("\tname: {}", tenant.name))?;
        out.line(format!("\tsecrets: {}", Tenant::join_secrets(&tenant.secrets)))?;
        for (name, value) in LRS_FIELDS.into_iter().zip(tenant.lrs.values()) {
            if let Some(value) = value {
                out.line(format!("\t{name}: {value}"))?;
            }
        }
    }
    Ok(out.line(format!("Total number of tenants: {}", tenants.len()))?)
}

/// `tenants:add`
pub(super) async fn add(context: &mut Context, arguments: &AddTenant) -> Result<(), TaskError> {
    let (name, secrets) = (given(arguments.name.as_ref()), secrets(arguments.secrets.as_ref()));
    let (Some(name), Some(secrets)) = (name, secrets) else { return Err(TaskError::NoNameOrSecrets) };
    warn_of_name(name);
    let tenant = Tenant::new(name, Tenant::split_secrets(secrets));
    context.record.target(&tenant.id);
    saved(context.state.add_tenant(&tenant).await?, &tenant.id, name)?;
    context.out.line("OK")?;
    Ok(context.out.line(format!("New Tenant id: {}", tenant.id))?)
}

/// `tenants:update`
pub(super) async fn update(context: &mut Context, arguments: &UpdateTenant) -> Result<(), TaskError> {
    let id = given(arguments.id.as_ref());
    let (name, secrets) = (given(arguments.name()), secrets(arguments.secrets()));
    let Some(id) = id.filter(|_| name.is_some() || secrets.is_some()) else {
        return Err(TaskError::NothingToUpdate);
    };
    if let Some(name) = name {
        warn_of_name(name);
    }
    let change = TenantChange {
        name: name.map(str::to_owned),
        secrets: secrets.map(Tenant::split_secrets),
        ..TenantChange::default()
    };
    change_one(context, id, &change).await
}

/// `tenants:update_lrs_basic`: takes away what Keycloak needed.
pub(super) async fn update_lrs_basic(context: &mut Context, lrs: &LrsBasic) -> Result<(), TaskError> {
    let [Some(id), Some(endpoint), Some(username), Some(password)] =
        [&lrs.id, &lrs.lrs_endpoint, &lrs.lrs_username, &lrs.lrs_password].map(|value| given(value.as_ref()))
    else {
        return Err(TaskError::LrsBasic);
    };
    let values = [endpoint, username, password, "", "", "", "", ""];
    change_lrs(context, id, values).await
}

/// `tenants:update_lrs_kc`: takes away user and password, which would go first.
pub(super) async fn update_lrs_kc(context: &mut Context, lrs: &LrsKeycloak) -> Result<(), TaskError> {
    let values = [
        &lrs.id,
        &lrs.lrs_endpoint,
        &lrs.kc_token_url,
        &lrs.kc_client_id,
        &lrs.kc_client_secret,
        &lrs.kc_username,
        &lrs.kc_password,
    ];
    let [Some(id), Some(endpoint), Some(url), Some(client), Some(secret), Some(user), Some(password)] =
        values.map(|value| given(value.as_ref()))
    else {
        return Err(TaskError::LrsKeycloak);
    };
    change_lrs(context, id, [endpoint, "", "", url, client, secret, user, password]).await
}

/// `tenants:remove`
pub(super) async fn remove(context: &mut Context, id: &str) -> Result<(), TaskError> {
    if !context.state.remove_tenant(id).await? {
        return Err(TaskError::NoTenantToRemove(id.to_owned()));
    }
    Ok(context.out.line("Tenant was successfully deleted.")?)
}

/// An empty value takes away what is there.
async fn change_lrs(context: &mut Context, id: &str, values: [&str; 8]) -> Result<(), TaskError> {
    let lrs = Lrs::from_changes(values.map(|value| Some(value.to_owned())));
    change_one(context, id, &TenantChange { lrs, ..TenantChange::default() }).await
}

async fn change_one(context: &mut Context, id: &str, change: &TenantChange) -> Result<(), TaskError> {
    let name = change.name.as_deref().unwrap_or_default();
    saved(context.state.change_tenant(id, change).await?, id, name)?;
    context.out.line("OK")?;
    Ok(context.out.line(format!("Updated Tenant id: {id}"))?)
}

/// What went wrong with the tenant of this ID, or with its (new) name.
pub(super) fn saved(saved: TenantSaved, id: &str, name: &str) -> Result<(), TaskError> {
    match saved {
        TenantSaved::Done => Ok(()),
        TenantSaved::Unknown => Err(TaskError::NoTenant(id.to_owned())),
        TenantSaved::NameTaken => Err(TaskError::TenantNameTaken(name.to_owned())),
        TenantSaved::IdTaken => Err(TaskError::TenantIdTaken(id.to_owned())),
    }
}

/// Secrets of which at least one is not empty.
fn secrets(text: Option<&String>) -> Option<&str> {
    given(text).filter(|text| !Tenant::split_secrets(text).is_empty())
}

/// Tells if no host name can begin with this one.
pub(super) fn warn_of_name(name: &str) {
    let label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if name.is_empty() || name.len() > 63 || !name.chars().all(label) {
        complain(format_args!(
            "WARNING: {name} cannot be the first label of a host name (a-z 0-9 - _), so nobody will reach this tenant"
        ));
    }
}
