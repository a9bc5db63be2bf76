//! Logs and language.

use tracing::Level;

use super::reader::Reader;

/// Logs and language (CONTRACT §1, §8).
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// `RAILS_LOG_LEVEL`: the least important level that is logged; `fatal` and `unknown` count as `error`.
    /// Default: info (the original's: debug).
    pub level: Level,
    /// `LOG_FORMAT`: how a line looks. Default: text.
    pub format: LogFormat,
    /// `DEFAULT_LOCALE`: the language of pages for people. Default: `en`.
    pub locale: String,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

impl LogConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self { level: read_level(reader), format: read_format(reader), locale: read_locale(reader) }
    }
}

fn read_level(reader: &mut Reader<'_>) -> Level {
    const NAME: &str = "RAILS_LOG_LEVEL";
    let Some(value) = reader.text(NAME) else { return Level::INFO };
    match value.to_ascii_lowercase().as_str() {
        "debug" => Level::DEBUG,
        "info" => Level::INFO,
        "warn" => Level::WARN,
        "error" | "fatal" | "unknown" => Level::ERROR,
        _ => {
            reader.problem(NAME, "expected debug, info, warn, error, fatal or unknown");
            Level::INFO
        }
    }
}

fn read_format(reader: &mut Reader<'_>) -> LogFormat {
    const NAME: &str = "LOG_FORMAT";
    let Some(value) = reader.text(NAME) else { return LogFormat::Text };
    match value.to_ascii_lowercase().as_str() {
        "text" => LogFormat::Text,
        "json" => LogFormat::Json,
        _ => {
            reader.problem(NAME, "expected text or json");
            LogFormat::Text
        }
    }
}

fn read_locale(reader: &mut Reader<'_>) -> String {
    const NAME: &str = "DEFAULT_LOCALE";
    let locale = reader.text(NAME).unwrap_or_else(|| "en".to_owned());
    if !locale.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
        reader.problem(NAME, "expected a language such as en or pt-BR");
    }
    locale
}
