//! An S3 of one's own: the server of Python's `moto`, installed from PyPI at pinned versions.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Longer than it takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(10);
const PINS: &str = include_str!("../moto/requirements.txt");

/// An S3 with one empty bucket, on a free port of this machine. What is in it is gone with it.
#[derive(Debug)]
pub struct Moto {
    child: Child,
    address: String,
    _dir: TempDir,
}

impl Moto {
    /// The bucket that is there.
    pub const BUCKET: &str = "recordings";
    /// The ID of a key to it; any would do.
    pub const KEY_ID: &str = "AKIATEST";
    /// The secret of the key; any would do.
    pub const SECRET: &str = "a-secret-of-the-test";

    /// Starts one. None, with a word on standard error, where there is no Python with pip: such a test is
    /// skipped.
    #[must_use]
    pub fn start() -> Option<Self> {
        let libraries = installed()?;
        let dir = tempfile::Builder::new().prefix("scalelite-moto-").tempdir().unwrap();
        let path = dir.path().join("log");
        let log = fs::File::create(&path).unwrap();
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--", "python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"])
            .env("PYTHONPATH", libraries)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut moto = Self { child, address: String::new(), _dir: dir };
        let started = Instant::now();
        loop {
            let log = fs::read_to_string(&path).unwrap_or_default();
            // Its line ends before the next one begins, so the address is whole.
            let line = log.split_once("Running on http://").and_then(|(_, rest)| rest.split_once('\n'));
            if let Some((address, _)) = line {
                moto.address = address.trim().to_owned();
                break;
            }
            let ended = moto.child.try_wait().unwrap();
            assert!(ended.is_none() && started.elapsed() < LIMIT, "moto does not start: {log}");
            pause();
        }
        let made = moto.ask("PUT", &format!("/{}", Self::BUCKET));
        assert!(made.starts_with("HTTP/1.1 200"), "the bucket cannot be made: {made}");
        Some(moto)
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The environment of a process of ours that keeps its recordings there.
    #[must_use]
    pub fn env(&self) -> Vec<(&'static str, String)> {
        vec![
            ("S3_RECORDING", "true".to_owned()),
            ("S3_BUCKET_NAME", Self::BUCKET.to_owned()),
            ("AWS_ENDPOINT_URL_S3", self.url()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", Self::KEY_ID.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", Self::SECRET.to_owned()),
        ]
    }

    /// The keys of all objects, at most a thousand, in their order.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let list = self.ask("GET", &format!("/{}?list-type=2", Self::BUCKET));
        let keys = list.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>"));
        keys.map(|(key, _)| key.to_owned()).collect()
    }

    /// The answer to a request for an object, with its head. The key is sent as it is.
    #[must_use]
    pub fn object(&self, key: &str) -> String {
        self.ask("GET", &format!("/{}/{key}", Self::BUCKET))
    }

    /// Copies an object, as somebody else might.
    pub fn copy(&self, from: &str, to: &str) {
        let source = format!("x-amz-copy-source: /{}/{from}\r\n", Self::BUCKET);
        let answer = self.exchange("PUT", &format!("/{}/{to}", Self::BUCKET), &source);
        assert!(answer.starts_with("HTTP/1.1 200"), "{from} cannot be copied: {answer}");
    }

    /// Removes an object, as somebody else might.
    pub fn remove(&self, key: &str) {
        let answer = self.ask("DELETE", &format!("/{}/{key}", Self::BUCKET));
        assert!(answer.starts_with("HTTP/1.1 204"), "{key} cannot be removed: {answer}");
    }

    fn ask(&self, method: &str, target: &str) -> String {
        self.exchange(method, target, "")
    }

    fn exchange(&self, method: &str, target: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let host = &self.address;
        // It wants a signature and does not look at it.
        let signed = format!(
            "Authorization: AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
            Self::KEY_ID
        );
        let last = format!("{signed}\r\nContent-Length: 0\r\nConnection: close");
        write!(stream, "{method} {target} HTTP/1.1\r\nHost: {host}\r\n{headers}{last}\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The directory of the libraries, below the target directory; installed once for all tests of these pins.
fn installed() -> Option<PathBuf> {
    let pip = Command::new("python3").args(["-m", "pip", "--version"]).output();
    if !pip.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no python3 with pip");
        return None;
    }
    let test = std::env::current_exe().unwrap();
    // …/target/debug/deps/state-0123456789abcdef
    let target = test.ancestors().nth(3).unwrap();
    let place = target.join(format!("moto-{:016x}", fingerprint(PINS)));
    if !place.exists() {
        install(target, &place);
    }
    Some(place)
}

fn install(target: &Path, place: &Path) {
    let draft = tempfile::Builder::new().prefix("moto-draft-").tempdir_in(target).unwrap();
    let pins = draft.path().join("requirements.txt");
    fs::write(&pins, PINS).unwrap();
    let libraries = draft.path().join("lib");
    let output = Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"])
        .args(["--require-hashes", "--target"])
        .arg(&libraries)
        .arg("--requirement")
        .arg(pins)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "moto cannot be installed from its registry: {told}");
    // Whoever is first wins; the others use what is there.
    if fs::rename(&libraries, place).is_err() {
        assert!(place.exists(), "{} cannot be made", place.display());
    }
}

/// FNV-1a: another list of pins is another directory.
fn fingerprint(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn pause() {
    #[expect(clippy::disallowed_methods, reason = "waits for a process, on a test's own thread")]
    std::thread::sleep(PAUSE);
}
