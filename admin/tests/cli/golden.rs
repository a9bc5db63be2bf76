//! What tasks print, to the letter: `admin/tests/golden/*.trycmd`, each on a site of its own.
//!
//! After a change that is meant: `TRYCMD=overwrite cargo test -p scalelite golden`.

use std::path::Path;

use tempfile::TempDir;

fn golden(name: &str) {
    let dir = TempDir::new().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.trycmd"));
    // What is empty is as if it were not set: nothing of the developer's own.
    let variables = [
        ("DATABASE_URL", ""),
        ("DB_DISABLED", ""),
        ("LOG_FORMAT", ""),
        ("RAILS_LOG_LEVEL", ""),
        ("REDIS_URL", ""),
        ("SCALELITE_DATA_DIR", dir.path().to_str().unwrap()),
        ("SERVER_ID_IS_HOSTNAME", "true"),
        ("MULTITENANCY_ENABLED", "true"),
        ("CONNECT_TIMEOUT", "1"),
        ("SUDO_USER", "alice"),
    ];
    let cases = trycmd::TestCases::new();
    cases.register_bin("scalelite", Path::new(env!("CARGO_BIN_EXE_scalelite")));
    for (name, value) in variables {
        cases.env(name, value);
    }
    cases.case(path).run();
}

#[test]
fn help() {
    golden("help");
}

#[test]
fn an_empty_site() {
    golden("empty");
}

#[test]
fn servers() {
    golden("servers");
}

#[test]
fn tenants() {
    golden("tenants");
}
