//! The configuration of all processes: the environment (CONTRACT §8), read once into typed values.
//!
//! [`Config::from_env`] reads the process's environment, [`Config::from_source`] any other; both find all
//! mistakes in one pass. [`VARIABLES`] lists every variable for the documentation.

mod callbacks;
mod error;
mod http;
mod imports;
mod log;
mod meetings;
mod metrics;
mod pool;
mod reader;
mod recordings;
mod redis_url;
mod reference;
mod sample;
mod secrets;
pub mod source;
mod stores;
#[cfg(test)]
mod tests;
mod uploads;
mod used_by;
mod variables;
mod voice;

use std::env;

pub use self::callbacks::CallbacksConfig;
pub use self::error::{ConfigErrors, Problem};
pub use self::http::{Bind, HttpConfig};
pub use self::imports::ImportConfig;
pub use self::log::{LogConfig, LogFormat};
pub use self::meetings::MeetingsConfig;
pub use self::metrics::{MetricsConfig, Monitored};
pub use self::pool::{BackendConfig, PollerConfig, PoolConfig, Timeouts};
pub use self::reader::Source;
pub use self::recordings::{CloudFrontConfig, RecordingsConfig, S3Config};
pub use self::redis_url::{RedisTopology, RedisUrlError};
pub use self::reference::reference;
pub use self::sample::sample;
pub use self::secrets::SecretsConfig;
pub use self::stores::{RedisConfig, StoresConfig, resolve_data_dir};
pub use self::uploads::UploadConfig;
pub use self::used_by::{Process, used_by};
pub use self::variables::{Group, Kind, VARIABLES, Variable};
pub use self::voice::{FsapiPassword, VoiceConfig};

use self::reader::Reader;

/// Everything that the environment says, typed. `Debug` never shows a secret.
#[derive(Debug, Clone)]
pub struct Config {
    /// The HTTP front end.
    pub http: HttpConfig,
    /// The load balancer's own secrets and how calls are signed.
    pub secrets: SecretsConfig,
    /// Where the live state and the database are.
    pub stores: StoresConfig,
    /// Calls to the servers.
    pub backend: BackendConfig,
    /// When a server is healthy and how its load is counted.
    pub pool: PoolConfig,
    /// The poller's schedule.
    pub poller: PollerConfig,
    /// Rules for meetings.
    pub meetings: MeetingsConfig,
    /// Voice bridge numbers and dial-in.
    pub voice: VoiceConfig,
    /// Recordings: import, storage and playback.
    pub recordings: RecordingsConfig,
    /// Callbacks to front ends.
    pub callbacks: CallbacksConfig,
    /// Where metrics are told.
    pub metrics: MetricsConfig,
    /// Logs and language.
    pub log: LogConfig,
}

/// A configuration that can be used, and what the operator should know about it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// One line each, to be logged once at the start. Never holds a secret.
    pub warnings: Vec<String>,
}

impl Config {
    /// Reads the environment of this process.
    ///
    /// # Errors
    ///
    /// All values that cannot be used, also those that are not UTF-8.
    pub fn from_env() -> Result<Loaded, ConfigErrors> {
        Self::read_env(false)
    }

    /// Reads the environment of this process for a service, which needs its secrets (CONTRACT §8).
    ///
    /// # Errors
    ///
    /// All values that cannot be used, and the secrets that are missing.
    pub fn from_env_for_service() -> Result<Loaded, ConfigErrors> {
        Self::read_env(true)
    }

    fn read_env(service: bool) -> Result<Loaded, ConfigErrors> {
        let source = |name: &str| env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        let mut reader = Reader::new(&source);
        for variable in VARIABLES {
            if env::var_os(variable.name).is_some_and(|value| value.to_str().is_none()) {
                reader.problem(variable.name, "expected text in UTF-8");
            }
        }
        Self::load(reader, service)
    }

    /// Reads the values that `source` gives.
    ///
    /// # Errors
    ///
    /// All values that cannot be used. Missing secrets are no error here, see
    /// [`Config::require_service_secrets`].
    pub fn from_source(source: &Source<'_>) -> Result<Loaded, ConfigErrors> {
        Self::load(Reader::new(source), false)
    }

    fn load(mut reader: Reader<'_>, service: bool) -> Result<Loaded, ConfigErrors> {
        let reader = &mut reader;
        let secrets = SecretsConfig::read(reader);
        let meetings = MeetingsConfig::read(reader);
        let config = Self {
            http: HttpConfig::read(reader),
            stores: StoresConfig::read(reader),
            backend: BackendConfig::read(reader),
            pool: PoolConfig::read(reader),
            poller: PollerConfig::read(reader),
            voice: VoiceConfig::read(reader, &secrets, meetings.max_duration),
            recordings: RecordingsConfig::read(reader),
            callbacks: CallbacksConfig::read(reader),
            metrics: MetricsConfig::read(reader),
            log: LogConfig::read(reader),
            secrets,
            meetings,
        };
        reader.warn_of_ignored();
        if service {
            reader.problems.extend(config.missing_secrets());
        }
        ConfigErrors::check(std::mem::take(&mut reader.problems))?;
        Ok(Loaded { config, warnings: std::mem::take(&mut reader.warnings) })
    }

    /// Whether a service may start: it needs a load-balancer secret and `SECRET_KEY_BASE` (CONTRACT §8).
    /// `scalelite up` makes them where they are missing.
    ///
    /// # Errors
    ///
    /// The variables that are missing.
    pub fn require_service_secrets(&self) -> Result<(), ConfigErrors> {
        ConfigErrors::check(self.missing_secrets())
    }

    fn missing_secrets(&self) -> Vec<Problem> {
        let missing =
            |variable, expected: &str| Problem { variable, value: None, expected: expected.to_owned() };
        let mut problems = Vec::new();
        if self.secrets.loadbalancer.is_empty() {
            problems.push(missing(
                "LOADBALANCER_SECRET",
                "is not set: expected the secret that clients sign their calls with (or a list in \
                 LOADBALANCER_SECRETS); `openssl rand -hex 32` makes one",
            ));
        }
        if self.secrets.key_base.is_none() {
            problems.push(missing(
                "SECRET_KEY_BASE",
                "is not set: expected a long random text that signs cookies; `openssl rand -hex 64` makes one",
            ));
        }
        problems
    }
}
