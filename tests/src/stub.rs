//! A server that answers as the test says: for what no simulated server would do.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A server whose answers are made by a function of the call's name and query; the API's top level is ``.
/// It stops when dropped.
#[derive(Debug)]
pub struct Stub {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Stub {
    /// Starts it.
    pub async fn start(answer: impl Fn(&str, &str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (calls, answer) = (Arc::clone(&asked), Arc::new(answer));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (calls, answer) = (Arc::clone(&calls), Arc::clone(&answer));
                tokio::spawn(async move {
                    // A client that goes away is none of its concern.
                    let _ = serve(stream, &calls, answer.as_ref()).await;
                });
            }
        });
        Self { url: format!("http://{address}/bigbluebutton/api"), asked, task }
    }

    /// Its API's URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How often a call was asked for.
    #[must_use]
    pub fn count(&self, call: &str) -> usize {
        self.asked.lock().expect("nobody panics with it").iter().filter(|asked| *asked == call).count()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request per connection, without a body.
async fn serve(
    mut stream: TcpStream,
    calls: &Mutex<Vec<String>>,
    answer: &(dyn Fn(&str, &str) -> String + Send + Sync),
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut part = [0; 1024];
        let read = stream.read(&mut part).await?;
        if read == 0 {
            return Ok(());
        }
        head.extend_from_slice(&part[..read]);
    }
    let head = String::from_utf8_lossy(&head);
    let target = head.split(' ').nth(1).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let call = path.strip_prefix("/bigbluebutton/api").unwrap_or(path).trim_matches('/');
    calls.lock().expect("nobody panics with it").push(call.to_owned());
    let body = answer(call, query);
    let length = body.len();
    let reply = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(reply.as_bytes()).await
}
