//! `tenantSettings`: the parameters that tenants set, and their limits.

use scalelite_core::tenant::{Limit, TenantSetting};

use super::one::saved;
use super::views::SettingView;
use super::{Context, TaskError};
use crate::cli::{AddTenantSetting, given};
use crate::output::complain;

/// `tenantSettings`
pub(super) async fn list(context: &mut Context, json: bool) -> Result<(), TaskError> {
    let tenants = context.state.tenants().await?;
    if json {
        let views = tenants
            .iter()
            .flat_map(|tenant| tenant.settings.iter().map(|setting| SettingView::new(&tenant.id, setting)));
        return Ok(context.out.json(&views.collect::<Vec<_>>())?);
    }
    for tenant in &tenants {
        context.out.line(format!("Tenant: {}", tenant.name))?;
        if tenant.settings.is_empty() {
            context.out.flush()?;
            complain("  No custom settings are configured");
        }
        for setting in &tenant.settings {
            context.out.line(format!("  id: {}", setting.id))?;
            context.out.line(format!("\tparam: {}", setting.param))?;
            context.out.line(format!("\tvalue: {}", setting.value))?;
            context.out.line(format!("\toverride: {}", setting.overrides))?;
        }
    }
    Ok(())
}

/// `tenantSettings:add`
pub(super) async fn add(context: &mut Context, arguments: &AddTenantSetting) -> Result<(), TaskError> {
    let AddTenantSetting { tenant_id, param, value, overrides } = arguments;
    let [Some(tenant), Some(param), Some(value), Some(overrides)] =
        [tenant_id, param, value, overrides].map(|argument| given(argument.as_ref()))
    else {
        return Err(TaskError::NoSetting);
    };
    let overrides = match overrides.to_ascii_lowercase().as_str() {
        "true" => true,
        "false" => false,
        _ => return Err(TaskError::Override(overrides.to_owned())),
    };
    Limit::check(param, value).map_err(|error| TaskError::Limit { param: param.to_owned(), error })?;
    let setting = TenantSetting::new(param, value, overrides);
    saved(context.state.put_tenant_setting(tenant, &setting).await?, tenant, "")?;
    context.out.line("OK")?;
    Ok(context.out.line(format!("New TenantSetting id: {}", setting.id))?)
}

/// `tenantSettings:remove`
pub(super) async fn remove(context: &mut Context, id: &str) -> Result<(), TaskError> {
    if !context.state.remove_tenant_setting(id, None).await? {
        return Err(TaskError::NoTenantSetting(id.to_owned()));
    }
    Ok(context.out.line("TenantSetting was successfully deleted.")?)
}
