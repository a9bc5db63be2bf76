//! What runs on a BigBlueButton server: the hook, the timer's service and the batch, in a real Ruby.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::Ordering;

use scalelite_system_tests::curl::Certificate;
use scalelite_system_tests::site::Api;
use scalelite_system_tests::store::Mode;
use scalelite_testbed::nginx::{self, Nginx};

use super::{QUICK, RECORD, in_spool, is_imported, names, proxy};
use crate::playback::given::Library;
use crate::recordings::tars;

const OTHER: &str = "b1d40231a2b0b82e1f2d6a4b9c9e9b1d2f3a4b5c-1504122319985";

/// A BigBlueButton server with what is installed there.
struct Server {
    root: PathBuf,
}

#[derive(Debug)]
struct Ran {
    ok: bool,
    told: String,
}

impl Server {
    /// One that has published a recording.
    fn new(library: &Library) -> Self {
        let root = library.site.dir().join("bbb");
        let installed =
            Command::new("sh").arg(repository().join("install.sh")).env("DESTDIR", &root).status();
        assert!(installed.unwrap().success());
        let server = Self { root };
        server.publish(library, RECORD);
        server
    }

    fn publish(&self, library: &Library, record_id: &str) {
        let noise = "noise ".repeat(100_000);
        let published = tars::publish_on_server(library, record_id, &[("noise", &noise)]);
        let status = self.root.join("recording/status/published");
        fs::create_dir_all(&status).unwrap();
        for format in ["presentation", "video"] {
            let here = self.root.join("published").join(format);
            fs::create_dir_all(&here).unwrap();
            fs::rename(published.join(format).join(record_id), here.join(record_id)).unwrap();
            fs::write(status.join(format!("{record_id}-{format}.done")), "").unwrap();
        }
    }

    /// Its settings: where everything is here, and these lines.
    fn set(&self, lines: &str) {
        let root = self.root.display();
        let settings = format!(
            "work_dir: {root}/work\npublished_dir: {root}/published\nunpublished_dir: {root}/unpublished\n\
             recording_dir: {root}/recording\nbbb_properties: {root}/bbb-web.properties\n{lines}\n"
        );
        fs::write(self.root.join("etc/bigbluebutton/scalelite.yml"), settings).unwrap();
    }

    fn set_upload(&self, base: &str, secret: &str) {
        fs::write(self.root.join("bbb-web.properties"), format!("a=b\nsecuritySalt={secret}\n")).unwrap();
        self.set(&format!("upload_url: {base}\nupload_piece_bytes: 500000"));
    }

    fn run(&self, script: &str, arguments: &[&str]) -> Ran {
        let ran = Command::new("ruby")
            .args(["-w", "-I"])
            .arg(self.root.join("usr/local/lib/scalelite"))
            .arg(self.root.join(script))
            .args(arguments)
            .env("SCALELITE_SETTINGS", self.root.join("etc/bigbluebutton/scalelite.yml"))
            .output()
            .expect("Ruby is installed (apt install ruby)");
        let told =
            [ran.stdout, ran.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(!told.contains("warning:"), "{told}");
        Ran { ok: ran.status.success(), told }
    }

    fn hook(&self, format: &str) -> Ran {
        let script = "usr/local/bigbluebutton/core/scripts/post_publish/post_publish_scalelite.rb";
        self.run(script, &["-m", RECORD, "-f", format])
    }

    fn transfer(&self) -> Ran {
        self.run("usr/local/bin/scalelite_transfer", &["--now"])
    }

    fn batch(&self, arguments: &[&str]) -> Ran {
        self.run("usr/local/bin/scalelite_batch_transfer", arguments)
    }

    /// The tars that wait to be sent.
    fn waiting(&self) -> Vec<String> {
        let mut waiting = names(&self.root.join("work/outbox"));
        waiting.retain(|name| !name.starts_with('.'));
        waiting
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../bigbluebutton")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_published_is_uploaded_and_imported() {
    let library = Library::start_with(Mode::Redis, 1, &QUICK).await;
    let api = library.api().await;
    let server = Server::new(&library);
    server.set_upload(api.base(), library.site.sim(0).secret());
    let _importer = library.importer().await;
    let ran = server.hook("presentation");
    assert!(ran.ok && ran.told.contains("sent"), "{ran:?}");
    assert_eq!(server.waiting(), Vec::<String>::new());
    is_imported(&library, &api, RECORD).await;
    let formats = async |api: &Api| api.call("getRecordings", &[("recordID", RECORD)]).await.fields("type");
    assert_eq!(formats(&api).await, ["presentation"]);
    assert!(server.hook("video").ok);
    super::eventually("both formats are there", super::SOON, async || {
        (formats(&api).await == ["presentation", "video"]).then_some(())
    })
    .await;
    // BigBlueButton may run it again.
    let again = server.hook("video");
    assert!(again.ok && again.told.contains("sent"), "{again:?}");
    assert!(in_spool(&library).0.is_empty());
    // What is not there, is not sent; what cannot be a recording, neither.
    assert!(server.hook("podcast").told.contains("nothing of it is published"));
    assert!(!server.hook("../x").ok);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_sent_stays_and_is_sent_later() {
    let library = Library::start_with(Mode::Redis, 1, &QUICK).await;
    let mut api = library.api().await;
    let server = Server::new(&library);
    let secret = library.site.sim(0).secret();
    server.set_upload(api.base(), secret);
    let (video, tars) = (format!("{RECORD}-video.tar"), || in_spool(&library).0);
    api.service.kill();
    let down = server.hook("video");
    assert!(down.ok && down.told.contains("stays in the outbox"), "{down:?}");
    assert_eq!((server.waiting(), tars()), (vec![video.clone()], vec![]));
    // The timer's service waits a while before it tries again, …
    let early = server.run("usr/local/bin/scalelite_transfer", &[]);
    assert!(early.ok && early.told.is_empty(), "{early:?}");

    // … with a wrong secret it is told so, …
    let api = library.api().await;
    server.set_upload(api.base(), "wrong");
    let wrong = server.transfer();
    assert!(!wrong.ok && wrong.told.contains("401 No server has signed this"), "{wrong:?}");
    server.set("upload_url: https://127.0.0.1:1\nbbb_properties: /nowhere");
    assert!(server.transfer().told.contains("expected securitySalt in /nowhere"));
    assert_eq!((server.waiting(), tars()), (vec![video.clone()], vec![]));

    // … and then it goes.
    server.set_upload(api.base(), secret);
    let sent = server.transfer();
    assert!(sent.ok && sent.told.contains("sent"), "{sent:?}");
    assert_eq!((server.waiting(), tars()), (vec![], vec![video]));
    let _importer = library.importer().await;
    is_imported(&library, &api, RECORD).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn through_a_shared_directory_and_with_rsync() {
    let library = Library::start_with(Mode::Embedded, 0, &QUICK).await;
    let server = Server::new(&library);
    let spool = library.site.dir().join("spool");
    let shown = spool.display();
    for (format, lines) in [
        ("presentation", format!("spool_dir: {shown}")),
        ("video", format!("spool_dir: {shown}\ntransfer: rsync\nextra_rsync_opts: ['--bwlimit=100m']")),
    ] {
        let name = format!("{RECORD}-{format}.tar");
        server.set(&lines);
        // A spool that is not mounted is not made.
        server.set(&lines.replace("/spool", "/nowhere/spool"));
        assert!(server.hook(format).told.contains("stays in the outbox"));
        assert_eq!(server.waiting(), std::slice::from_ref(&name));
        fs::create_dir_all(&spool).unwrap();
        server.set(&lines);
        let sent = server.transfer();
        assert!(sent.ok, "{sent:?}");
        assert_eq!(server.waiting(), Vec::<String>::new());
        assert!(names(&spool).contains(&name));
    }
    assert_eq!(names(&spool).len(), 2, "nothing else is left there: {:?}", names(&spool));
    let api = library.api().await;
    let _importer = library.importer().await;
    is_imported(&library, &api, RECORD).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_is_there_is_sent_once() {
    let library = Library::start_with(Mode::Embedded, 1, &QUICK).await;
    let api = library.api().await;
    let server = Server::new(&library);
    server.publish(&library, OTHER);
    server.set_upload(api.base(), library.site.sim(0).secret());
    let both = [format!("{RECORD}.tar"), format!("{OTHER}.tar")];
    let sent = server.batch(&[]);
    assert!(sent.ok && sent.told.contains("2 of 2"), "{sent:?}");
    assert_eq!(in_spool(&library).0, both);
    both.iter().for_each(|name| fs::remove_file(library.site.dir().join("spool").join(name)).unwrap());
    assert!(server.batch(&[]).ok);
    assert!(in_spool(&library).0.is_empty(), "it remembers");
    // Unless it is wanted again, though Scalelite has had it.
    assert!(server.batch(&["--again", OTHER]).ok);
    assert_eq!(in_spool(&library).0, both[1..]);
    let _importer = library.importer().await;
    is_imported(&library, &api, OTHER).await;
    assert_eq!(api.call("getRecordings", &[("recordID", OTHER)]).await.fields("type").len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_is_cut_off_is_gone_on_with() {
    let library = Library::start_with(Mode::Embedded, 1, &QUICK).await;
    let api = library.api().await;
    let server = Server::new(&library);
    let secret = library.site.sim(0).secret();
    let (between, cut) = proxy::cutting(api.base(), 3, 200_000).await;
    server.set_upload(&between, secret);
    let ran = server.hook("video");
    assert!(ran.ok && ran.told.contains("sent"), "{ran:?}");
    assert_eq!(cut.load(Ordering::SeqCst), 3);
    assert_eq!(ran.told.matches("going on").count(), 3, "{ran:?}");
    assert_eq!(in_spool(&library).0, [format!("{RECORD}-video.tar")]);
    assert_eq!(server.waiting(), Vec::<String>::new());
    let _importer = library.importer().await;
    is_imported(&library, &api, RECORD).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_https_to_whom_can_be_trusted() {
    let library = Library::start_with(Mode::Embedded, 1, &QUICK).await;
    let api = library.api().await;
    let server = Server::new(&library);
    let certificate = Certificate::make(library.site.dir(), "localhost");
    let ca = certificate.file().display().to_string();
    let nginx = Nginx::start(nginx::Site {
        api: api.base().strip_prefix("http://").unwrap(),
        published: library.site.dir(),
        playback: library.site.dir(),
        variables: &[
            ("NGINX_SSL", "true"),
            ("SSL_CERTIFICATE", &ca),
            ("SSL_CERTIFICATE_KEY", &certificate.key().display().to_string()),
        ],
    });
    let base = nginx.tls_address().replace("127.0.0.1", "https://localhost");
    server.set_upload(&base, library.site.sim(0).secret());
    let unknown = server.hook("video");
    assert!(unknown.told.contains("certificate verify failed"), "{unknown:?}");
    assert_eq!(in_spool(&library), (vec![], vec![]));
    server.set(&format!("upload_url: {base}/\nupload_ca_file: {ca}"));
    let sent = server.transfer();
    assert!(sent.ok, "{sent:?}");
    assert_eq!(in_spool(&library).0, [format!("{RECORD}-video.tar")]);
}
