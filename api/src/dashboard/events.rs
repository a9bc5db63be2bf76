//! Server-sent events: the [live updates](super::live) of one open page.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use futures_util::stream::unfold;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};

use super::live::{Followed, Live};
use super::refused::Refused;
use super::visit::{Visit, now};
use crate::app::App;

/// A silent connection gets a word now and then, or a proxy takes it for dead.
const SILENT: Duration = Duration::from_secs(20);

struct Following {
    app: Data<App>,
    hello: Option<Arc<str>>,
    receiver: Receiver<Arc<str>>,
    ends: Instant,
}

/// The stream of one page. It ends with the session.
pub(super) async fn give(visit: Visit) -> Result<HttpResponse, Refused> {
    let Followed { hello, receiver } = Live::follow(&visit.app)?;
    let ends = Instant::now() + Duration::from_secs(visit.session.ends.saturating_sub(now()));
    let following = Following { app: visit.app, hello, receiver, ends };
    let stream = unfold(following, |mut following| async move {
        let told = following.next().await?;
        Some((Ok::<_, Infallible>(told), following))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        // nginx passes on what comes, as it comes.
        .insert_header(("x-accel-buffering", "no"))
        .streaming(stream))
}

impl Following {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(hello) = self.hello.take() {
            return Some(event(&hello));
        }
        let until = (Instant::now() + SILENT).min(self.ends);
        if Instant::now() >= self.ends {
            return None;
        }
        match self.app.shutdown.run_until_cancelled(timeout_at(until, self.receiver.recv())).await? {
            Ok(Ok(message)) => Some(event(&message)),
            // It was too slow: it asks anew.
            Ok(Err(RecvError::Lagged(_))) => {
                Some(event(r#"{"pool":"","meetings":"","imports":"","rows":null}"#))
            }
            Ok(Err(RecvError::Closed)) => None,
            Err(_) => Some(Bytes::from_static(b":\n\n")),
        }
    }
}

/// JSON has no line breaks of its own.
fn event(message: &str) -> Bytes {
    format!("data: {message}\n\n").into()
}
