//! Tenants.

use scalelite_core::tenant::{Tenant, TenantChange, TenantSaved};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::inputs::{NOT_BLANK, Success, given};
use super::operation::Operation;
use super::refusal::{Message, Refusal};
use super::request::Request;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("getTenants", "All tenants.", list).of_tenants(),
        Operation::get("getTenantInfo", "One tenant.", show).by("id").of_tenants(),
        Operation::post("addTenant", "Adds a tenant.", add).creates().of_tenants(),
        Operation::post("updateTenant", "Changes a tenant.", update).of_tenants(),
        Operation::post("deleteTenant", "Removes a tenant and its settings.", delete).of_tenants(),
    ]
}

/// A tenant.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Tenant")]
struct View {
    id: String,
    /// The first label of its host name.
    name: String,
    /// Any of these opens its API; separated by `:`.
    secrets: String,
}

impl From<Tenant> for View {
    fn from(tenant: Tenant) -> Self {
        let secrets = Tenant::join_secrets(&tenant.secrets);
        Self { id: tenant.id, name: tenant.name, secrets }
    }
}

/// All tenants, or that there are none.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
enum List {
    Some(Vec<View>),
    None(Message),
}

/// A tenant by itself.
#[derive(Serialize, JsonSchema)]
struct OneTenant {
    tenant: View,
}

async fn list(request: Request) -> Result<List, Refusal> {
    let tenants = request.app.state.tenants().await?;
    if tenants.is_empty() {
        return Ok(List::None(Message { message: "No tenants exist" }));
    }
    Ok(List::Some(tenants.into_iter().map(View::from).collect()))
}

async fn show(request: Request) -> Result<View, Refusal> {
    find(&request, request.parameter("id")).await.map(View::from)
}

/// The tenant of that ID, with its settings.
pub(super) async fn find(request: &Request, id: &str) -> Result<Tenant, Refusal> {
    request.app.state.tenant(id).await?.ok_or_else(|| Refusal::no_tenant(id))
}

#[derive(Deserialize, JsonSchema)]
struct AddTenant {
    #[schemars(required)]
    tenant: Option<AddedTenant>,
}

#[derive(Deserialize, JsonSchema)]
struct AddedTenant {
    /// The first label of its host name: a-z, 0-9, `-` and `_`.
    #[schemars(required, regex(pattern = NOT_BLANK))]
    name: Option<String>,
    /// Any of these opens its API; separated by `:`.
    #[schemars(required, regex(pattern = r"[^\s\u0085:]"))]
    secrets: Option<String>,
}

async fn add(request: Request, input: AddTenant) -> Result<OneTenant, Refusal> {
    let AddedTenant { name, secrets } = input.tenant.ok_or_else(|| Refusal::missing("tenant"))?;
    let (Some(name), Some(secrets)) = (given(name.as_ref()), usable(secrets.as_ref())) else {
        return Err(Refusal::Incomplete("Error: both name and secrets are required to create a Tenant"));
    };
    let tenant = Tenant::new(name, Tenant::split_secrets(secrets));
    check(request.app.state.add_tenant(&tenant).await?, &tenant.id, name)?;
    Ok(OneTenant { tenant: tenant.into() })
}

#[derive(Deserialize, JsonSchema)]
struct UpdateTenant {
    #[schemars(required)]
    id: Option<String>,
    #[schemars(required)]
    tenant: Option<UpdatedTenant>,
}

/// What is missing or empty stays as it is.
#[derive(Deserialize, JsonSchema)]
struct UpdatedTenant {
    name: Option<String>,
    secrets: Option<String>,
}

async fn update(request: Request, input: UpdateTenant) -> Result<OneTenant, Refusal> {
    let id = input.id.unwrap_or_default();
    find(&request, &id).await?;
    let UpdatedTenant { name, secrets } = input.tenant.ok_or_else(|| Refusal::missing("tenant"))?;
    let name = given(name.as_ref());
    let change = TenantChange {
        name: name.map(str::to_owned),
        secrets: usable(secrets.as_ref()).map(Tenant::split_secrets),
        ..TenantChange::default()
    };
    check(request.app.state.change_tenant(&id, &change).await?, &id, name.unwrap_or_default())?;
    Ok(OneTenant { tenant: find(&request, &id).await?.into() })
}

#[derive(Deserialize, JsonSchema)]
struct DeleteTenant {
    #[schemars(required)]
    id: Option<String>,
}

async fn delete(request: Request, input: DeleteTenant) -> Result<Success, Refusal> {
    let id = input.id.unwrap_or_default();
    if !request.app.state.remove_tenant(&id).await? {
        return Err(Refusal::no_tenant(&id));
    }
    Ok(Success { success: format!("Tenant id={id} was destroyed") })
}

/// Secrets of which at least one is not blank.
fn usable(secrets: Option<&String>) -> Option<&str> {
    given(secrets).filter(|text| text.split(':').any(|secret| !secret.trim().is_empty()))
}

/// What went wrong with the tenant of this ID, or with its (new) name.
pub(super) fn check(saved: TenantSaved, id: &str, name: &str) -> Result<(), Refusal> {
    match saved {
        TenantSaved::Done => Ok(()),
        TenantSaved::Unknown => Err(Refusal::no_tenant(id)),
        TenantSaved::NameTaken => Err(Refusal::Taken(format!("Another tenant has the name {name}"))),
        TenantSaved::IdTaken => Err(Refusal::Taken(format!("The id is taken already: {id}"))),
    }
}
