//! Prints the sample environment file: `docs/environment.sample`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(scalelite_core::config::sample().as_bytes())
}
