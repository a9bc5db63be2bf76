//! Callbacks to front ends.

use super::reader::Reader;

/// Callbacks to front ends (CONTRACT §7).
#[derive(Debug, Clone, Copy)]
pub struct CallbacksConfig {
    /// `CALLBACK_ALLOW_PRIVATE`: callbacks may also go to loopback and link-local addresses. Default: false,
    /// since whoever may create meetings says where they go.
    pub allow_private: bool,
}

impl CallbacksConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self { allow_private: reader.flag("CALLBACK_ALLOW_PRIVATE", false) }
    }
}
