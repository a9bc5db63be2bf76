//! Voice bridge numbers and dial-in.

use secrecy::SecretString;

use super::reader::Reader;
use super::secrets::SecretsConfig;

/// A number of more digits does not fit into 64 bits.
const MOST_DIGITS: u32 = 18;
/// More digits are not collected from a caller.
const MOST_COLLECTED: u32 = 128;

/// Voice bridge numbers and dial-in (CONTRACT §5).
#[derive(Debug, Clone)]
pub struct VoiceConfig {
    /// `VOICE_BRIDGE_LEN`: digits of a new number, 1 to 18. Default: 9.
    pub len: u32,
    /// `VOICE_BRIDGE_MIN`: fewest digits that a caller enters. Default: 5.
    pub min: u32,
    /// `VOICE_BRIDGE_MAX`: most digits that a caller enters; not less than `min`. Default: 9.
    pub max: u32,
    /// `USE_EXTERNAL_VOICE_BRIDGE`: a request's own number is tried first. Default: false.
    pub use_external: bool,
    /// `FSAPI_PASSWORD`: guards the dialplan API. Default: the first load-balancer secret.
    pub fsapi_password: FsapiPassword,
    /// `FSAPI_MAX_DURATION`, in minutes: a call is hung up after it; 0 means no limit.
    /// Default: `MAX_MEETING_DURATION`.
    pub fsapi_max_duration: Option<u32>,
}

/// What the dialplan API asks for.
#[derive(Debug, Clone)]
pub enum FsapiPassword {
    /// `FSAPI_PASSWORD` is set and empty: nothing.
    Open,
    /// This password.
    Secret(SecretString),
    /// There is neither a password nor a load-balancer secret: nobody gets in.
    Closed,
}

impl VoiceConfig {
    pub(super) fn read(reader: &mut Reader<'_>, secrets: &SecretsConfig, max_duration: Option<u32>) -> Self {
        let wrong_before = reader.problems.len();
        let voice = Self {
            len: reader.number("VOICE_BRIDGE_LEN", 9, 1..=MOST_DIGITS, "digits"),
            min: reader.number("VOICE_BRIDGE_MIN", 5, 1..=MOST_COLLECTED, "digits"),
            max: reader.number("VOICE_BRIDGE_MAX", 9, 1..=MOST_COLLECTED, "digits"),
            use_external: reader.flag("USE_EXTERNAL_VOICE_BRIDGE", false),
            fsapi_password: read_password(reader, secrets),
            fsapi_max_duration: {
                let default = max_duration.unwrap_or(0);
                let minutes = reader.number("FSAPI_MAX_DURATION", default, 0..=u32::MAX, "minutes");
                (minutes > 0).then_some(minutes)
            },
        };
        let Self { len, min, max, .. } = voice;
        if reader.problems.len() > wrong_before {
            // A default stands in somewhere: to compare it would only confuse.
        } else if min > max {
            // Blame the one that was set; with both set, the lower limit.
            if reader.text("VOICE_BRIDGE_MIN").is_some() {
                reader.problem(
                    "VOICE_BRIDGE_MIN",
                    format!("expected at most VOICE_BRIDGE_MAX, which is {max}"),
                );
            } else {
                reader.problem(
                    "VOICE_BRIDGE_MAX",
                    format!("expected at least VOICE_BRIDGE_MIN, which is {min}"),
                );
            }
        } else if !(min..=max).contains(&len) {
            reader.warn(format!(
                "VOICE_BRIDGE_LEN is {len}, but callers enter {min} to {max} digits (VOICE_BRIDGE_MIN, \
                 VOICE_BRIDGE_MAX): they cannot dial in to new numbers"
            ));
        }
        voice
    }
}

fn read_password(reader: &mut Reader<'_>, secrets: &SecretsConfig) -> FsapiPassword {
    const NAME: &str = "FSAPI_PASSWORD";
    match (reader.raw(NAME), reader.secret(NAME)) {
        (Some(_), Some(password)) => FsapiPassword::Secret(password),
        (Some(value), None) if value.is_empty() => FsapiPassword::Open,
        (Some(_), None) => {
            // Blanks would open the API by what is probably a slip.
            reader.problem(NAME, "expected a password, or nothing at all to let everybody in");
            FsapiPassword::Closed
        }
        (None, _) => {
            secrets.loadbalancer.first().cloned().map_or(FsapiPassword::Closed, FsapiPassword::Secret)
        }
    }
}
