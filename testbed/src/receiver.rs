//! A front end's web server: takes requests and answers as a test says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(5);

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Method, target and version.
    pub line: String,
    /// The header lines, as they came.
    pub headers: Vec<String>,
    /// The body.
    pub body: String,
}

/// What a receiver does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Answers with this status.
    Status(u16),
    /// Answers with this JSON, and status 200.
    Json(String),
    /// Sends the client somewhere else, by 307.
    Redirect(String),
    /// Takes the request and says nothing until it is dropped.
    Hang,
}

/// A web server on a free port of this machine; it ends when dropped.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    ended: Arc<AtomicBool>,
}

impl Receiver {
    /// Starts one. It is told how many requests came before this one.
    #[must_use]
    pub fn start(answer: impl Fn(usize, &Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, ended) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (log, over, answer) = (Arc::clone(&asked), Arc::clone(&ended), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let (log, over, answer) = (Arc::clone(&log), Arc::clone(&over), Arc::clone(&answer));
                // A client that goes away is none of its concern.
                thread::spawn(move || drop(serve(&stream, &log, &over, answer.as_ref())));
            }
        });
        Self { address, asked, ended }
    }

    /// Answers everything with this status.
    #[must_use]
    pub fn always(status: u16) -> Self {
        Self::start(move |_, _| Answer::Status(status))
    }

    /// The URL of a path there.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// All that was asked for so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // The thread waits for a connection.
        drop(TcpStream::connect(self.address));
    }
}

fn serve(
    stream: &TcpStream,
    log: &Mutex<Vec<Asked>>,
    ended: &AtomicBool,
    answer: &(dyn Fn(usize, &Asked) -> Answer + Send + Sync),
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(LIMIT))?;
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let length = lines.iter().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let headers = lines.split_off(1);
    let asked = Asked { line: lines.remove(0), headers, body: String::from_utf8_lossy(&body).into_owned() };
    let before = {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(asked.clone());
        log.len() - 1
    };
    let mut body = "ok\n".to_owned();
    let head = match answer(before, &asked) {
        Answer::Status(status) => format!("HTTP/1.1 {status} As told\r\n"),
        Answer::Json(json) => {
            body = json;
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n".to_owned()
        }
        Answer::Redirect(target) => format!("HTTP/1.1 307 Elsewhere\r\nLocation: {target}\r\n"),
        Answer::Hang => {
            let since = Instant::now();
            while !ended.load(Ordering::SeqCst) && since.elapsed() < LIMIT {
                #[expect(clippy::disallowed_methods, reason = "a thread of its own that is to do nothing")]
                thread::sleep(PAUSE);
            }
            return Ok(());
        }
    };
    let mut stream = stream;
    write!(stream, "{head}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}
