//! The running API is held against its own document by schemathesis (`tests/clients/schemathesis`): what the document
//! allows is taken, what it forbids is refused, and answers are as it says.

use std::process::Command;

use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::signature::SECRET;
use scalelite_system_tests::site::id;
use scalelite_system_tests::store::Mode;

use super::site;
use crate::clients::{install, scripts, works};

in_both_modes!(schemathesis);

/// It tries for so long, in seconds.
const SECONDS: &str = "20";
/// It is ended after this, in seconds, whatever it does.
const LIMIT: &str = "180";

async fn schemathesis(mode: Mode) {
    if !works("python3", &["-m", "pip", "--version"]) {
        eprintln!("skipped: no python3 with pip");
        return;
    }
    let libraries = install("schemathesis", "requirements.txt").join("lib");
    let (site, api, manager) = site(mode, 1).await;
    let scripts = scripts().join("schemathesis");
    let path = std::env::join_paths([libraries, scripts]).unwrap();
    let mut command = Command::new("timeout");
    command.args([LIMIT, "python3", "-m", "schemathesis.cli", "run", "--no-color"]);
    command.arg(format!("{}/scalelite/api/openapi.json", api.base()));
    // Always the same tries, as far as time allows.
    command.args(["--max-time", SECONDS, "--max-examples", "20", "--seed", "1"]);
    command.env("PYTHONPATH", path).env("PYTHONDONTWRITEBYTECODE", "1").env("NO_PROXY", "127.0.0.1");
    command.env("SCHEMATHESIS_HOOKS", "signing").env("LOADBALANCER_SECRET", SECRET);
    command.env("SERVER_ID", id(0).as_str()).current_dir(site.dir());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}{complained}");
    assert!(told.contains("14 selected / 14 total"), "it has not tried all calls: {told}");
    assert_eq!(manager.get("getTenants", "").await.0, 200, "it still works");
}
