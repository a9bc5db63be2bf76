//! Uploads that are cut off, and gone on with.

use std::fs;

use rand::RngExt;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::eventually;
use scalelite_system_tests::wire;
use tokio::io::AsyncWriteExt;

use super::sender::{Sender, offset};
use super::{QUICK, RECORD, SOON, in_spool, is_imported};
use crate::playback::given::Library;
use crate::recordings::tars;

const CUTS: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_off_ten_times_and_the_front_end_killed_it_arrives_once_and_whole() {
    let library = Library::start_with(Mode::Redis, 1, &QUICK).await;
    let mut random = rand::rng();
    let noise: String = (0..6_000_000).map(|_| char::from(random.random_range(b' '..=b'~'))).collect();
    let tar = fs::read(tars::pack(&library, RECORD, &[("noise", &noise)])).unwrap();
    let sender = Sender::new(&format!("{RECORD}.tar"), &tar, library.site.sim(0).secret());
    let mut api = library.api().await;
    let created = sender.create(&api).await;
    assert_eq!((created.status, offset(&created)), (201, Some(0)), "{created:?}");
    assert_eq!(created.header("location"), Some(sender.path().as_str()));

    let (mut at, mut sent) = (0, 0);
    for cut in 0..CUTS {
        let left = tar.len() - at;
        let most = random.random_range(1..=left / (CUTS - cut));
        let mut stream = wire::connect(api.base()).await;
        stream.write_all(sender.patch_head(at).as_bytes()).await.unwrap();
        stream.write_all(&tar[at..at + most]).await.unwrap();
        match cut % 3 {
            0 => drop(stream),
            1 => {
                // Killed when something of it has come.
                eventually("something arrives", SOON, async || {
                    (offset(&sender.head(&api).await)? > at || most < 2_000_000).then_some(())
                })
                .await;
                api.service.kill();
                api = library.api().await;
            }
            _ => {
                stream.shutdown().await.unwrap();
                drop(stream);
            }
        }
        // It is free again as soon as the front end sees that the client is gone.
        let told = eventually("the upload can be gone on with", SOON, async || {
            let told = sender.head(&api).await;
            let here = offset(&told)?;
            (sender.patch(&api, here, b"").await.status == 204).then_some(told)
        })
        .await;
        assert_eq!(told.header("upload-length"), Some(tar.len().to_string().as_str()));
        let now = offset(&told).unwrap();
        // What was sent before a cut may be read after it.
        sent = sent.max(at + most);
        assert!((at..=sent).contains(&now), "{at} {sent} {now}");
        at = now;
        assert_eq!(in_spool(&library).0, Vec::<String>::new(), "nothing before it is whole");
    }
    // Begun again, by a hook that knows nothing any more: it is where it was.
    let last = eventually("it is sent to its end", SOON, async || {
        let again = sender.create(&api).await;
        assert_eq!(again.status, 200, "{again:?}");
        let there = offset(&again).unwrap();
        assert!((at..=sent).contains(&there), "{at} {sent} {there}");
        Some(sender.patch(&api, there, &tar[there..]).await).filter(|answer| answer.status == 204)
    })
    .await;
    assert_eq!(offset(&last), Some(tar.len()));
    let name = format!("{RECORD}.tar");
    assert_eq!(in_spool(&library), (vec![name.clone()], vec![format!("{name}.json")]));
    assert_eq!(fs::read(library.site.dir().join("spool").join(&name)).unwrap(), tar);

    let mut importer = library.importer().await;
    is_imported(&library, &api, RECORD).await;
    importer.logged("imported").await;
    let noise_there = fs::read(library.published().join("video").join(RECORD).join("noise")).unwrap();
    assert!(noise_there == noise.as_bytes());

    // Whoever did not hear of it is told that it is done, and it does not come twice.
    let again = sender.create(&api).await;
    assert_eq!((again.status, offset(&again)), (200, Some(tar.len())));
    assert_eq!(offset(&sender.head(&api).await), Some(tar.len()));
    let late = sender.patch(&api, at, &tar[at..]).await;
    assert_eq!((late.status, offset(&late)), (409, Some(tar.len())));
    assert!(in_spool(&library).0.is_empty());
    assert_eq!(importer.log().matches("imported").count(), 1, "{}", importer.log());
    let audit = library.task(&["audit"]);
    assert!(audit.out.contains("server server-0") && audit.out.contains(&name), "{audit:?}");
}
