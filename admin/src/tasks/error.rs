//! Why a task failed: what the operator reads on standard error.

use scalelite_core::operating::api_url::ApiUrlError;
use scalelite_core::recordings::catalog::CatalogError;
use scalelite_core::recordings::operations::OperationError;
use scalelite_core::recordings::store::StoreError;
use scalelite_core::state::StateError;
use sqlx::Error as SqlError;

use super::servers_file::FileError;
use super::sync_file::SyncError;
use super::tenants::{DocumentError, PlanError};

/// A task ends with this and the exit status 1.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    /// No such server.
    #[error("ERROR: No server found with id: {0}")]
    NoServer(String),
    /// No such meeting.
    #[error("ERROR: No meeting found with id: {0}")]
    NoMeeting(String),
    /// `servers:add` without its two arguments.
    #[error("Error: Please input at least a URL and a secret!")]
    NoUrlOrSecret,
    /// A URL that is none.
    #[error("Error: {0}")]
    Url(#[from] ApiUrlError),
    /// A new server would have the ID of another.
    #[error("ERROR: Server already exists with id '{0}'")]
    IdTaken(String),
    /// `meetings:info` without a meeting.
    #[error("Error: Please input a meetingID!")]
    NoMeetingId,
    /// A meeting got lost while it was asked for.
    #[error("WARNING: Could not get info for meeting id={0}: it is not known")]
    NoInfo(String),
    /// `usage` without a database.
    #[error("ERROR: There is no usage: DB_DISABLED is set")]
    NoUsage,
    /// `poll` with an interval that is none.
    #[error("ERROR: The interval must be a positive number of seconds, not {0}")]
    Interval(String),
    /// `servers:addAll` cannot use its file.
    #[error("ERROR: {0}")]
    File(#[from] FileError),
    /// `servers:sync` cannot do what it is told.
    #[error("ERROR: {0}")]
    Sync(#[from] SyncError),
    /// A task for tenants where there are none.
    #[error("Multitenancy is disabled, task can not be completed")]
    NoTenants,
    /// No such tenant.
    #[error("ERROR: Couldn't find Tenant with id={0}")]
    NoTenant(String),
    /// `tenants:remove` of a tenant that is not there.
    #[error("Tenant with id {0} does not exist in the system. Exiting...")]
    NoTenantToRemove(String),
    /// `tenantSettings:remove` of a setting that is not there.
    #[error("TenantSetting with id {0} does not exist in the system. Exiting...")]
    NoTenantSetting(String),
    /// `tenants:add` without its two arguments.
    #[error("Error: both name and secrets are required to create a Tenant")]
    NoNameOrSecrets,
    /// `tenants:update` with nothing to update.
    #[error("Error: id and either name or secrets are required to update a Tenant")]
    NothingToUpdate,
    /// `tenants:update_lrs_basic` without all its arguments.
    #[error("Error: id, LRS_ENDPOINT, LRS_USERNAME, LRS_PASSWORD are required to update a Tenant")]
    LrsBasic,
    /// `tenants:update_lrs_kc` without all its arguments.
    #[error(
        "Error: LRS_ENDPOINT, KC_TOKEN_URL, KC_CLIENT_ID, KC_CLIENT_SECRET, KC_USERNAME, KC_PASSWORD are required to update a Tenant"
    )]
    LrsKeycloak,
    /// Two tenants would have one name.
    #[error("ERROR: Another tenant has the name {0}")]
    TenantNameTaken(String),
    /// Two tenants would have one ID.
    #[error("ERROR: Another tenant has the id {0}, or one of its settings an id of this one's")]
    TenantIdTaken(String),
    /// `tenantSettings:add` without all its arguments.
    #[error("Error: tenant_id, param, value and override are required to create a TenantSetting")]
    NoSetting,
    /// `tenantSettings:add` with an override that is neither.
    #[error("Error: override must be true or false, not {0}")]
    Override(String),
    /// A limit that is none.
    #[error("Error: {param} {error}")]
    Limit {
        /// The name of the setting.
        param: String,
        /// What is wrong.
        error: scalelite_core::tenant::LimitError,
    },
    /// `tenants:sync` cannot use its file.
    #[error("ERROR: {0}")]
    Tenants(#[from] DocumentError),
    /// `tenants:sync` cannot do what its file says.
    #[error("ERROR: {0}")]
    TenantsPlan(#[from] PlanError),
    /// The tenants changed between the look at them and the change.
    #[error("ERROR: tenant {0} was changed by someone else meanwhile: run the task again")]
    TenantRaced(String),
    /// The live state cannot be used.
    #[error("ERROR: {0}")]
    State(#[from] StateError),
    /// There is no recording of that ID.
    #[error("ERROR: No recording found with id: {0}")]
    NoRecording(String),
    /// A recording is deleted, and so cannot be changed any more.
    #[error("ERROR: Recording is deleted already, id: {0}")]
    RecordingDeleted(String),
    /// A list of record IDs with none in it.
    #[error("ERROR: Please input at least one record ID!")]
    NoRecordIds,
    /// `recordings:addToTenant` without a tenant.
    #[error("No tenant ID was provided")]
    NoTenantId,
    /// `recordings:update` could not do all it should.
    #[error("ERROR: unpublished recordings whose files can still be played: {0}")]
    NotMoved(u64),
    /// `audit` without a database.
    #[error("ERROR: changes are not kept, only logged, as there is no database: DB_DISABLED is set")]
    NoAudit,
    /// `audit` since a moment that is none.
    #[error("ERROR: {0} is no time: use a date (2026-03-01), a time (2026-03-01T08:00:00Z) or 30m, 12h, 7d")]
    Since(String),
    /// Recordings need a database.
    #[error("ERROR: there is no database of recordings: DB_DISABLED is set")]
    NoDatabase,
    /// The database cannot be used.
    #[error("ERROR: {0}{hint}", hint = hint(.0))]
    Catalog(#[from] CatalogError),
    /// The files cannot be used.
    #[error("ERROR: {0}")]
    Store(#[from] StoreError),
    /// Another process is at a recording.
    #[error("ERROR: {0}")]
    Busy(OperationError),
    /// The importer cannot run.
    #[error("ERROR: {0}")]
    Importer(#[from] scalelite_importer::ImporterError),
    /// The schedule of `poll` does not work.
    #[error("ERROR: {0}")]
    Poller(#[from] scalelite_poller::RunError),
    /// A task that asks first, and nobody there to answer.
    #[error("ERROR: no answer; use --yes")]
    NoAnswer,
    /// A file that cannot be written.
    #[error("ERROR: cannot write {path}: {source}")]
    Write {
        /// The file or directory.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Standard input or output, or a signal.
    #[error("ERROR: {0}")]
    Io(#[from] std::io::Error),
}

impl From<OperationError> for TaskError {
    fn from(error: OperationError) -> Self {
        match error {
            OperationError::Catalog(error) => Self::Catalog(error),
            OperationError::Store(error) => Self::Store(error),
            busy @ OperationError::Busy(_) => Self::Busy(busy),
        }
    }
}

/// What to do about it, where that is not told by the error.
fn hint(error: &CatalogError) -> &'static str {
    const MISSING: &str = "3D000";
    match error {
        CatalogError::Database(SqlError::Io(_) | SqlError::PoolTimedOut | SqlError::Tls(_)) => {
            ". Is it running, and is DATABASE_URL right?"
        }
        CatalogError::Database(SqlError::Database(error)) if error.code().as_deref() == Some(MISSING) => {
            ". `scalelite db:setup` makes it."
        }
        _ => "",
    }
}
