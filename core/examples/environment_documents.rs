//! Writes the documents that are made from the list of variables: `docs/environment.sample` and
//! `docs/CONFIGURATION.md`.

use std::fs;
use std::path::Path;

use scalelite_core::config::{reference, sample};

fn main() -> std::io::Result<()> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    fs::write(docs.join("environment.sample"), sample())?;
    fs::write(docs.join("CONFIGURATION.md"), reference())
}
