//! Whose calls are accepted, and how ours are signed.

use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};

use super::reader::Reader;
use crate::bbb::checksum::Algorithm;

/// The load balancer's own secrets and the hash functions of signatures (CONTRACT §2).
#[derive(Debug, Clone)]
pub struct SecretsConfig {
    /// `LOADBALANCER_SECRET`, then each of `LOADBALANCER_SECRETS`: any of them opens the API. None is empty
    /// and none is there twice; without any the API is closed. Default: none.
    pub loadbalancer: Vec<SecretString>,
    /// `SECRET_KEY_BASE`: signs the cookies of protected recordings (CONTRACT §6). Default: none.
    pub key_base: Option<SecretString>,
    /// `LOADBALANCER_CHECKSUM_ALGORITHM`: the hash functions that a caller may use. Default: all.
    pub accepted: Vec<Algorithm>,
    /// What our calls to servers are signed with: the strongest of a list that was set. Default: SHA256.
    pub signing: Algorithm,
}

impl SecretsConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let mut loadbalancer: Vec<SecretString> = Vec::new();
        let first = reader.text("LOADBALANCER_SECRET");
        for secret in first.into_iter().chain(reader.list("LOADBALANCER_SECRETS", ':')) {
            if loadbalancer.iter().all(|known| known.expose_secret() != secret) {
                loadbalancer.push(secret.into());
            }
        }
        let (accepted, signing) = read_algorithms(reader);
        Self { loadbalancer, key_base: reader.secret("SECRET_KEY_BASE"), accepted, signing }
    }
}

fn read_algorithms(reader: &mut Reader<'_>) -> (Vec<Algorithm>, Algorithm) {
    const NAME: &str = "LOADBALANCER_CHECKSUM_ALGORITHM";
    let default = || (Algorithm::ALL.to_vec(), Algorithm::Sha256);
    if reader.text(NAME).is_none() {
        return default();
    }
    let mut accepted = Vec::new();
    let mut known = true;
    for name in reader.list(NAME, ':') {
        match Algorithm::from_str(&name.to_ascii_uppercase()) {
            Ok(algorithm) if accepted.contains(&algorithm) => {}
            Ok(algorithm) => accepted.push(algorithm),
            Err(_) => known = false,
        }
    }
    match accepted.iter().max().copied() {
        Some(strongest) if known => (accepted, strongest),
        _ => {
            reader.problem(NAME, "expected a list of SHA1, SHA256, SHA384 and SHA512, separated by \":\"");
            default()
        }
    }
}
