//! Unmodified clients from the registries run a session through us (`tests/clients`).

use std::path::{Path, PathBuf};
use std::process::Command;

use scalelite_system_tests::signature::SECRET;
use scalelite_system_tests::site::Site;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::{binaries, in_both_modes};

in_both_modes!(bigbluebutton_api_python, bigbluebutton_js);

/// Where the scripts of the clients are.
pub(crate) fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

/// Whether the command is there and runs.
pub(crate) fn works(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

/// Installs the libraries of a language, once for all test runs. The name of the directory tells what is in
/// it, so that another pin is another directory.
pub(crate) fn install(language: &str, pins: &str) -> PathBuf {
    let text = std::fs::read(scripts().join(language).join(pins)).unwrap();
    let version = &scalelite_system_tests::signature::fingerprint(&text)[..12];
    let target =
        binaries::directory().parent().unwrap().join("clients").join(format!("{language}-{version}"));
    let output = Command::new(scripts().join("install")).arg(language).arg(&target).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the {language} client cannot be installed from its registry: {told}");
    target
}

async fn session(mode: Mode, command: &mut Command) {
    let site = Site::start(mode, 2).await;
    let api = site.api().await;
    let output = command.args([api.base(), SECRET]).output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&told));
    for n in 0..2 {
        assert_eq!(site.sim(n).count("create"), 2, "one meeting on each server, created twice");
        assert_eq!(site.sim(n).meeting_count(), 0, "and ended");
    }
}

async fn bigbluebutton_api_python(mode: Mode) {
    if !works("python3", &["-m", "pip", "--version"]) {
        eprintln!("skipped: no python3 with pip");
        return;
    }
    let libraries = install("python", "requirements.txt").join("lib");
    let mut command = Command::new("python3");
    command.env("PYTHONPATH", libraries).env("PYTHONDONTWRITEBYTECODE", "1").env("NO_PROXY", "127.0.0.1");
    session(mode, command.arg(scripts().join("python/session.py"))).await;
}

async fn bigbluebutton_js(mode: Mode) {
    if !works("node", &["--version"]) || !works("npm", &["--version"]) {
        eprintln!("skipped: no node with npm");
        return;
    }
    let libraries = install("node", "package-lock.json").join("node_modules");
    let mut command = Command::new("node");
    command.env("NODE_PATH", libraries).env("NO_PROXY", "127.0.0.1");
    session(mode, command.arg(scripts().join("node/session.js"))).await;
}
