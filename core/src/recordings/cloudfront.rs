//! Playback through CloudFront: a viewer is sent there with three cookies, which are signed and work for one tree
//! and for a few minutes, as in the original.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::signature::{SignatureEncoding, Signer as _};
use secrecy::ExposeSecret;
use sha1::Sha1;

use super::model::Shelf;
use super::store::TreeName;
use crate::config::CloudFrontConfig;

/// How long the cookies work.
pub const VALID: Duration = Duration::from_secs(5 * 60);

/// What needs no encoding in a path. A `*` or `?` would stand for anything in a policy.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// `CF_PRIVATE_KEY_B64` is no key that can sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is not Base64.
    #[error("it is not Base64")]
    Base64,
    /// It holds no RSA key.
    #[error("it holds no private RSA key in PEM")]
    Pem,
}

/// The cookies cannot be signed.
#[derive(Debug, thiserror::Error)]
#[error("cookies for CloudFront cannot be signed: {0}")]
pub struct SignError(#[from] rsa::signature::Error);

/// Signs cookies for a distribution. `Debug` does not show the key.
#[derive(Clone)]
pub struct Signer {
    url: String,
    key_pair_id: String,
    key: SigningKey<Sha1>,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer")
            .field("url", &self.url)
            .field("key_pair_id", &self.key_pair_id)
            .finish_non_exhaustive()
    }
}

impl Signer {
    /// # Errors
    ///
    /// The key cannot be read.
    pub fn new(config: &CloudFrontConfig) -> Result<Self, KeyError> {
        Ok(Self {
            url: config.url.clone(),
            key_pair_id: config.key_pair_id.clone(),
            key: SigningKey::new(read_key(config.private_key_b64.expose_secret())?),
        })
    }

    /// The URL of a tree's page.
    #[must_use]
    pub fn page(&self, tree: &TreeName, shelf: Shelf) -> String {
        format!("{}/index.html", self.root(tree, shelf))
    }

    /// Names and values of the cookies that open a tree until `expires`, in seconds since 1970. It takes some
    /// milliseconds of computing.
    ///
    /// # Errors
    ///
    /// The key is none that can sign, or there is no randomness.
    pub fn cookies(
        &self,
        tree: &TreeName,
        shelf: Shelf,
        expires: u64,
    ) -> Result<[(&'static str, String); 3], SignError> {
        let policy = serde_json::json!({
            "Statement": [{
                "Resource": format!("{}/*", self.root(tree, shelf)),
                "Condition": { "DateLessThan": { "AWS:EpochTime": expires } },
            }],
        })
        .to_string();
        // CloudFront knows no other digest for RSA keys.
        let signature = self.key.try_sign(policy.as_bytes())?;
        Ok([
            ("CloudFront-Policy", encode(policy.as_bytes())),
            ("CloudFront-Signature", encode(&signature.to_bytes())),
            ("CloudFront-Key-Pair-Id", self.key_pair_id.clone()),
        ])
    }

    /// The domain of the cookies: the smallest one that both hosts are in. Where there is none, so that they
    /// cannot work, what the original says: the last two labels of our own host. None for an IP address.
    #[must_use]
    pub fn cookie_domain(&self, host: &str) -> Option<String> {
        let theirs = url::Url::parse(&self.url).ok()?;
        let ours = match url::Host::parse(host).ok()? {
            url::Host::Domain(name) => name,
            url::Host::Ipv4(_) | url::Host::Ipv6(_) => return None,
        };
        let theirs = theirs.host_str().unwrap_or_default();
        let pairs = ours.rsplit('.').zip(theirs.rsplit('.'));
        let common = pairs.take_while(|(one, other)| one == other).count().max(2);
        let mut labels: Vec<&str> = ours.rsplit('.').take(common).collect();
        labels.reverse();
        (labels.len() > 1).then(|| labels.join("."))
    }

    fn root(&self, tree: &TreeName, shelf: Shelf) -> String {
        let plain = |text| utf8_percent_encode(text, PLAIN);
        format!("{}/{}/{}/{}", self.url, shelf.name(), plain(tree.format()), plain(tree.record_id()))
    }
}

/// Whether `CF_PRIVATE_KEY_B64` may have this value, which holds no spaces.
///
/// # Errors
///
/// It is no key that can sign.
pub fn check_key(text: &str) -> Result<(), KeyError> {
    read_key(text).map(drop)
}

/// A PEM in Base64, of either of the two kinds that hold an RSA key.
fn read_key(text: &str) -> Result<rsa::PrivateKey, KeyError> {
    let pem = STANDARD.decode(text).map_err(|_| KeyError::Base64)?;
    let pem = String::from_utf8(pem).map_err(|_| KeyError::Pem)?;
    rsa::PrivateKey::from_pkcs8_pem(&pem)
        .or_else(|_| rsa::PrivateKey::from_pkcs1_pem(&pem))
        .map_err(|_| KeyError::Pem)
}

/// Base64 as CloudFront wants it in a cookie.
fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes).replace('+', "-").replace('=', "_").replace('/', "~")
}

#[cfg(test)]
mod tests {
    use scalelite_testbed::rsa_key::{Form, RsaKey};

    use super::*;

    fn config(url: &str, key: &str) -> CloudFrontConfig {
        CloudFrontConfig {
            url: url.to_owned(),
            key_pair_id: "K2JCJMDEHXQW5F".to_owned(),
            private_key_b64: key.to_owned().into(),
        }
    }

    fn decode(cookie: &str) -> Vec<u8> {
        STANDARD.decode(cookie.replace('-', "+").replace('_', "=").replace('~', "/")).unwrap()
    }

    #[test]
    fn openssl_accepts_the_signature() {
        let key = RsaKey::new();
        let tree =
            TreeName::new("presentation", "b27af2f930418879550e09c7548d1cdd0be25cf6-1504122319984").unwrap();
        for form in [Form::Pkcs8, Form::Pkcs1] {
            let signer = Signer::new(&config("https://cdn.example.org", &key.in_base64(form))).unwrap();
            let cookies = signer.cookies(&tree, Shelf::Published, 1_800_000_000).unwrap();
            assert_eq!(
                cookies.each_ref().map(|(name, _)| *name),
                ["CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"]
            );
            let policy = decode(&cookies[0].1);
            let expected = serde_json::json!({ "Statement": [{
                "Resource": format!("https://cdn.example.org/published/{tree}/*"),
                "Condition": { "DateLessThan": { "AWS:EpochTime": 1_800_000_000 } },
            }]});
            assert_eq!(serde_json::from_slice::<serde_json::Value>(&policy).unwrap(), expected);
            assert!(key.has_signed(&policy, &decode(&cookies[1].1)));
            assert!(!key.has_signed(b"something else", &decode(&cookies[1].1)));
            assert_eq!(cookies[2].1, "K2JCJMDEHXQW5F");
            let value = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_~".contains(&b));
            assert!(cookies.iter().all(|(_, text)| value(text)));
            assert!(!format!("{signer:?}").contains("key:"), "{signer:?}");
        }
    }

    #[test]
    fn a_name_opens_no_other_tree() {
        let key = RsaKey::new();
        let signer = Signer::new(&config("https://cdn.example.org", &key.in_base64(Form::Pkcs8))).unwrap();
        let tree = TreeName::new("presentation", "*?\"x").unwrap();
        assert_eq!(
            signer.page(&tree, Shelf::Published),
            "https://cdn.example.org/published/presentation/%2A%3F%22x/index.html"
        );
        let policy = decode(&signer.cookies(&tree, Shelf::Published, 1).unwrap()[0].1);
        assert!(String::from_utf8(policy).unwrap().contains("/presentation/%2A%3F%22x/*\""));
    }

    #[test]
    fn the_domain_is_the_smallest_common_one() {
        let key = RsaKey::new().in_base64(Form::Pkcs8);
        for (ours, theirs, domain) in [
            ("bbb.example.org", "https://cdn.example.org", Some("example.org")),
            ("a.rec.example.org", "https://b.rec.example.org", Some("rec.example.org")),
            ("bbb.uni.ac.uk", "https://cdn.uni.ac.uk", Some("uni.ac.uk")),
            ("example.org", "https://cdn.example.org", Some("example.org")),
            ("bbb.example.org", "https://d111.cloudfront.net", Some("example.org")),
            ("BBB.Example.org", "https://cdn.example.org:444", Some("example.org")),
            ("localhost", "https://cdn.example.org", None),
            ("192.0.2.1", "https://cdn.example.org", None),
        ] {
            let signer = Signer::new(&config(theirs, &key)).unwrap();
            assert_eq!(signer.cookie_domain(ours).as_deref(), domain, "{ours} {theirs}");
        }
    }

    #[test]
    fn what_is_no_key() {
        let garbage =
            STANDARD.encode("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
        assert_eq!(check_key("not base64!"), Err(KeyError::Base64));
        assert_eq!(check_key("LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t"), Err(KeyError::Pem));
        assert_eq!(check_key(&garbage), Err(KeyError::Pem));
        assert_eq!(check_key(&RsaKey::new().in_base64(Form::Pkcs1)), Ok(()));
    }
}
