//! An nginx of one's own, with the configuration that operators install.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(10);
/// Another process may take a free port before nginx does.
const TRIES: usize = 10;

/// What the configuration is filled in with.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// Which server, such as `scalelite.conf`.
    pub server: &'a str,
    /// Host and port of the front end.
    pub api: &'a str,
    /// `RECORDING_PUBLISH_DIR`.
    pub published: &'a Path,
    /// The playback pages.
    pub playback: &'a Path,
}

/// A running nginx. It ends with its handle.
#[derive(Debug)]
pub struct Nginx {
    child: Child,
    port: u16,
    dir: TempDir,
}

impl Nginx {
    /// Starts it with the configuration in `nginx/` of this repository.
    #[must_use]
    pub fn start(site: Site<'_>) -> Self {
        let mut last = String::new();
        for _ in 0..TRIES {
            match Self::try_start(site) {
                Ok(nginx) => return nginx,
                Err(log) => last = log,
            }
        }
        panic!("nginx does not start: {last}");
    }

    fn try_start(site: Site<'_>) -> Result<Self, String> {
        let dir =
            tempfile::Builder::new().prefix("scalelite-nginx-").tempdir().expect("a temporary directory");
        let port = free_port();
        write_configuration(dir.path(), port, site);
        let conf = dir.path().join("nginx.conf");
        let mut command = Command::new("nginx");
        command.arg("-p").arg(dir.path()).arg("-e").arg(dir.path().join("error.log")).arg("-c").arg(&conf);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut nginx = Self { child: child.expect("nginx is installed (apt install nginx)"), port, dir };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if nginx.child.try_wait().expect("a child can be waited for").is_some() {
                return Err(nginx.log());
            }
            assert!(begun.elapsed() < LIMIT, "nginx does not answer: {}", nginx.log());
            pause();
        }
        Ok(nginx)
    }

    /// Where it answers, such as `http://127.0.0.1:8080`.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it complains about.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("error.log")).unwrap_or_default()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers end with it, which SIGKILL would not see to.
        let _ = Command::new("sh").args(["-c", "kill -s TERM \"$0\"", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- nginx ---\n{}", self.log());
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address").port()
}

/// `nginx.conf` around the files of this repository, with their variables filled in as `envsubst` does.
fn write_configuration(dir: &Path, port: u16, site: Site<'_>) {
    let (published, playback) = (site.published.display().to_string(), site.playback.display().to_string());
    let (place, listen) = (dir.display().to_string(), format!("127.0.0.1:{port}"));
    let filled = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nginx").join(format!("{name}.template"));
        let template = fs::read_to_string(&path).expect("nginx/ has the template");
        let variables = [
            ("NGINX_DIR", place.as_str()),
            ("API_ADDRESS", site.api),
            ("HTTP_LISTEN", &listen),
            ("PUBLISH_DIR", &published),
            ("PLAYBACK_DIR", &playback),
        ];
        let filled = variables
            .iter()
            .fold(template, |text, (name, value)| text.replace(&format!("${{{name}}}"), value));
        assert!(!filled.replace("${bare}", "").contains("${"), "a variable of {name} is not filled in");
        filled
    };
    let user = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
    let main = format!(
        "{user} daemon off; worker_processes 1; pid nginx.pid; error_log error.log info;
         events {{ worker_connections 256; }}
         http {{ access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
                 uwsgi_temp_path uwsgi; scgi_temp_path scgi; include {place}/server.conf; }}"
    );
    for (name, text) in [
        ("nginx.conf", main),
        ("server.conf", filled(site.server)),
        ("scalelite.common", filled("scalelite.common")),
    ] {
        fs::write(dir.join(name), text).expect("the configuration can be written");
    }
}

fn pause() {
    #[expect(clippy::disallowed_methods, reason = "waits for a process, on a test's own thread")]
    std::thread::sleep(PAUSE);
}
