//! One connection, which can be reset in the middle of things.

use std::cell::Cell;
use std::io;
use std::net::{Shutdown, TcpStream as StdTcpStream};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_service::Service;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::server::Server;

/// How long the answer to the command that closed the door may take on its way out.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A connection's socket, which its server's door can hang up from any thread.
pub(crate) struct Line {
    stream: TcpStream,
    spared: AtomicBool,
}

impl Line {
    /// Closes the connection at once, unless it is spared.
    pub(crate) fn hang_up(&self) {
        if !self.spared.load(Ordering::Acquire) {
            // It fails only where the client was faster.
            let _ = SockRef::from(&self.stream).shutdown(Shutdown::Both);
        }
    }
}

/// What a request can find out about its connection, and do to it.
pub(crate) struct Connection {
    pub(crate) server: Arc<Server>,
    line: Arc<Line>,
    ended: Notify,
    reset: Cell<bool>,
}

impl Connection {
    /// Ends the connection with a RST; never returns, for then the request is gone.
    pub(crate) async fn reset(&self) -> ! {
        self.reset.set(true);
        self.end().await
    }

    /// Ends the connection; never returns, for then the request is gone.
    pub(crate) async fn end(&self) -> ! {
        self.ended.notify_one();
        loop {
            std::future::pending::<()>().await;
        }
    }

    /// Whether this connection outlives the closing of the door, so that the answer gets out to the
    /// command that closes it.
    pub(crate) fn spare(&self, spared: bool) {
        self.line.spared.store(spared, Ordering::Release);
    }
}

/// The socket as actix sees it.
pub(crate) struct Wire {
    pub(crate) connection: Rc<Connection>,
}

/// Serves one connection until it ends, or is ended, or its server's door closes.
pub(crate) async fn serve<S>(
    stream: StdTcpStream,
    closed: CancellationToken,
    server: Arc<Server>,
    http: Rc<S>,
) where
    S: Service<(Wire, Option<std::net::SocketAddr>)>,
{
    if stream.set_nonblocking(true).is_err() {
        return;
    }
    let Ok(stream) = TcpStream::from_std(stream) else { return };
    // Without it answers are slower, not wrong.
    let _ = stream.set_nodelay(true);
    let line = Arc::new(Line { stream, spared: AtomicBool::new(false) });
    let number = server.enter(&line);
    let connection = Rc::new(Connection { server, line, ended: Notify::new(), reset: Cell::new(false) });
    let serving = http.call((Wire { connection: Rc::clone(&connection) }, None));
    tokio::pin!(serving);
    tokio::select! {
        // How it ended is the client's concern.
        _ = &mut serving => {}
        () = connection.ended.notified() => {}
        () = closed.cancelled() => {
            if connection.line.spared.load(Ordering::Acquire) {
                let _ = timeout(LAST_WORDS, serving.as_mut()).await;
            }
        }
    }
    if connection.reset.get() {
        // If it fails, the client sees an ordinary close.
        let _ = connection.line.stream.set_zero_linger();
    }
    connection.server.leave(number);
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let stream = &self.connection.line.stream;
        loop {
            ready!(stream.poll_read_ready(cx))?;
            match stream.try_read(buf.initialize_unfilled()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => {
                    buf.advance(read?);
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let stream = &self.connection.line.stream;
        loop {
            ready!(stream.poll_write_ready(cx))?;
            match stream.try_write(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(SockRef::from(&self.connection.line.stream).shutdown(Shutdown::Write))
    }
}
