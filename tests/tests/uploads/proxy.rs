//! What is between a server and Scalelite: something that cuts connections off, and something that ends TLS.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use scalelite_system_tests::wait::eventually;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::SOON;

/// Passes connections on, and cuts the first ones off when so many bytes of the client's have gone through. It ends
/// with the test. Gives where it is, and how many it has cut off.
pub(crate) async fn cutting(base: &str, first: usize, after: usize) -> (String, Arc<AtomicUsize>) {
    let to = base.strip_prefix("http://").unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = format!("http://{}", listener.local_addr().unwrap());
    let cut = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&cut);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (server, count) = (TcpStream::connect(&to).await.unwrap(), Arc::clone(&count));
            let most = if count.load(Ordering::SeqCst) < first { after as u64 } else { u64::MAX };
            tokio::spawn(async move {
                let (from_client, mut to_client) = client.into_split();
                let (mut from_server, mut to_server) = server.into_split();
                let back =
                    tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
                let there = tokio::io::copy(&mut from_client.take(most), &mut to_server).await;
                if there.is_ok_and(|there| there == most) {
                    count.fetch_add(1, Ordering::SeqCst);
                    back.abort();
                }
                let _ = to_server.shutdown().await;
            });
        }
    });
    (here, cut)
}

/// An nginx that ends TLS. It ends with its handle.
pub(crate) struct Tls {
    child: Child,
    /// Where it is.
    pub(crate) base: String,
    /// Who has signed its certificate.
    pub(crate) ca: PathBuf,
}

impl Tls {
    pub(crate) async fn start(dir: &Path, to: &str) -> Self {
        let at = |name: &str| dir.join(name).display().to_string();
        let (key, ca) = (at("tls.key"), at("tls.pem"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
            .args([
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-days",
                "2",
            ])
            .args(["-keyout", &key, "-out", &ca])
            .stderr(Stdio::null())
            .status();
        assert!(made.expect("openssl is installed").success());
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let here = dir.display();
        let configuration = format!(
            "daemon off; worker_processes 1; pid {here}/nginx.pid; error_log {here}/nginx.log;
             events {{ worker_connections 64; }}
             http {{ access_log off; client_body_temp_path {here}/body; proxy_temp_path {here}/proxy;
               fastcgi_temp_path {here}/fastcgi; uwsgi_temp_path {here}/uwsgi; scgi_temp_path {here}/scgi;
               server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {ca}; ssl_certificate_key {key};
                 location /scalelite/spool/ {{ client_max_body_size 0; proxy_request_buffering off;
                   proxy_http_version 1.1; proxy_pass {to}; }} }} }}"
        );
        std::fs::write(dir.join("nginx.conf"), configuration).unwrap();
        let child = Command::new("nginx").arg("-c").arg(dir.join("nginx.conf")).stderr(Stdio::null()).spawn();
        let tls = Self {
            child: child.expect("nginx is installed"),
            base: format!("https://localhost:{port}"),
            ca: ca.into(),
        };
        eventually("nginx answers", SOON, async || TcpStream::connect(("127.0.0.1", port)).await.ok()).await;
        tls
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        // Its workers end with it, which SIGKILL would not see to.
        let _ = Command::new("sh").args(["-c", "kill -s TERM \"$0\"", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}
