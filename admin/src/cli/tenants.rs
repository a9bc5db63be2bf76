//! Tasks for tenants and their settings.

use clap::{Args, Subcommand};

use super::Listing;
use super::arguments::{given, is_dry_run};

/// A task for tenants and its arguments.
#[derive(PartialEq, Eq, Subcommand)]
pub(crate) enum TenantsTask {
    /// Show all tenants (with MULTITENANCY_ENABLED, as all tasks for tenants)
    #[command(name = "tenants")]
    List(Listing),
    /// Add a tenant
    #[command(name = "tenants:add")]
    Add(AddTenant),
    /// Change name or secrets of a tenant
    #[command(name = "tenants:update")]
    Update(UpdateTenant),
    /// Say where a tenant's learning analytics go, with user and password
    #[command(name = "tenants:update_lrs_basic")]
    UpdateLrsBasic(LrsBasic),
    /// Say where a tenant's learning analytics go, with a token from Keycloak
    #[command(name = "tenants:update_lrs_kc")]
    UpdateLrsKc(LrsKeycloak),
    /// Remove a tenant with its settings; its meetings and recordings stay
    #[command(name = "tenants:remove")]
    Remove(OneTenant),
    /// Make the tenants and their settings what a YAML file says
    #[command(name = "tenants:sync")]
    Sync(SyncTenants),
    /// Print a file for tenants:sync
    #[command(name = "tenants:yaml")]
    Yaml,
    /// Show the settings of all tenants
    #[command(name = "tenantSettings")]
    ListSettings(Listing),
    /// Let a tenant set a parameter of create and join, or limit it
    #[command(name = "tenantSettings:add")]
    AddSetting(AddTenantSetting),
    /// Remove a setting of a tenant
    #[command(name = "tenantSettings:remove")]
    RemoveSetting(OneTenantSetting),
}

/// `tenants:add`
#[derive(PartialEq, Eq, Args)]
pub(crate) struct AddTenant {
    /// Its name: the first label of its host name
    pub(crate) name: Option<String>,
    /// Its secrets, separated by `:`; any one of them opens its API
    pub(crate) secrets: Option<String>,
}

/// `tenants:update`
#[derive(PartialEq, Eq, Args)]
pub(crate) struct UpdateTenant {
    /// The ID of the tenant
    pub(crate) id: Option<String>,
    /// Its new name
    #[arg(conflicts_with = "named_name")]
    name: Option<String>,
    /// All its secrets, separated by `:`
    #[arg(conflicts_with = "named_secrets")]
    secrets: Option<String>,
    /// The same by name
    #[arg(long = "name", value_name = "NAME")]
    named_name: Option<String>,
    /// The same by name
    #[arg(long = "secrets", value_name = "SECRETS")]
    named_secrets: Option<String>,
}

impl UpdateTenant {
    pub(crate) fn name(&self) -> Option<&String> {
        self.name.as_ref().or(self.named_name.as_ref())
    }

    pub(crate) fn secrets(&self) -> Option<&String> {
        self.secrets.as_ref().or(self.named_secrets.as_ref())
    }
}

/// `tenants:update_lrs_basic`
#[derive(PartialEq, Eq, Args)]
pub(crate) struct LrsBasic {
    /// The ID of the tenant
    pub(crate) id: Option<String>,
    /// The URL of its learning record store
    pub(crate) lrs_endpoint: Option<String>,
    /// The user there
    pub(crate) lrs_username: Option<String>,
    /// Its password
    pub(crate) lrs_password: Option<String>,
}

/// `tenants:update_lrs_kc`
#[derive(PartialEq, Eq, Args)]
pub(crate) struct LrsKeycloak {
    /// The ID of the tenant
    pub(crate) id: Option<String>,
    /// The URL of its learning record store
    pub(crate) lrs_endpoint: Option<String>,
    /// Where Keycloak gives tokens
    pub(crate) kc_token_url: Option<String>,
    /// The client there
    pub(crate) kc_client_id: Option<String>,
    /// Its secret
    pub(crate) kc_client_secret: Option<String>,
    /// The user there
    pub(crate) kc_username: Option<String>,
    /// Its password
    pub(crate) kc_password: Option<String>,
}

/// A task for one tenant.
#[derive(PartialEq, Eq, Args)]
pub(crate) struct OneTenant {
    /// The ID of the tenant
    pub(crate) id: String,
}

/// `tenants:sync`
#[derive(PartialEq, Eq, Args)]
pub(crate) struct SyncTenants {
    /// A YAML file as tenants:yaml prints it; `-` is standard input
    pub(crate) path: Option<String>,
    /// For tenants that the file does not name: keep them (the default), remove those without meetings, or force
    /// (end their meetings and remove them)
    mode: Option<String>,
    /// true: only tell what would be done; anything but n, no and false does
    dryrun: Option<String>,
    /// The same by name
    #[arg(long = "mode", value_name = "MODE", conflicts_with = "mode")]
    named_mode: Option<String>,
    /// The same by name
    #[arg(long = "dry-run", alias = "dryrun")]
    named_dry_run: bool,
}

impl SyncTenants {
    pub(crate) fn mode(&self) -> Option<&str> {
        given(self.mode.as_ref().or(self.named_mode.as_ref()))
    }

    pub(crate) fn dry_run(&self) -> bool {
        self.named_dry_run || is_dry_run(self.dryrun.as_ref())
    }
}

/// `tenantSettings:add`
#[derive(PartialEq, Eq, Args)]
#[command(
    after_help = "Params named limit:maxMeetings, limit:maxParticipants, limit:maxDuration (minutes) and \
limit:serverTags (a;b) limit the tenant; their override says nothing, but must be there."
)]
pub(crate) struct AddTenantSetting {
    /// The ID of the tenant
    pub(crate) tenant_id: Option<String>,
    /// The parameter of create and join
    pub(crate) param: Option<String>,
    /// Its value
    pub(crate) value: Option<String>,
    /// true: it replaces what a request says; false: it stands in where the request says nothing
    #[arg(value_name = "OVERRIDE")]
    pub(crate) overrides: Option<String>,
}

/// A task for one setting of a tenant.
#[derive(PartialEq, Eq, Args)]
pub(crate) struct OneTenantSetting {
    /// The ID of the setting
    pub(crate) id: String,
}
