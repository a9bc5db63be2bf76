//! Where our binaries are: in the target directory that this test was built in.

use std::path::PathBuf;

/// The directory of the running test's binaries, such as `target/debug`.
#[must_use]
pub fn directory() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    // …/target/debug/deps/system-0123456789abcdef
    test.ancestors().nth(2).expect("a test lies in a target directory").to_owned()
}

/// The path of one of our binaries.
#[must_use]
pub fn path(name: &str) -> PathBuf {
    let path = directory().join(name);
    assert!(
        path.is_file(),
        "there is no {}: run `cargo build --workspace --bins` before these tests",
        path.display()
    );
    path
}
