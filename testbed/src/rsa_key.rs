//! An RSA key, made and used by `openssl`, so that what our own code makes with it is checked by another's.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// How a private key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `BEGIN RSA PRIVATE KEY`
    Pkcs1,
    /// `BEGIN PRIVATE KEY`
    Pkcs8,
}

/// A key of 2,048 bits.
#[derive(Debug)]
pub struct RsaKey {
    dir: TempDir,
}

impl RsaKey {
    /// Makes one.
    #[must_use]
    pub fn new() -> Self {
        let key = Self { dir: TempDir::new().unwrap() };
        let bits = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
        run(Command::new("openssl").arg("genpkey").args(bits).arg("-out").arg(key.private()));
        key
    }

    /// The private key in PEM, in Base64 on one line.
    #[must_use]
    pub fn in_base64(&self, form: Form) -> String {
        let pem = self.dir.path().join("form.pem");
        let form: &[&str] =
            if form == Form::Pkcs1 { &["rsa", "-traditional", "-out"] } else { &["pkey", "-out"] };
        let mut command = Command::new("openssl");
        run(command.args(form).arg(&pem).arg("-in").arg(self.private()));
        let output = run(Command::new("openssl").args(["base64", "-A", "-in"]).arg(&pem));
        String::from_utf8(output).unwrap()
    }

    /// Whether that is this key's signature (PKCS #1, SHA-1) of the message.
    #[must_use]
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let path = |name: &str| self.dir.path().join(name);
        fs::write(path("message"), message).unwrap();
        fs::write(path("signature"), signature).unwrap();
        run(Command::new("openssl")
            .args(["pkey", "-pubout", "-in"])
            .arg(self.private())
            .arg("-out")
            .arg(path("public")));
        let mut verify = Command::new("openssl");
        verify
            .args(["dgst", "-sha1", "-verify"])
            .arg(path("public"))
            .arg("-signature")
            .arg(path("signature"));
        verify.arg(path("message")).output().unwrap().status.success()
    }

    fn private(&self) -> PathBuf {
        self.dir.path().join("private.pem")
    }
}

impl Default for RsaKey {
    fn default() -> Self {
        Self::new()
    }
}

fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().expect("these tests need openssl (apt install openssl)");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
