//! When the front end is ready, and whether its workers go on: for the service manager.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use scalelite_core::backoff::Backoff;
use scalelite_core::pulse::Pulse;
use scalelite_core::service_manager;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{sleep, timeout};

use crate::Bound;

/// A front end that runs answers well within this.
const LONGEST_ANSWER: Duration = Duration::from_secs(5);
/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Where it can be asked.
pub(crate) enum Door {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

impl From<&Bound> for Door {
    fn from(bound: &Bound) -> Self {
        match bound {
            Bound::Tcp(_, address) => Self::Tcp(*address),
            Bound::Unix(_, path) => Self::Unix(path.clone()),
        }
    }
}

/// Asks until there is an answer, and then tells that the front end is ready: the kernel takes connections long
/// before anybody answers them.
pub(crate) async fn tell_when_answering(door: Door, status: String) {
    let mut outage = Backoff::new(LONGEST_WAIT);
    while !matches!(timeout(LONGEST_ANSWER, ask(&door)).await, Ok(Ok(()))) {
        sleep(outage.wait()).await;
    }
    service_manager::ready("front end", &status);
}

async fn ask(door: &Door) -> io::Result<()> {
    match door {
        Door::Tcp(address) => converse(TcpStream::connect(address).await?).await,
        Door::Unix(path) => converse(UnixStream::connect(path).await?).await,
    }
}

/// Any answer will do, even one that this host name is not served.
async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    let mut begin = [0; 9];
    stream
        .write_all(b"GET /bigbluebutton/api HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await?;
    stream.read_exact(&mut begin).await?;
    if &begin == b"HTTP/1.1 " { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// Signs of life of the worker whose thread this is, for as long as it runs.
pub(crate) fn watch_worker() {
    let Some(timeout) = service_manager::watchdog() else { return };
    let pulse = service_manager::pulse("a worker of the front end", timeout / 2);
    actix_web::rt::spawn(beat(pulse, timeout / 8));
}

async fn beat(pulse: Pulse, every: Duration) {
    loop {
        pulse.beat(Instant::now());
        sleep(every).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use actix_web::rt::System;
    use scalelite_core::pulse::Pulses;

    use super::*;

    const PAUSE: Duration = Duration::from_millis(500);

    #[test]
    fn a_worker_gives_signs_of_life_until_it_is_stuck() {
        let pulses = Pulses::new();
        let pulse = pulses.begin("worker", PAUSE, Instant::now());
        let (go_on, stuck) = mpsc::channel::<()>();
        let worker = thread::spawn(move || {
            System::new().block_on(async move {
                actix_web::rt::spawn(beat(pulse, PAUSE / 50));
                sleep(PAUSE * 2).await;
                // What no handler may do.
                stuck.recv()
            })
        });
        let began = Instant::now();
        while pulses.stuck(Instant::now()).is_none() {
            assert!(began.elapsed() < Duration::from_secs(20), "it is stuck, and nobody sees it");
            thread::yield_now();
        }
        assert!(began.elapsed() > PAUSE * 2, "it was not stuck yet");
        go_on.send(()).unwrap();
        worker.join().unwrap().unwrap();
        assert_eq!(pulses.stuck(Instant::now()), None, "it has ended");
    }
}
