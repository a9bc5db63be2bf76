//! Listening, answering, and ending without losing a request.

use std::net::SocketAddr;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use actix_web::middleware::{Condition, from_fn};
use actix_web::{App as Actix, HttpServer, web};
use scalelite_core::config::Bind;
use tokio_util::sync::CancellationToken;

use crate::app::{App, Parts};
use crate::{host, ready, routes, slashes};

/// How long requests in flight may take after the signal to stop: longer than a call to a server.
const SHUTDOWN_SECONDS: u64 = 30;
/// Clients that dribble their headers are cut off after this.
const REQUEST_HEAD_SECONDS: u64 = 30;

/// The sockets to answer on.
#[derive(Debug)]
pub enum Bound {
    /// TCP, at this address.
    Tcp(std::net::TcpListener, SocketAddr),
    /// A Unix socket, at this path.
    Unix(std::os::unix::net::UnixListener, PathBuf),
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp(_, address) => write!(f, "http://{address}"),
            Self::Unix(_, path) => write!(f, "unix://{}", path.display()),
        }
    }
}

/// Takes the configured address. Port 0 takes any free port.
pub fn bind(bind: &Bind) -> std::io::Result<Bound> {
    match bind {
        Bind::Tcp { host, port } => {
            let listener = std::net::TcpListener::bind((host.as_str(), *port))?;
            let address = listener.local_addr()?;
            Ok(Bound::Tcp(listener, address))
        }
        Bind::Unix(path) => {
            remove_stale_socket(path)?;
            Ok(Bound::Unix(std::os::unix::net::UnixListener::bind(path)?, path.clone()))
        }
    }
}

/// A socket that nobody answers on is left over from a process that was killed.
fn remove_stale_socket(path: &Path) -> std::io::Result<()> {
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    if is_socket && std::os::unix::net::UnixStream::connect(path).is_err() {
        std::fs::remove_file(path)?;
    }
    Ok(())
}

/// Answers requests until `shutdown` is cancelled and the requests in flight are answered.
pub async fn run(parts: Parts, bound: Bound, shutdown: CancellationToken) -> std::io::Result<()> {
    let workers = parts.config.http.workers;
    let guarded = parts.config.http.url_host.is_some();
    let app = web::Data::new(App::new(parts, shutdown.clone())?);
    let server = HttpServer::new(move || {
        ready::watch_worker();
        Actix::new()
            .app_data(app.clone())
            .wrap(Condition::new(guarded, from_fn(host::guard)))
            .wrap(from_fn(slashes::merge))
            .configure(|service| routes::configure(service, &app.config.recordings))
    })
    .workers(workers)
    .backlog(4096)
    .tcp_nodelay(true)
    .client_request_timeout(std::time::Duration::from_secs(REQUEST_HEAD_SECONDS))
    .keep_alive(std::time::Duration::from_secs(75))
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .disable_signals();
    tracing::info!(address = %bound, workers, "listening");
    let ready = ready::tell_when_answering((&bound).into(), format!("listens on {bound}"));
    let server = match bound {
        Bound::Tcp(listener, _) => server.listen(listener)?,
        Bound::Unix(listener, _) => server.listen_uds(listener)?,
    }
    .run();
    let handle = server.handle();
    let stop = tokio::spawn(async move {
        // Once it is told there is nothing more to do but to wait.
        let _ = shutdown.run_until_cancelled(ready).await;
        shutdown.cancelled().await;
        handle.stop(true).await;
    });
    let result = server.await;
    stop.abort();
    result
}
