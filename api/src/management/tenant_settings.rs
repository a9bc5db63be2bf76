//! Settings of tenants: parameters that they set for `create` and `join`, and their limits.

use scalelite_core::tenant::{Limit, TenantSetting};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::inputs::{Flag, NOT_BLANK, Success, given};
use super::operation::Operation;
use super::refusal::Refusal;
use super::request::Request;
use super::tenants::{check, find};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("getTenantSettings", "The settings of a tenant.", list).by("tenant_id").of_tenants(),
        Operation::post("addTenantSetting", "Adds a setting to a tenant.", add).creates().of_tenants(),
        Operation::post("deleteTenantSetting", "Removes a setting of a tenant.", delete).of_tenants(),
    ]
}

/// A setting of a tenant.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TenantSetting")]
struct View {
    id: String,
    tenant_id: String,
    /// The name of the parameter, or of a limit.
    param: String,
    value: String,
    /// Whether it replaces what a request says, or stands in where the request says nothing.
    #[serde(rename = "override")]
    overrides: bool,
}

impl View {
    fn new(tenant_id: &str, setting: TenantSetting) -> Self {
        let TenantSetting { id, param, value, overrides } = setting;
        Self { id, tenant_id: tenant_id.to_owned(), param, value, overrides }
    }
}

/// A setting by itself.
#[derive(Serialize, JsonSchema)]
struct OneTenantSetting {
    tenant_setting: View,
}

async fn list(request: Request) -> Result<Vec<View>, Refusal> {
    let id = request.parameter("tenant_id");
    let settings = find(&request, id).await?.settings;
    Ok(settings.into_iter().map(|setting| View::new(id, setting)).collect())
}

#[derive(Deserialize, JsonSchema)]
struct AddTenantSetting {
    #[schemars(required)]
    tenant_setting: Option<AddedTenantSetting>,
}

#[derive(Deserialize, JsonSchema)]
struct AddedTenantSetting {
    #[schemars(required, regex(pattern = NOT_BLANK))]
    tenant_id: Option<String>,
    /// The name of a parameter of `create` or `join`, or `limit:` and the name of a limit.
    #[schemars(required, regex(pattern = NOT_BLANK))]
    param: Option<String>,
    #[schemars(required, regex(pattern = NOT_BLANK))]
    value: Option<String>,
    /// Whether it replaces what a request says, or stands in where the request says nothing.
    #[serde(rename = "override")]
    #[schemars(required)]
    overrides: Option<Flag>,
}

async fn add(request: Request, input: AddTenantSetting) -> Result<OneTenantSetting, Refusal> {
    let AddedTenantSetting { tenant_id, param, value, overrides } =
        input.tenant_setting.ok_or_else(|| Refusal::missing("tenant_setting"))?;
    let texts = [&tenant_id, &param, &value].map(|text| given(text.as_ref()));
    let ([Some(tenant_id), Some(param), Some(value)], Some(overrides)) = (texts, overrides) else {
        let told = "tenant_id, param, value and override are required to create a TenantSetting";
        return Err(Refusal::Bad(told.to_owned()));
    };
    Limit::check(param, value).map_err(|error| Refusal::Bad(format!("{param} {error}")))?;
    let setting = TenantSetting::new(param, value, overrides.into());
    check(request.app.state.put_tenant_setting(tenant_id, &setting).await?, tenant_id, "")?;
    Ok(OneTenantSetting { tenant_setting: View::new(tenant_id, setting) })
}

#[derive(Deserialize, JsonSchema)]
struct DeleteTenantSetting {
    #[schemars(required)]
    id: Option<String>,
    /// If it is there, the setting must be this tenant's.
    tenant_id: Option<String>,
}

async fn delete(request: Request, input: DeleteTenantSetting) -> Result<Success, Refusal> {
    let id = input.id.unwrap_or_default();
    if !request.app.state.remove_tenant_setting(&id, input.tenant_id.as_deref()).await? {
        return Err(Refusal::NotFound(format!("Couldn't find TenantSetting with id={id}")));
    }
    Ok(Success { success: format!("TenantSetting id={id} was destroyed") })
}
