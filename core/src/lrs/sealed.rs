//! Encryption with a server's secret, as `openssl enc -aes-256-cbc -pbkdf2 -iter 10000` does it, but for the first
//! eight bytes: there is no `Salted__`, but noise.

use std::num::NonZeroU32;

use aws_lc_rs::cipher::{AES_256, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::pbkdf2;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret, SecretString};
use tokio::task::{JoinError, spawn_blocking};

const ROUNDS: NonZeroU32 = NonZeroU32::new(10_000).expect("more than zero");
const NOISE: usize = 8;
const SALT: usize = 8;
const KEY: usize = 32;
const IV: usize = 16;

/// Something cannot be encrypted.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The cipher refused.
    #[error("the payload for the learning record store cannot be encrypted")]
    Cipher(#[from] Unspecified),
    /// The process is about to end.
    #[error("the payload for the learning record store was not encrypted: {0}")]
    Thread(#[from] JoinError),
}

/// Encrypts a text, in Base64. To derive the key takes some milliseconds of a thread, so it has one of its own.
pub(super) async fn seal(text: Vec<u8>, secret: SecretString) -> Result<String, SealError> {
    let random: [u8; NOISE + SALT] = rand::random();
    Ok(spawn_blocking(move || seal_with(text, &secret, random)).await??)
}

fn seal_with(
    mut text: Vec<u8>,
    secret: &SecretString,
    random: [u8; NOISE + SALT],
) -> Result<String, Unspecified> {
    let mut derived = [0; KEY + IV];
    let secret = secret.expose_secret().as_bytes();
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &random[NOISE..], secret, &mut derived);
    let (key, iv) = derived.split_at(KEY);
    let iv: [u8; IV] = iv.try_into().map_err(|_| Unspecified)?;
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, key)?)?;
    key.less_safe_encrypt(&mut text, EncryptionContext::Iv128(FixedLength::from(iv)))?;
    let mut sealed = random.to_vec();
    sealed.append(&mut text);
    Ok(BASE64_STANDARD.encode(sealed))
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use super::*;

    /// What `openssl` makes of it.
    pub(crate) fn open_with_openssl(sealed: &str, secret: &str) -> String {
        let mut sealed = BASE64_STANDARD.decode(sealed).unwrap();
        sealed[..NOISE].copy_from_slice(b"Salted__");
        let secret = format!("pass:{secret}");
        let mut openssl = Command::new("openssl")
            .args([
                "enc",
                "-d",
                "-aes-256-cbc",
                "-pbkdf2",
                "-iter",
                "10000",
                "-md",
                "sha256",
                "-pass",
                &secret,
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("openssl is installed");
        openssl.stdin.take().unwrap().write_all(&sealed).unwrap();
        let opened = openssl.wait_with_output().unwrap();
        assert!(opened.status.success());
        String::from_utf8(opened.stdout).unwrap()
    }

    #[tokio::test]
    async fn openssl_reads_it() {
        for text in ["", "a", "exactly 16 bytes", "ä longer text than any block\n", &"x".repeat(10_000)] {
            let sealed = seal(text.as_bytes().to_vec(), "a server's secret".into()).await.unwrap();
            assert_eq!(open_with_openssl(&sealed, "a server's secret"), text);
        }
    }

    #[test]
    fn is_what_other_libraries_make() {
        // Made by Python's hashlib and `openssl enc -aes-256-cbc -K … -iv …`.
        let random = *b"noisenoisalt8byt";
        let sealed = seal_with(b"{\"lrs_endpoint\":\"https://lrs/\"}".to_vec(), &"s3cret".into(), random);
        assert_eq!(sealed.unwrap(), EXPECTED);
    }

    const EXPECTED: &str = "bm9pc2Vub2lzYWx0OGJ5dEINzgNm2MPtfZcL3YJaxWRs+SsyvM7XVC9gbmsX99qz";
}
