//! Why `up` cannot run, or stopped.

use std::io::{self, ErrorKind};

use scalelite_core::config::{Bind, ConfigErrors};
use scalelite_core::recordings::catalog::CatalogError;
use scalelite_core::recordings::store::StoreError;
use scalelite_core::state::StateError;
use scalelite_importer::ImporterError;
use scalelite_poller::RunError;

use crate::demo::DemoError;
use crate::secrets::SecretsError;

#[derive(Debug, thiserror::Error)]
pub(super) enum UpError {
    #[error("{0}")]
    Config(#[from] ConfigErrors),
    #[error(
        "REDIS_URL is set: --demo would add simulated servers to the servers there. Unset it for the demo."
    )]
    DemoOnRedis,
    #[error("--demo needs a TCP address, so that a browser gets there, not {0}")]
    DemoOnSocket(Bind),
    #[error("{0}")]
    Secrets(#[from] SecretsError),
    #[error("cannot listen on {bind}: {source}{}", hint(.source))]
    Bind { bind: Bind, source: io::Error },
    #[error("{0}")]
    State(#[from] StateError),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0}")]
    Catalog(#[from] CatalogError),
    #[error("{0}")]
    Demo(#[from] DemoError),
    #[error("the front end failed: {0}")]
    FrontEnd(io::Error),
    #[error("the poller failed: {0}")]
    Poller(#[from] RunError),
    #[error("the importer failed: {0}")]
    Importer(#[from] ImporterError),
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("cannot make a data directory for the demo: {0}")]
    DemoDir(io::Error),
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::AddrInUse => {
            ". Something else listens there: choose another with --bind HOST:PORT or PORT."
        }
        _ => "",
    }
}
