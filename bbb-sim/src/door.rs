//! A listening socket that can be closed and opened again on the same port.

use std::collections::HashMap;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::engine::Workers;
use crate::wire::Line;

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 1024;

/// The way into one server.
pub(crate) struct Door {
    address: SocketAddr,
    /// Kept when closed too: the socket no longer listens but still holds the port, so nobody else gets
    /// it meanwhile.
    listener: Arc<TcpListener>,
    /// Cancelled when the door closes, which ends all connections that came through it.
    closed: CancellationToken,
    lines: HashMap<u64, Arc<Line>>,
    next_line: u64,
}

/// What somebody needs who is to accept connections at the door.
pub(crate) struct Opening {
    pub(crate) listener: Arc<TcpListener>,
    pub(crate) closed: CancellationToken,
}

impl Door {
    /// Opens a door; port 0 takes any free one.
    pub(crate) fn open(wanted: SocketAddr, workers: &Workers) -> io::Result<Self> {
        // A port the kernel chose is given up when the socket stops listening, one asked for is not. So let
        // it choose for one socket, and ask for the same port with another before the first is gone.
        let chooser = bound(wanted)?;
        let address = chooser.local_addr()?.as_socket().unwrap_or(wanted);
        let listener = listening(address, workers)?;
        Ok(Self {
            address,
            listener: Arc::new(listener),
            closed: CancellationToken::new(),
            lines: HashMap::new(),
            next_line: 0,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn opening(&self) -> Opening {
        Opening { listener: Arc::clone(&self.listener), closed: self.closed.clone() }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.is_cancelled()
    }

    /// From here on connections are refused, even those waiting in the backlog, and the open ones are
    /// closed: a client that looks at one sees its end.
    pub(crate) fn close(&mut self) {
        // A listening socket that is shut down stops listening at once, whoever else holds it.
        // It fails only where it was shut down before.
        let _ = SockRef::from(&*self.listener).shutdown(Shutdown::Both);
        self.closed.cancel();
        for (_, line) in self.lines.drain() {
            line.hang_up();
        }
    }

    /// Takes note of a connection; gives the number under which to forget it again.
    pub(crate) fn enter(&mut self, line: &Arc<Line>) -> u64 {
        self.next_line += 1;
        self.lines.insert(self.next_line, Arc::clone(line));
        self.next_line
    }

    /// Forgets a connection.
    pub(crate) fn leave(&mut self, number: u64) {
        self.lines.remove(&number);
    }

    /// Opens a closed door again.
    pub(crate) fn reopen(&mut self, workers: &Workers) -> io::Result<()> {
        self.listener = Arc::new(listening(self.address, workers)?);
        self.closed = CancellationToken::new();
        Ok(())
    }
}

fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn listening(address: SocketAddr, workers: &Workers) -> io::Result<TcpListener> {
    let socket = bound(address)?;
    socket.listen(BACKLOG)?;
    workers.register(socket.into())
}
