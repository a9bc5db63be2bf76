//! Which processes use a variable. All of them read and check the whole environment, so one file serves all.

use std::fmt;

use super::variables::{Group, Variable};

/// What runs. `scalelite up` is the first three in one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// `scalelite-api`.
    Api,
    /// `scalelite-poller`.
    Poller,
    /// `scalelite-recording-importer`.
    Importer,
    /// The tasks of `scalelite`.
    Tasks,
    /// nginx, by its start script.
    Nginx,
    /// The units on the host that start containers.
    Units,
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Api => "api",
            Self::Poller => "poller",
            Self::Importer => "importer",
            Self::Tasks => "tasks",
            Self::Nginx => "nginx",
            Self::Units => "units",
        })
    }
}

/// The processes to which the variable makes a difference; none for those without effect.
#[must_use]
pub fn used_by(variable: &Variable) -> &'static [Process] {
    use Process::{Api, Importer, Nginx, Poller, Tasks, Units};
    match variable.name {
        // For cookies; but no service starts without.
        "SECRET_KEY_BASE" => &[Api, Poller, Importer],
        "URL_HOST" => &[Api, Nginx],
        "DB_CONNECTION_RETRY_COUNT" => &[Tasks],
        "CONNECT_TIMEOUT" | "RESPONSE_TIMEOUT" => &[Api, Poller, Importer, Tasks],
        "SERVER_ID_IS_HOSTNAME" => &[Api, Tasks],
        "DEFAULT_MEETING_TTL" => &[Api, Poller, Tasks],
        "MULTITENANCY_ENABLED" => &[Api, Poller, Importer, Tasks],
        "RECORDING_DISABLED" => &[Api, Importer, Tasks],
        "RECORDING_SPOOL_DIR" => &[Api, Importer, Tasks],
        "RECORDING_PUBLISH_DIR" | "RECORDING_UNPUBLISH_DIR" | "RECORDING_WORK_DIR" => &[Api, Importer, Tasks],
        "RECORDING_PLAYBACK_FORMATS" => &[Api, Nginx],
        "PROTECTED_RECORDINGS_ENABLED" => &[Api, Importer, Tasks],
        "DEFAULT_LOCALE" => &[Api],
        "CLOUDFRONT_URL" | "CF_KEY_PAIR_ID" | "CF_PRIVATE_KEY_B64" => &[Api],
        "SCALELITE_API_PORT" | "SCALELITE_API_HOSTS" => &[Nginx],
        name if name.starts_with("SCALELITE_") && variable.group == Group::Images => &[Units],
        name if name.starts_with("RECORDING_IMPORT_") => &[Importer, Tasks],
        _ => match variable.group {
            Group::Secrets | Group::Stores | Group::Log | Group::Tls => &[Api, Poller, Importer, Tasks],
            Group::Http | Group::Meetings | Group::Voice | Group::Recordings => &[Api],
            Group::Servers => &[Poller, Tasks],
            Group::S3 => &[Api, Importer, Tasks],
            Group::Metrics => &[Api, Poller, Importer],
            Group::Callbacks => &[Poller, Importer, Tasks],
            Group::Images => &[Nginx],
            Group::Ignored => &[],
        },
    }
}
