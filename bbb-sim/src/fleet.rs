//! Many simulated servers in one process.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result};

use crate::engine::Engine;
use crate::{Sim, SimOptions};

/// Any number of servers that share [`SimOptions::workers`] threads. Each has its own port and can be
/// taken down by itself; use it as a slice of [`Sim`]s. It stops when dropped.
#[derive(Debug)]
pub struct Fleet {
    sims: Vec<Sim>,
}

impl Fleet {
    /// Starts `n` servers alike; with a port given, they take that one and those that follow.
    ///
    /// # Errors
    /// When a port is taken, or threads or file descriptors run out (it takes one per server, and one
    /// per connection).
    pub async fn start(n: usize, options: SimOptions) -> Result<Self> {
        let engine = Arc::new(Engine::start(options.workers).context("cannot start the workers")?);
        let siblings = Arc::new(OnceLock::new());
        let sims = (0..n)
            .map(|number| {
                Sim::launch(&options, number, Arc::clone(&siblings), Arc::clone(&engine))
                    .with_context(|| format!("cannot start simulated server {number}"))
            })
            .collect::<Result<Vec<_>>>()?;
        // Nobody else sets it.
        let _ = siblings.set(sims.iter().map(|sim| Arc::downgrade(&sim.server)).collect());
        Ok(Self { sims })
    }

    /// The servers.
    pub fn sims(&self) -> &[Sim] {
        &self.sims
    }

    /// Stops all servers; the threads are gone on return.
    pub async fn stop(self) {
        let engine = self.sims.first().map(|sim| Arc::clone(&sim.engine));
        drop(self.sims);
        if let Some(engine) = engine {
            engine.stop().await;
        }
    }

    pub(crate) fn take_first(&mut self) -> Option<Sim> {
        (!self.sims.is_empty()).then(|| self.sims.remove(0))
    }
}

impl Deref for Fleet {
    type Target = [Sim];

    fn deref(&self) -> &[Sim] {
        &self.sims
    }
}
