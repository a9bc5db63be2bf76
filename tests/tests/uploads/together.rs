//! Several requests and processes at once, and processes that end.

use std::fs;
use std::time::{Duration, Instant};

use scalelite_system_tests::site::Api;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::eventually;
use scalelite_system_tests::wire;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::sender::{Sender, offset};
use super::{QUICK, SOON, in_spool};
use crate::playback::given::Library;

/// A request that has sent so much, and stands still.
async fn stand_still(sender: &Sender, api: &Api, most: usize) -> TcpStream {
    let mut stream = wire::connect(api.base()).await;
    stream.write_all(sender.patch_head(0).as_bytes()).await.unwrap();
    stream.write_all(&sender.content[..most]).await.unwrap();
    eventually("it is received", SOON, async || offset(&sender.head(api).await).filter(|there| *there > 0))
        .await;
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_front_ends_on_one_spool_do_not_mix_up_an_upload() {
    let library = Library::start_with(Mode::Redis, 1, &QUICK).await;
    let (one, other) = (library.api().await, library.api().await);
    let content: Vec<u8> = (0..4_000_000_u32).map(|n| n.to_le_bytes()[n as usize % 4]).collect();
    let sender = Sender::new("r-1.tar", &content, library.site.sim(0).secret());
    assert_eq!(sender.create(&one).await.status, 201);
    let standing = stand_still(&sender, &one, 3_000_000).await;
    let there = offset(&sender.head(&other).await).unwrap();
    for api in [&one, &other] {
        let busy = sender.patch(api, there, &content[there..]).await;
        assert_eq!((busy.status, busy.header("retry-after")), (423, Some("5")), "{busy:?}");
        assert_eq!(sender.delete(api).await.status, 423);
        let anew = Sender::new("r-1.tar", b"the new one", &sender.secret);
        assert_eq!(anew.create(api).await.status, 423, "it is not taken away from whoever uploads it");
    }
    drop(standing);
    // From one front end to the other, as a balancer sends it.
    let mut at = eventually("it is free", SOON, async || {
        let there = offset(&sender.head(&other).await)?;
        (sender.patch(&other, there, b"").await.status == 204).then_some(there)
    })
    .await;
    assert!(at >= there, "{at} {there}");
    for (turn, api) in [&one, &other, &one].into_iter().enumerate() {
        let to = if turn == 2 { content.len() } else { at + 100_000 };
        let answer = sender.patch(api, at, &content[at..to]).await;
        assert_eq!((answer.status, offset(&answer)), (204, Some(to)));
        at = to;
    }
    assert_eq!(fs::read(library.site.dir().join("spool/r-1.tar")).unwrap(), content);

    // Both at the same moment: one of them wins, again and again.
    for round in 0..10 {
        let sender = Sender::new(&format!("s-{round}.tar"), &content[..200_000], &sender.secret);
        let created = tokio::join!(sender.create(&one), sender.create(&other));
        assert!([200, 201, 423].contains(&created.0.status) && [200, 201, 423].contains(&created.1.status));
        let sent =
            tokio::join!(sender.patch(&one, 0, &sender.content), sender.patch(&other, 0, &sender.content));
        let mut statuses = [sent.0.status, sent.1.status];
        statuses.sort_unstable();
        assert!(statuses[0] == 204 && [409, 423].contains(&statuses[1]), "{statuses:?}");
        let arrived = fs::read(library.site.dir().join("spool").join(&sender.name)).unwrap();
        assert!(arrived == sender.content);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_are_only_so_many_at_once_and_none_holds_up_the_end() {
    let library = Library::start_with(Mode::Embedded, 1, &QUICK).await;
    let mut api = library.api_with(&[("RECORDING_UPLOAD_CONCURRENCY", "1")]).await;
    let sender = Sender::new("r-1.tar", &vec![1; 3_000_000], library.site.sim(0).secret());
    let second = Sender::new("r-2.tar", b"content", &sender.secret);
    assert_eq!(sender.create(&api).await.status, 201);
    assert_eq!(second.create(&api).await.status, 201);
    let mut standing = stand_still(&sender, &api, 2_500_000).await;
    let before = offset(&sender.head(&api).await).unwrap();
    let busy = second.patch(&api, 0, b"content").await;
    assert_eq!((busy.status, busy.header("retry-after")), (503, Some("5")), "{busy:?}");

    let begun = Instant::now();
    api.service.signal("TERM");
    let mut told = Vec::new();
    standing.read_to_end(&mut told).await.unwrap();
    let told = String::from_utf8_lossy(&told);
    assert!(wire::status(&told) == Some(503) && told.contains("restarted"), "{told}");
    assert!(api.service.exit(SOON).await.success());
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());

    // What had come is there.
    let api = library.api().await;
    let there = offset(&sender.head(&api).await).unwrap();
    assert!((before..=2_500_000).contains(&there), "{before} {there}");
    assert_eq!(sender.patch(&api, there, &sender.content[there..]).await.status, 204);
    assert_eq!(second.patch(&api, 0, b"content").await.status, 204);
    assert_eq!(in_spool(&library).0, ["r-1.tar", "r-2.tar"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_one_takes_no_more_memory_than_a_small_one() {
    const SIZE: usize = 48 << 20;
    let library = Library::start_with(Mode::Embedded, 1, &QUICK).await;
    let api = library.api().await;
    let small = Sender::new("small.tar", &vec![1; 4 << 20], library.site.sim(0).secret());
    assert_eq!(small.create(&api).await.status, 201);
    assert_eq!(small.patch(&api, 0, &small.content).await.status, 204);
    let before = api.service.peak_memory_mib();
    let large = Sender::new("large.tar", &vec![1; SIZE], &small.secret);
    assert_eq!(large.create(&api).await.status, 201);
    assert_eq!(large.patch(&api, 0, &large.content[..SIZE / 2]).await.status, 204);
    assert_eq!(large.patch(&api, SIZE / 2, &large.content[SIZE / 2..]).await.status, 204);
    let after = api.service.peak_memory_mib();
    assert!(after < before + 16, "{before} MiB, then {after} MiB");
    assert_eq!(in_spool(&library).0, ["large.tar", "small.tar"]);
}
