//! `curl`, and a certificate of its own for it to trust.

use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::answer::Answer;
use crate::client::encode;
use crate::signature::{Hash, SECRET, signed_path};

/// Longer than anything may take here, in seconds.
const LIMIT: &str = "60";

/// A certificate as the ACME client of a site leaves it: `live/HOST/{fullchain,privkey}.pem`.
#[derive(Debug)]
pub struct Certificate {
    dir: PathBuf,
    host: String,
}

impl Certificate {
    /// Makes one for `host`, signed by itself, below `dir`.
    #[must_use]
    pub fn make(dir: &Path, host: &str) -> Self {
        let certificate = Self { dir: dir.to_owned(), host: host.to_owned() };
        std::fs::create_dir_all(certificate.dir.join("live").join(host)).expect("the directory can be made");
        certificate.renew();
        certificate
    }

    /// Makes another one in its place.
    pub fn renew(&self) {
        let (new, subject) = (self.dir.join("new.pem"), format!("/CN={}", self.host));
        let key = self.dir.join("new-key.pem");
        let made = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-nodes",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-days",
                "2",
            ])
            .args(["-subj", &subject, "-addext", &format!("subjectAltName=DNS:{}", self.host)])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&new)
            .output()
            .expect("there is openssl");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        std::fs::rename(key, self.key()).expect("it can be put in place");
        std::fs::rename(new, self.file()).expect("it can be put in place");
    }

    /// The certificate.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.dir.join("live").join(&self.host).join("fullchain.pem")
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.file().with_file_name("privkey.pem")
    }
}

/// A client that signs its calls.
#[derive(Debug, Clone)]
pub struct Curl {
    base: String,
    arguments: Vec<String>,
}

impl Curl {
    /// One for `http://ADDRESS`.
    #[must_use]
    pub fn http(base: &str) -> Self {
        Self { base: base.to_owned(), arguments: Vec::new() }
    }

    /// One for the host of the certificate, which is at this address, `127.0.0.1:PORT`.
    #[must_use]
    pub fn https(certificate: &Certificate, address: &str) -> Self {
        let (place, port) = address.rsplit_once(':').expect("an address has a port");
        let host = &certificate.host;
        let mut curl = Self { base: format!("https://{host}:{port}"), arguments: Vec::new() };
        curl.add(&["--resolve", &format!("{host}:{port}:{place}")]);
        curl.add(&["--cacert", &certificate.file().display().to_string()]);
        curl
    }

    /// The same with further arguments.
    #[must_use]
    pub fn with(&self, arguments: &[&str]) -> Self {
        let mut curl = self.clone();
        curl.add(arguments);
        curl
    }

    fn add(&mut self, arguments: &[&str]) {
        self.arguments.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    }

    /// Where it asks.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// What comes for this path.
    ///
    /// # Errors
    ///
    /// No answer: what curl says.
    pub fn try_get(&self, path: &str) -> Result<Answer, String> {
        let mut command = Command::new("curl");
        command.args([
            "--silent",
            "--show-error",
            "--include",
            "--globoff",
            "--max-time",
            LIMIT,
            "--noproxy",
            "*",
        ]);
        command.args(&self.arguments).arg(format!("{}{path}", self.base));
        let output = command.output().expect("there is curl");
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(read(&String::from_utf8_lossy(&output.stdout)))
    }

    /// What comes for this path.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        self.try_get(path).unwrap_or_else(|error| panic!("{}{path}: {error}", self.base))
    }

    /// A signed call.
    #[must_use]
    pub fn call(&self, call: &str, params: &[(&str, &str)]) -> Answer {
        self.get(&signed_path(Hash::Sha256, call, &encode(params), SECRET))
    }
}

fn read(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    let headers: HeaderMap = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| {
            let name: HeaderName = name.parse().expect("it is the name of a header");
            (name, HeaderValue::from_str(value.trim()).expect("it is the value of a header"))
        })
        .collect();
    Answer { status: status.expect("an answer begins with its status"), headers, body: body.to_owned() }
}
