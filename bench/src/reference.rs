//! The reference points: what the same work costs without a load balancer around it.
//!
//! * A, `/plain`: a bare handler that answers as many bytes as the top-level call.
//! * B, `/redis`: A plus one `EVALSHA` that reads two records and counts, as a `join` must.
//! * C, `/proxy/NAME`: B plus a bare pass-through to the simulator over kept-alive connections.

use std::collections::HashMap;
use std::path::Path;
use std::sync::OnceLock;

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Context;
use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use tokio::sync::OnceCell;

const SCRIPT: &str = "
    local meeting = redis.call('HMGET', KEYS[1], 'server_id', 'moderator_pw', 'voice_bridge', 'tenant_id')
    local server = redis.call('HMGET', KEYS[2], 'url', 'secret', 'tag', 'online', 'load_multiplier', 'state')
    redis.call('ZADD', KEYS[3], 'XX', 'INCR', 1, 'bench-a')
    return { meeting[1], meeting[2], server[1], server[2] }";

/// What a worker keeps for itself: nothing crosses threads.
struct Worker {
    redis: redis::Client,
    connection: OnceCell<MultiplexedConnection>,
    http: OnceLock<reqwest::Client>,
    script: redis::Script,
}

struct Shared {
    body: Bytes,
    upstream: HashMap<String, String>,
}

pub(crate) async fn serve(redis: &Path, bytes: usize, upstream: &[String]) -> anyhow::Result<()> {
    let upstream = upstream
        .iter()
        .map(|pair| pair.split_once('=').map(|(n, u)| (n.to_owned(), u.to_owned())).context("name=url"))
        .collect::<anyhow::Result<_>>()?;
    let shared = web::Data::new(Shared { body: Bytes::from(vec![b'x'; bytes]), upstream });
    let client = redis::Client::open(format!("unix://{}", redis.display()))?;
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    eprintln!("listening address=http://{}", listener.local_addr()?);
    HttpServer::new(move || {
        let worker = Worker {
            redis: client.clone(),
            connection: OnceCell::new(),
            http: OnceLock::new(),
            script: redis::Script::new(SCRIPT),
        };
        App::new()
            .app_data(shared.clone())
            .app_data(web::Data::new(worker))
            .route("/plain", web::get().to(plain))
            .route("/redis", web::get().to(counted))
            .route("/proxy/{name}", web::get().to(proxied))
    })
    .workers(2)
    .backlog(4096)
    .listen(listener)?
    .run()
    .await?;
    Ok(())
}

async fn plain(shared: web::Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/xml; charset=utf-8").body(shared.body.clone())
}

async fn counted(
    shared: web::Data<Shared>,
    worker: web::Data<Worker>,
) -> Result<HttpResponse, actix_web::Error> {
    worker.count().await?;
    Ok(plain(shared).await)
}

async fn proxied(
    shared: web::Data<Shared>,
    worker: web::Data<Worker>,
    name: web::Path<String>,
) -> Result<HttpResponse, actix_web::Error> {
    worker.count().await?;
    let url =
        shared.upstream.get(name.as_str()).ok_or_else(|| actix_web::error::ErrorNotFound("no such name"))?;
    let http = worker.http.get_or_init(reqwest::Client::new);
    let answer = http.get(url).send().await.map_err(actix_web::error::ErrorBadGateway)?;
    let body = answer.bytes().await.map_err(actix_web::error::ErrorBadGateway)?;
    Ok(HttpResponse::Ok().content_type("application/xml; charset=utf-8").body(body))
}

impl Worker {
    async fn count(&self) -> Result<(), actix_web::Error> {
        let failed = actix_web::error::ErrorInternalServerError::<redis::RedisError>;
        let connect = || self.redis.get_multiplexed_async_connection();
        let mut connection = self.connection.get_or_try_init(connect).await.map_err(failed)?.clone();
        let mut call = self.script.key("scalelite:meeting:bench");
        call.key("scalelite:server:bench-a").key("scalelite:server_load");
        call.invoke_async::<redis::Value>(&mut connection).await.map_err(failed)?;
        Ok(())
    }
}
