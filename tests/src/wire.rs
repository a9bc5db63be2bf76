//! Bytes on a connection, as they are: for requests that no client would send.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::wait::within;

/// A connection to the front end at `base`, `http://127.0.0.1:PORT`.
pub async fn connect(base: &str) -> TcpStream {
    let address = base.strip_prefix("http://").expect("the front end listens on TCP");
    TcpStream::connect(address).await.expect("the front end takes connections")
}

/// Sends the bytes, and gives all that comes back until the connection ends. The request must ask for that
/// with `Connection: close`, or be refused.
pub async fn exchange(base: &str, request: &[u8]) -> String {
    let mut stream = connect(base).await;
    // The front end may refuse before it has read all.
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let read =
        within("an answer to raw bytes", Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
    if answer.is_empty() {
        read.expect("the connection ends properly, or something was answered");
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status code of a raw answer; none if nothing came back.
#[must_use]
pub fn status(answer: &str) -> Option<u16> {
    answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

/// Sends a request and reads the head of its answer and what came with it; the connection stays open.
pub async fn ask(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.expect("the front end reads");
    let mut answer = vec![0; 4096];
    let read = within("an answer", Duration::from_secs(20), stream.read(&mut answer)).await;
    answer.truncate(read.expect("the front end answers"));
    String::from_utf8_lossy(&answer).into_owned()
}
