//! The worker threads that all servers of a fleet share.
//!
//! Each worker is a thread with its own single-threaded tokio runtime. A server's door is watched by one
//! of them; the connections it accepts are dealt out to all in turn and stay where they were dealt.

use std::io;
use std::net::TcpStream;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use actix_service::ServiceFactory;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{LocalSet, spawn_local};
use tokio_util::sync::CancellationToken;

use crate::door::Opening;
use crate::server::Server;
use crate::{http, wire};

/// How long to wait before something that failed for want of file descriptors is tried again.
const RETRY: Duration = Duration::from_millis(20);

/// A connection for a worker to serve.
struct Accepted {
    stream: TcpStream,
    closed: CancellationToken,
    server: Arc<Server>,
}

/// Hands work to the workers, from whatever thread or runtime.
#[derive(Clone)]
pub(crate) struct Workers(Arc<Queues>);

struct Queues {
    /// The first worker's runtime, which watches the doors.
    porter: Handle,
    // Unbounded: the process' limit of file descriptors bounds the connections.
    queues: Vec<mpsc::UnboundedSender<Accepted>>,
    next: AtomicUsize,
}

impl Workers {
    /// Makes a listening socket one that the porter can watch.
    pub(crate) fn register(&self, listener: std::net::TcpListener) -> io::Result<TcpListener> {
        let _porter = self.0.porter.enter();
        TcpListener::from_std(listener)
    }

    /// Has connections accepted until the door closes.
    pub(crate) fn accept(&self, opening: Opening, server: Arc<Server>) {
        drop(self.0.porter.spawn(accept(opening, server, self.clone())));
    }

    /// Has the door opened a little later.
    pub(crate) fn reopen_later(&self, server: Arc<Server>) {
        drop(self.0.porter.spawn(async move {
            tokio::time::sleep(RETRY).await;
            server.heed_faults();
        }));
    }

    fn serve(&self, accepted: Accepted) {
        let turn = self.0.next.fetch_add(1, Ordering::Relaxed);
        // A worker that no longer takes connections is one that is to stop.
        let _ = self.0.queues[turn % self.0.queues.len()].send(accepted);
    }
}

/// Owns the workers; they end when it is dropped.
pub(crate) struct Engine {
    workers: Workers,
    shutdown: CancellationToken,
    ended: Mutex<Vec<oneshot::Receiver<()>>>,
}

impl Engine {
    pub(crate) fn start(workers: usize) -> io::Result<Self> {
        let runtimes = (0..workers.max(1))
            .map(|_| Builder::new_current_thread().enable_all().build())
            .collect::<io::Result<Vec<_>>>()?;
        let porter = runtimes[0].handle().clone();
        let (queues, receivers): (Vec<_>, Vec<_>) =
            runtimes.iter().map(|_| mpsc::unbounded_channel()).unzip();
        let shutdown = CancellationToken::new();
        let mut ended = Vec::new();
        for (runtime, receiver) in runtimes.into_iter().zip(receivers) {
            let (done, ending) = oneshot::channel();
            ended.push(ending);
            let shutdown = shutdown.clone();
            thread::Builder::new().name("bbb-sim".to_owned()).spawn(move || {
                run(runtime, receiver, &shutdown);
                // Nobody may be waiting.
                let _ = done.send(());
            })?;
        }
        let workers = Workers(Arc::new(Queues { porter, queues, next: AtomicUsize::new(0) }));
        Ok(Self { workers, shutdown, ended: Mutex::new(ended) })
    }

    pub(crate) fn workers(&self) -> Workers {
        self.workers.clone()
    }

    /// Stops the workers and waits until they are gone.
    pub(crate) async fn stop(&self) {
        self.shutdown.cancel();
        let ended = std::mem::take(&mut *self.ended.lock());
        for worker in ended {
            // An error means that it is gone already.
            let _ = worker.await;
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the thread ends what it was given")]
fn run(runtime: Runtime, mut queue: mpsc::UnboundedReceiver<Accepted>, shutdown: &CancellationToken) {
    LocalSet::new().block_on(&runtime, async {
        let Ok(service) = http::service().new_service(()).await else { return };
        let service = Rc::new(service);
        loop {
            let accepted = tokio::select! {
                () = shutdown.cancelled() => return,
                accepted = queue.recv() => accepted,
            };
            let Some(Accepted { stream, closed, server }) = accepted else { return };
            drop(spawn_local(wire::serve(stream, closed, server, Rc::clone(&service))));
        }
    });
}

async fn accept(opening: Opening, server: Arc<Server>, workers: Workers) {
    let Opening { listener, closed } = opening;
    loop {
        let accepted = tokio::select! {
            () = closed.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted.and_then(|(stream, _)| stream.into_std()) {
            Ok(stream) => {
                workers.serve(Accepted { stream, closed: closed.clone(), server: Arc::clone(&server) });
            }
            // Out of file descriptors, or the door closes this moment.
            Err(_) => tokio::time::sleep(RETRY).await,
        }
    }
}
