//! Structured logs on standard error (CONTRACT §1; `docs/LOGGING.md`).

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

use crate::config::{LogConfig, LogFormat};

/// Starts logging for this process. Later calls have no effect.
pub fn init(config: &LogConfig) {
    // Libraries stay quiet below warnings: their chatter is not the operator's concern.
    let filter = EnvFilter::new(format!("warn,tokio_cron_scheduler=off,{}", directives(config)));
    let ansi = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let layer = fmt::layer().with_writer(std::io::stderr).with_ansi(ansi).with_target(true);
    let result = match config.format {
        LogFormat::Text => tracing_subscriber::registry().with(layer.with_filter(filter)).try_init(),
        LogFormat::Json => {
            let layer = layer.json().flatten_event(true).with_current_span(true).with_span_list(false);
            tracing_subscriber::registry().with(layer.with_filter(filter)).try_init()
        }
    };
    if result.is_err() {
        tracing::debug!("logging was started before");
    }
}

fn directives(config: &LogConfig) -> String {
    ["scalelite", "scalelite_core", "scalelite_api", "scalelite_poller", "scalelite_importer", "bbb_sim"]
        .map(|target| format!("{target}={}", config.level))
        .join(",")
}
