//! What is between a server and Scalelite: something that cuts connections off.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

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
