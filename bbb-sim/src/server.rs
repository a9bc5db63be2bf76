//! One simulated server: its meetings, its faults, its door.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

use crate::door::Door;
use crate::engine::Workers;
use crate::fault::{Fault, Faults};
use crate::journal::Journal;
use crate::meetings::Meetings;
use crate::wire::Line;
use crate::{Algorithm, SimOptions};

/// All servers of a fleet, in order, once they are all there.
pub(crate) type Siblings = Arc<OnceLock<Vec<Weak<Server>>>>;

pub(crate) struct Server {
    /// Its place in the fleet, from 0.
    pub(crate) number: usize,
    pub(crate) siblings: Siblings,
    pub(crate) address: SocketAddr,
    pub(crate) secret: String,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) bbb_version: String,
    pub(crate) max_body: usize,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    latency_us: AtomicU64,
    meetings: Mutex<Meetings>,
    door: Mutex<Door>,
    workers: Workers,
}

impl Server {
    /// Binds the port and begins to serve.
    pub(crate) fn start(
        options: &SimOptions,
        number: usize,
        siblings: Siblings,
        workers: Workers,
    ) -> io::Result<Arc<Self>> {
        let port = match options.port {
            0 => 0,
            base => u16::try_from(usize::from(base) + number)
                .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "the ports exceed 65535"))?,
        };
        let door = Door::open(SocketAddr::new(options.bind, port), &workers)?;
        let server = Arc::new(Self {
            number,
            siblings,
            address: door.address(),
            secret: options.secret.clone(),
            algorithms: options.algorithms.clone(),
            bbb_version: options.bbb_version.clone(),
            max_body: options.max_body,
            faults: Faults::default(),
            journal: Journal::new(options.log_capacity),
            latency_us: AtomicU64::new(0),
            meetings: Mutex::default(),
            workers,
            door: Mutex::new(door),
        });
        server.set_latency(options.latency);
        server.workers.accept(server.door.lock().opening(), Arc::clone(&server));
        Ok(server)
    }

    pub(crate) fn meetings(&self) -> MutexGuard<'_, Meetings> {
        self.meetings.lock()
    }

    pub(crate) fn latency(&self) -> Duration {
        Duration::from_micros(self.latency_us.load(Ordering::Relaxed))
    }

    pub(crate) fn set_latency(&self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.latency_us.store(micros, Ordering::Relaxed);
    }

    /// Sets the fault of one call, or with `None` of the server; the door is as it should be on return.
    pub(crate) fn set_fault(self: &Arc<Self>, call: Option<&str>, fault: Fault) {
        self.faults.set(call, fault);
        self.heed_faults();
    }

    pub(crate) fn clear_faults(self: &Arc<Self>) {
        self.faults.clear();
        self.heed_faults();
    }

    /// Opens or closes the door as the faults want it.
    pub(crate) fn heed_faults(self: &Arc<Self>) {
        let mut door = self.door.lock();
        match (self.faults.is_down(), door.is_closed()) {
            (true, false) => door.close(),
            (false, true) => match door.reopen(&self.workers) {
                Ok(()) => self.workers.accept(door.opening(), Arc::clone(self)),
                Err(_) => self.workers.reopen_later(Arc::clone(self)),
            },
            _ => {}
        }
    }

    /// Takes note of a connection that is to end when the door closes.
    pub(crate) fn enter(&self, line: &Arc<Line>) -> u64 {
        self.door.lock().enter(line)
    }

    /// Forgets a connection that has ended.
    pub(crate) fn leave(&self, number: u64) {
        self.door.lock().leave(number);
    }

    /// Closes the door for good.
    pub(crate) fn shut(&self) {
        self.faults.set(None, Fault::Down);
        self.door.lock().close();
    }

    /// The fleet's server of that number.
    pub(crate) fn sibling(&self, number: usize) -> Option<Arc<Self>> {
        self.siblings.get()?.get(number)?.upgrade()
    }
}
