//! `poll` and `poll:…`: what the poller service does, once or for good.

use std::sync::Arc;
use std::time::Duration;

use scalelite_core::{shutdown, startup};
use scalelite_poller::Poller;

use super::{Context, TaskError};
use crate::cli::{PollForever, given};

/// A poller for one pass.
pub(super) fn once(context: &Context) -> Poller {
    Poller::new(Arc::clone(&context.config), Arc::clone(&context.state), Arc::clone(&context.client))
}

/// `poll[interval]`: until SIGTERM or SIGINT.
pub(super) async fn forever(context: &mut Context, arguments: &PollForever) -> Result<(), TaskError> {
    if let Some(text) = given(arguments.interval.as_ref()) {
        let interval = seconds(text).ok_or_else(|| TaskError::Interval(text.to_owned()))?;
        Arc::make_mut(&mut context.config).poller.interval = interval;
    }
    let shutdown = shutdown::on_signal()?;
    // Without a secret callbacks cannot be signed: they are left to whoever has one.
    let catalog = match context.config.secrets.loadbalancer.is_empty() {
        true => None,
        false => startup::open_catalog(&context.config, 2).await?,
    };
    Ok(scalelite_poller::run(once(context).with_catalog(catalog), shutdown).await?)
}

/// A positive number of seconds.
pub(super) fn seconds(text: &str) -> Option<Duration> {
    let seconds = text.trim().parse().ok().filter(|seconds| *seconds > 0.0)?;
    Duration::try_from_secs_f64(seconds).ok()
}
