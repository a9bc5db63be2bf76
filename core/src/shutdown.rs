//! Ending cleanly on SIGTERM or SIGINT (CONTRACT §1).

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::service_manager;

/// A token that is cancelled by the first SIGTERM or SIGINT of this process. The second one ends it at
/// once: whoever asks twice does not want to wait for what is in flight.
pub fn on_signal() -> std::io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = CancellationToken::new();
    let cancel = token.clone();
    tokio::spawn(async move {
        let name = next(&mut terminate, &mut interrupt).await;
        tracing::info!(signal = name, "stopping");
        cancel.cancel();
        service_manager::stopping();
        let name = next(&mut terminate, &mut interrupt).await;
        tracing::warn!(signal = name, "ended at once");
        #[expect(clippy::disallowed_methods, reason = "destructors are what there is no time for")]
        std::process::exit(1);
    });
    Ok(token)
}

async fn next(terminate: &mut Signal, interrupt: &mut Signal) -> &'static str {
    tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    }
}
