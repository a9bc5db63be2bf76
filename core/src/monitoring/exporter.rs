//! `/metrics` on an address of its own.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use metrics_util::MetricKindMask;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{BUILD_INFO, Metric, pools};
use crate::backoff::Backoff;
use crate::config::{Bind, Config, Monitored};

/// Connections that are answered at the same time; further ones are closed at once.
const MOST_CONNECTIONS: usize = 16;
/// A request must be here, …
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// … and its answer gone, within this.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Between two times that what was measured is summed up, so that it takes no more memory the longer nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);
/// A gauge that was not set for so long, or for three polls, is not told any more.
const IDLE: Duration = Duration::from_secs(900);
/// The longest wait for an address that is in use.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The text format of Prometheus.
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

static ON: AtomicBool = AtomicBool::new(false);

/// Whether this process keeps metrics: where not, what costs more than counting need not be found out.
#[must_use]
pub fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// Metrics that are kept and told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Monitoring {
    /// This process keeps none.
    Off,
    /// They are kept, but not told yet: the address cannot be used. It is tried again until it can.
    Waiting,
    /// They are told here.
    At(SocketAddr),
}

/// Keeps the metrics of this process and tells them, if it has an address for that, until `shutdown` is cancelled.
/// An address that cannot be used is logged and tried again: a load balancer without metrics is better than none.
/// Only the first call in a process has an effect.
pub async fn start(
    config: &Config,
    process: Monitored,
    lists: &[&[Metric]],
    shutdown: &CancellationToken,
) -> Monitoring {
    let Some(bind) = config.metrics.bind(process).cloned() else { return Monitoring::Off };
    let handle = match record(config.poller.interval, lists) {
        Ok(handle) => handle,
        Err(error) => {
            tracing::error!(%error, "no metrics are kept");
            return Monitoring::Off;
        }
    };
    ON.store(true, Ordering::Relaxed);
    let exporter = Exporter { process, handle, room: Arc::new(Semaphore::new(MOST_CONNECTIONS)) };
    let (first, shutdown) = (listen(&bind).await, shutdown.clone());
    let told = first.as_ref().ok().and_then(|listener| listener.local_addr().ok());
    tokio::spawn(async move {
        let upkeep = async {
            loop {
                sleep(UPKEEP).await;
                exporter.handle.run_upkeep();
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = upkeep => {}
            () = exporter.run(&bind, first) => {}
        }
    });
    told.map_or(Monitoring::Waiting, Monitoring::At)
}

/// Has whatever is counted in this process from now on kept.
fn record(poll: Duration, lists: &[&[Metric]]) -> Result<PrometheusHandle, BuildError> {
    let recorder = recorder(IDLE.max(poll * 3), lists)?;
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(BuildError::FailedToSetGlobalRecorder)?;
    lists.iter().copied().flatten().for_each(Metric::describe);
    metrics_process::Collector::default().describe();
    Ok(handle)
}

/// Gauges that were not set for `idle` are not told.
fn recorder(idle: Duration, lists: &[&[Metric]]) -> Result<PrometheusRecorder, BuildError> {
    let mut builder = PrometheusBuilder::new().idle_timeout(MetricKindMask::GAUGE, Some(idle));
    for metric in lists.iter().copied().flatten() {
        if let Some(buckets) = metric.kind.buckets() {
            builder = builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), buckets)?;
        }
    }
    Ok(builder.build_recorder())
}

async fn listen(bind: &Bind) -> io::Result<TcpListener> {
    match bind {
        Bind::Tcp { host, port } => TcpListener::bind((host.as_str(), *port)).await,
        Bind::Unix(_) => Err(io::Error::new(io::ErrorKind::Unsupported, "metrics are told by TCP only")),
    }
}

struct Exporter {
    process: Monitored,
    handle: PrometheusHandle,
    room: Arc<Semaphore>,
}

impl Exporter {
    async fn run(&self, bind: &Bind, first: io::Result<TcpListener>) {
        let mut outage = Backoff::new(LONGEST_WAIT);
        let mut listener = first;
        loop {
            match listener {
                Ok(listener) => {
                    let address =
                        listener.local_addr().map_or_else(|_| bind.to_string(), |at| at.to_string());
                    tracing::info!(at = %address, "metrics are told");
                    return self.accept(&listener).await;
                }
                Err(error) => {
                    let wait = outage.wait();
                    tracing::error!(
                        %error, again_in = ?wait,
                        "no metrics are told: METRICS_BIND for {} is {bind}; where several processes of one host share \
                         their environment, each needs its own, as in api=…,poller=…,importer=…",
                        self.process.name()
                    );
                    sleep(wait).await;
                }
            }
            listener = listen(bind).await;
        }
    }

    async fn accept(&self, listener: &TcpListener) {
        let mut outage = Backoff::new(LONGEST_WAIT);
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    outage.over();
                    self.answer(stream);
                }
                // Too many open files, for example.
                Err(error) => {
                    tracing::warn!(%error, "a connection for metrics was not taken");
                    sleep(outage.wait()).await;
                }
            }
        }
    }

    /// Answers one request.
    fn answer(&self, stream: TcpStream) {
        let Ok(place) = Arc::clone(&self.room).try_acquire_owned() else { return };
        let (handle, process) = (self.handle.clone(), self.process);
        let service = service_fn(move |request| respond(request, process, handle.clone()));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move {
            // Who is too slow, or gone, gets none.
            let _ = timeout(TIMEOUT, connection).await;
            drop(place);
        });
    }
}

async fn respond(
    request: Request<Incoming>,
    process: Monitored,
    handle: PrometheusHandle,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.uri().path() != "/metrics" {
        return Ok(plain(StatusCode::NOT_FOUND, "/metrics is all there is here\n"));
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "GET it\n");
        refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return Ok(refused);
    }
    let rendered = tokio::task::spawn_blocking(move || {
        metrics::gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION"), "process" => process.name())
            .set(1.0);
        pools::collect();
        metrics_process::Collector::default().collect();
        handle.render()
    });
    Ok(match rendered.await {
        Ok(text) => {
            let mut answer = Response::new(Full::from(text));
            answer.headers_mut().insert(CONTENT_TYPE, TEXT);
            answer
        }
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be read now\n"),
    })
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::from(text));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitoring::{METRICS, OUTBOX, OUTGOING_CALLS, OUTGOING_SECONDS};

    #[test]
    fn a_gauge_that_nobody_sets_any_more_goes_away_and_a_counter_stays() {
        let recorder = recorder(Duration::from_millis(50), &[METRICS]).unwrap();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            metrics::counter!(OUTGOING_CALLS, "server" => "gone", "result" => "success").increment(1);
            metrics::histogram!(OUTGOING_SECONDS, "server" => "gone").record(0.003);
            metrics::gauge!(OUTBOX, "server" => "gone").set(1.0);
            let first = handle.render();
            assert!(first.contains("scalelite_callbacks_pending{server=\"gone\"} 1"), "{first}");
            assert!(
                first.contains("scalelite_outgoing_call_seconds_bucket{server=\"gone\",le=\"0.005\"} 1"),
                "{first}"
            );
            let began = std::time::Instant::now();
            loop {
                metrics::gauge!(OUTBOX, "server" => "here").set(1.0);
                let text = handle.render();
                assert!(text.contains("scalelite_callbacks_pending{server=\"here\"} 1"), "{text}");
                assert!(
                    text.contains("scalelite_outgoing_calls_total{server=\"gone\",result=\"success\"} 1"),
                    "{text}"
                );
                if !text.contains("scalelite_callbacks_pending{server=\"gone\"}") {
                    break;
                }
                assert!(began.elapsed() < Duration::from_secs(10), "{text}");
            }
        });
    }
}
