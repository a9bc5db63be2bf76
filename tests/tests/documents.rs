//! What the documents for operators name is there: texts of the program, tasks, variables, other documents.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use scalelite_core::config::VARIABLES;
use scalelite_system_tests::binaries;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The documents with their places.
fn documents() -> Vec<(PathBuf, String)> {
    let docs = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let all = docs.chain([root().join("README.md"), root().join("kubernetes/README.md")]);
    let pages = all.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// All our sources as one text, with texts that go over several lines put together.
fn sources() -> String {
    let mut text = String::new();
    let mut places: Vec<PathBuf> =
        ["admin", "api", "core", "importer", "poller"].map(|name| root().join(name).join("src")).into();
    while let Some(place) = places.pop() {
        for entry in fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|extension| extension.to_str()) {
                None if path.is_dir() => places.push(path),
                Some("rs" | "html") => text.push_str(&fs::read_to_string(path).unwrap()),
                _ => {}
            }
        }
    }
    let lines = text.split("\\\n").map(str::trim_start);
    lines.collect::<String>()
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn symptoms_are_texts_of_the_program() {
    let sources = sources();
    let page = fs::read_to_string(root().join("docs/TROUBLESHOOTING.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| "));
    let symptoms: BTreeSet<&str> = rows.filter_map(|row| row.split(" | ").next()).flat_map(quoted).collect();
    assert!(symptoms.len() > 60, "they are found in the page: {symptoms:?}");
    let tasks = |text: &&str| !text.starts_with("scalelite ");
    let missing: Vec<_> =
        symptoms.into_iter().filter(tasks).filter(|symptom| !sources.contains(*symptom)).collect();
    assert!(missing.is_empty(), "the program never says so: {missing:#?}");
}

#[test]
fn tasks_are_tasks() {
    let mut tasks = BTreeSet::new();
    for (_, text) in documents() {
        for after in text.split("scalelite ").skip(1) {
            let name = after.split([' ', '`', '[', '\n']).next().unwrap_or_default();
            // `db:migrate`, not the end of a sentence.
            let named =
                |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphabetic() || c == '_');
            if name.split_once(':').is_some_and(|(space, task)| named(space) && named(task)) {
                tasks.insert(name.to_owned());
            }
        }
    }
    assert!(tasks.len() > 15, "{tasks:?}");
    for task in tasks {
        let helped = Command::new(binaries::path("scalelite")).args([&task, "--help"]).output().unwrap();
        assert!(helped.status.success(), "there is no task {task}");
    }
}

#[test]
fn variables_are_variables() {
    let known: BTreeSet<&str> = VARIABLES.iter().map(|variable| variable.name).collect();
    for (path, text) in documents() {
        for word in quoted(&text) {
            let Some((name, _)) = word.split_once('=') else { continue };
            let shouted = name.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit());
            assert!(!shouted || known.contains(name), "{}: no variable {name}", path.display());
        }
    }
}

#[test]
fn links_lead_somewhere() {
    for (path, text) in documents() {
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.contains("://") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let place = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(place.exists(), "{}: no {target}", path.display());
            let found = anchor.is_empty() || anchors(&place).contains(anchor);
            assert!(found, "{}: no heading for {target}", path.display());
        }
    }
}

/// The anchors of a page's headings, as the usual renderers make them.
fn anchors(page: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(page).unwrap_or_default();
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |line: &str| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        words
            .chars()
            .filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-')
            .collect::<String>()
            .replace(' ', "-")
    };
    headings.map(anchor).collect()
}
