//! A client of uploads, written apart from the front end.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{Method, RequestBuilder};
use scalelite_system_tests::answer::Answer;
use scalelite_system_tests::client::{self, Client};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const PATH: &str = "/scalelite/spool/";

/// A file to upload, and the secret of who does so.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    pub(crate) name: String,
    pub(crate) content: Vec<u8>,
    pub(crate) secret: String,
    pub(crate) sha256: String,
}

impl Sender {
    pub(crate) fn new(name: &str, content: &[u8], secret: &str) -> Self {
        let sha256 = hex::encode(Sha256::digest(content));
        Self { name: name.to_owned(), content: content.to_owned(), secret: secret.to_owned(), sha256 }
    }

    pub(crate) fn path(&self) -> String {
        format!("{PATH}{}", self.name)
    }

    pub(crate) fn claims(&self) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        json!({ "sub": self.name, "length": self.content.len(), "sha256": self.sha256, "exp": now + 300 })
    }

    pub(crate) fn token(&self) -> String {
        sign(&self.claims(), &self.secret, Algorithm::HS512)
    }

    fn request(&self, at: &Client, method: Method, path: &str) -> RequestBuilder {
        at.request(method, path).header("Tus-Resumable", "1.0.0").bearer_auth(self.token())
    }

    pub(crate) fn metadata(&self) -> String {
        format!("filename {},sha256 {}", STANDARD.encode(&self.name), STANDARD.encode(&self.sha256))
    }

    pub(crate) async fn create(&self, at: &Client) -> Answer {
        let request = self.request(at, Method::POST, PATH).header("Upload-Length", self.content.len());
        client::answer(request.header("Upload-Metadata", self.metadata())).await
    }

    pub(crate) async fn head(&self, at: &Client) -> Answer {
        client::answer(self.request(at, Method::HEAD, &self.path())).await
    }

    pub(crate) async fn delete(&self, at: &Client) -> Answer {
        client::answer(self.request(at, Method::DELETE, &self.path())).await
    }

    pub(crate) fn patch_request(&self, at: &Client, offset: usize, body: &[u8]) -> RequestBuilder {
        let request = self.request(at, Method::PATCH, &self.path()).header("Upload-Offset", offset);
        request.header("Content-Type", "application/offset+octet-stream").body(body.to_owned())
    }

    pub(crate) async fn patch(&self, at: &Client, offset: usize, body: &[u8]) -> Answer {
        client::answer(self.patch_request(at, offset, body)).await
    }

    /// The head of a `PATCH` with all that is missing from that offset on.
    pub(crate) fn patch_head(&self, offset: usize) -> String {
        format!(
            "PATCH {} HTTP/1.1\r\nHost: lb\r\nTus-Resumable: 1.0.0\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/offset+octet-stream\r\nUpload-Offset: {offset}\r\nContent-Length: {}\r\n\r\n",
            self.path(),
            self.token(),
            self.content.len() - offset
        )
    }
}

pub(crate) fn sign(claims: &Value, secret: &str, algorithm: Algorithm) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
}

/// How far it is, as an answer tells.
pub(crate) fn offset(answer: &Answer) -> Option<usize> {
    answer.header("upload-offset")?.parse().ok()
}
