//! nginx as `nginx/start` starts it: every variant, renewed certificates, front ends that move.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use scalelite_system_tests::answer::Answer;
use scalelite_system_tests::curl::{Certificate, Curl};
use scalelite_system_tests::wait::{becomes, eventually};
use scalelite_testbed::nginx::{Nginx, Site};
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(20);
const HOST: &str = "bbb.test";

/// What there is around nginx.
struct Given {
    dir: TempDir,
    certificate: Certificate,
    api: String,
}

impl Given {
    fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("scalelite-front-").tempdir().unwrap();
        let certificate = Certificate::make(dir.path(), HOST);
        fs::create_dir_all(dir.path().join("playback/presentation/2.3")).unwrap();
        fs::write(dir.path().join("playback/presentation/2.3/index.html"), "the player").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let api = listener.local_addr().unwrap().to_string();
        answer_with("one", listener);
        Self { dir, certificate, api }
    }

    fn nginx(&self, variables: &[(&str, &str)]) -> Nginx {
        self.try_nginx(variables).unwrap_or_else(|log| panic!("nginx does not start: {log}"))
    }

    fn try_nginx(&self, variables: &[(&str, &str)]) -> Result<Nginx, String> {
        let (file, key) = (self.certificate.file(), self.certificate.key());
        let mut all = vec![
            ("SSL_CERTIFICATE", file.to_str().unwrap()),
            ("SSL_CERTIFICATE_KEY", key.to_str().unwrap()),
            ("NGINX_LOOKUP_INTERVAL", "1"),
        ];
        all.extend_from_slice(variables);
        let playback = self.dir.path().join("playback");
        Nginx::try_start(Site {
            api: &self.api,
            published: self.dir.path(),
            playback: &playback,
            variables: &all,
        })
    }

    fn https(&self, nginx: &Nginx) -> Curl {
        Curl::https(&self.certificate, &nginx.tls_address())
    }
}

/// A front end that tells who it is and what it was told, until the test's process ends.
fn answer_with(name: &'static str, listener: TcpListener) {
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            std::thread::spawn(move || {
                let mut request = vec![0; 65536];
                let read = stream.read(&mut request).unwrap_or(0);
                let body = format!("{name}\n{}", String::from_utf8_lossy(&request[..read]));
                let head =
                    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                let _ = stream.write_all(format!("{head}{body}").as_bytes());
            });
        }
    });
}

#[track_caller]
fn assert_passed(answer: &Answer, scheme: &str) {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.body.contains(&format!("X-Forwarded-Proto: {scheme}\r\n")), "{answer:?}");
}

#[tokio::test]
async fn http() {
    let given = Given::new();
    let nginx =
        given.nginx(&[("NGINX_SSL", "yes"), ("NGINX_BEHIND_PROXY", "1"), ("NGINX_RECORDINGS_ONLY", "TRUE")]);
    let web = Curl::http(&nginx.base()).with(&["-H", "X-Forwarded-Proto: forged"]);
    let asked = web.get("/bigbluebutton/api/create?name=a%20b&password=secret");
    assert_passed(&asked, "http");
    assert!(
        asked.body.contains("GET /bigbluebutton/api/create?name=a%20b&password=secret HTTP/1.1"),
        "{asked:?}"
    );
    assert!(given.https(&nginx).try_get("/").is_err(), "only `true` is true");
    eventually("it is logged", SOON, async || nginx.access_log().contains("/api/create").then_some(())).await;
    assert!(!nginx.access_log().contains("secret"), "{}", nginx.access_log());
}

#[tokio::test]
async fn https() {
    let given = Given::new();
    let nginx = given.nginx(&[("NGINX_SSL", "true"), ("NGINX_RELOAD_INTERVAL", "1")]);
    let web = given.https(&nginx);
    let asked = web.get("/bigbluebutton/api/");
    assert_passed(&asked, "https");
    assert_eq!(asked.header("strict-transport-security"), None);
    let plain = Curl::http(&nginx.base()).with(&["-H", "Host: bbb.test"]).get("/a?b=c");
    assert_eq!((plain.status, plain.header("location")), (301, Some("https://bbb.test/a?b=c")));
    for (version, works) in [("1.1", false), ("1.2", true), ("1.3", true)] {
        let limited =
            web.with(&[&format!("--tlsv{version}"), "--tls-max", version, "--ciphers", "DEFAULT@SECLEVEL=0"]);
        assert_eq!(limited.try_get("/").is_ok(), works, "TLS {version}");
    }

    // The certificate is renewed, and taken up by itself.
    given.certificate.renew();
    eventually("the new certificate", SOON, async || web.try_get("/").is_ok().then_some(())).await;
    // One that cannot be used is not.
    let good = fs::read(given.certificate.file()).unwrap();
    fs::write(given.certificate.file(), "none").unwrap();
    eventually("it complains", SOON, async || nginx.log().contains("not reloaded").then_some(())).await;
    fs::write(given.certificate.file(), good).unwrap();
    assert_passed(&web.get("/"), "https");
    drop(nginx);

    let nginx = given.nginx(&[("NGINX_SSL", "true"), ("NGINX_HSTS_MAX_AGE", "600")]);
    let asked = given.https(&nginx).get("/");
    assert_eq!(asked.header("strict-transport-security"), Some("max-age=600"));
    // On demand, too.
    given.certificate.renew();
    assert!(given.https(&nginx).try_get("/").is_err());
    nginx.signal("HUP");
    eventually("the new one", SOON, async || given.https(&nginx).try_get("/").is_ok().then_some(())).await;
}

#[tokio::test]
async fn behind_a_proxy() {
    let given = Given::new();
    for variables in
        [[("NGINX_BEHIND_PROXY", "true"), ("NGINX_SSL", "true")], [("BEHIND_PROXY", "1"), ("X", "")]]
    {
        let nginx = given.nginx(&variables);
        let web = Curl::http(&nginx.base()).with(&["-H", "X-Forwarded-Proto: https"]);
        assert_passed(&web.get("/"), "https");
        assert!(given.https(&nginx).try_get("/").is_err(), "the proxy ends TLS");
    }
}

#[tokio::test]
async fn recordings_only() {
    let given = Given::new();
    for (ssl, proxy, scheme) in
        [("false", "false", "http"), ("true", "false", "http"), ("true", "true", "https")]
    {
        let nginx = given.nginx(&[
            ("NGINX_RECORDINGS_ONLY", "true"),
            ("NGINX_SSL", ssl),
            ("NGINX_BEHIND_PROXY", proxy),
            ("RECORDING_PLAYBACK_FORMATS", "presentation:video:extra"),
        ]);
        let web = Curl::http(&nginx.base()).with(&["-H", "X-Forwarded-Proto: https"]);
        assert_eq!(web.get("/playback/presentation/2.3/r-1").body, "the player");
        for path in ["/video/r-1/", "/extra/r-1/", "/recording/r-1/video?token=a"] {
            assert_passed(&web.get(path), scheme);
        }
        for path in [
            "/bigbluebutton/api/",
            "/",
            "/scalelite/api/getServers",
            "/fsapi",
            "/podcast/r-1/",
            "/health_check",
        ] {
            assert_eq!(web.get(path).status, 404, "{path}");
        }
        let tls = given.https(&nginx).try_get("/playback/presentation/2.3/r-1");
        assert_eq!(tls.is_ok(), ssl == "true", "{tls:?}");
    }
    // As in the original, this needs no certificate.
    fs::remove_file(given.certificate.file()).unwrap();
    let nginx = given.nginx(&[("NGINX_RECORDINGS_ONLY", "true"), ("NGINX_SSL", "true")]);
    assert_eq!(Curl::http(&nginx.base()).get("/playback/presentation/2.3/r-1").body, "the player");
}

#[tokio::test]
async fn links_of_older_versions() {
    let given = Given::new();
    let nginx = given.nginx(&[]);
    let web = Curl::http(&nginx.base());
    for (path, target) in [
        (
            "/playback/presentation/playback.html?meetingId=a",
            "/playback/presentation/0.81/playback.html?meetingId=a",
        ),
        ("/playback/presentation/2.0/playback.html?meetingId=a", "/playback/presentation/2.3/a?meetingId=a"),
        ("/playback/video/a/", "/video/a/"),
        ("/playback/video/a%20b/?c", "/video/a%20b/?c"),
        ("/recording/screenshare/a/?b=c", "/screenshare/a/?b=c"),
    ] {
        let asked = web.get(path);
        assert!(matches!(asked.status, 301 | 302), "{path}: {asked:?}");
        assert_eq!(asked.header("location"), Some(target), "{path}");
    }
}

#[tokio::test]
async fn the_api_may_come_later_and_move() {
    let mut given = Given::new();
    let port = given.api.rsplit_once(':').unwrap().1.to_owned();
    answer_with("two", TcpListener::bind(format!("127.0.0.2:{port}")).unwrap());
    // The names that this machine knows are not ours to change.
    let (names, bin) = (given.dir.path().join("names"), given.dir.path().join("bin"));
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("getent"), format!("#!/bin/sh\ncat {}\n", names.display())).unwrap();
    fs::set_permissions(bin.join("getent"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", bin.display());
    let say = |addresses: &str| write_whole(&names, addresses);
    say("");
    given.api = "scalelite-api".to_owned();
    let nginx = given.nginx(&[("PATH", &path), ("SCALELITE_API_PORT", &port)]);
    let web = Curl::http(&nginx.base());
    assert_eq!(web.get("/").status, 502);
    let who = |web: &Curl| {
        web.try_get("/").ok().map(|asked| asked.body.lines().next().unwrap_or_default().to_owned())
    };
    for (addresses, expected) in
        [("127.0.0.1 STREAM api\n", "one"), ("127.0.0.2 STREAM api\n", "two"), ("", "two")]
    {
        say(addresses);
        becomes("who answers", SOON, Some(expected.to_owned()), async || who(&web)).await;
    }
    // One of two is away: the other one answers.
    say("127.0.0.3 STREAM api\n127.0.0.1 STREAM api\n");
    becomes("who answers", SOON, Some("one".to_owned()), async || who(&web)).await;
    for _ in 0..20 {
        assert_eq!(who(&web).as_deref(), Some("one"));
    }
}

#[tokio::test]
async fn it_ends_when_it_is_told_to() {
    let given = Given::new();
    for signal in ["TERM", "QUIT", "INT"] {
        let mut nginx = given.nginx(&[]);
        nginx.signal(signal);
        assert!(nginx.wait().success(), "{signal}: {}", nginx.log());
    }
}

#[tokio::test]
async fn bad_values_are_told() {
    let given = Given::new();
    for (name, value) in [
        ("SCALELITE_API_PORT", "x"),
        ("SCALELITE_API_HOSTS", "a;b"),
        ("NGINX_RELOAD_INTERVAL", "0"),
        ("RECORDING_PLAYBACK_FORMATS", "a;}"),
        ("SSL_CERTIFICATE", "/none"),
    ] {
        let log = given.try_nginx(&[("NGINX_SSL", "true"), (name, value)]).expect_err(name);
        assert!(log.contains("ERROR: ") && log.contains(value), "{name}: {log}");
    }
}

/// A reader sees the old or the new content, never a part.
fn write_whole(path: &Path, content: &str) {
    let new = path.with_extension("new");
    fs::write(&new, content).unwrap();
    fs::rename(new, path).unwrap();
}
