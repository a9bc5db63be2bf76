//! TLS of outgoing connections: rustls, verified against the system's certificates. `SSL_CERT_FILE` and
//! `SSL_CERT_DIR` are honoured, so a private CA works (CONTRACT §2).

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

/// Verification against the system's certificates. Without any, `http` still works and `https` fails.
pub(crate) fn client_config() -> ClientConfig {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (used, _) = roots.add_parsable_certificates(found.certs);
    if used == 0 {
        let errors: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
        tracing::warn!(
            errors = errors.join("; "),
            "no certificates on this system: nothing with https can be reached"
        );
    }
    let builder =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    // The provider has these versions: they are its own defaults.
    match builder.with_safe_default_protocol_versions() {
        Ok(builder) => builder.with_root_certificates(roots).with_no_client_auth(),
        Err(_) => ClientConfig::builder().with_root_certificates(roots).with_no_client_auth(),
    }
}
