//! Tests that need another process run one test of this very binary in it.

use std::process::{Command, Stdio};

/// Says to the other process what to work on. Without it, its test does nothing.
pub(crate) const SUBJECT: &str = "SCALELITE_TEST_SUBJECT";

/// Another process that will run this test, which is ignored otherwise.
pub(crate) fn process(test: &str, subject: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture", "--quiet"]);
    command.env(SUBJECT, subject).stdin(Stdio::null());
    command
}

/// What this process shall work on.
#[expect(clippy::disallowed_methods, reason = "no configuration: one test tells another")]
pub(crate) fn subject() -> Option<String> {
    std::env::var(SUBJECT).ok()
}
