//! The reference of all variables, made from the list of them so that it cannot drift from it.

use std::fmt::Write;

use super::sample::title;
use super::used_by::used_by;
use super::variables::{Group, VARIABLES, Variable};

const HEAD: &str = "# Configuration

<!-- Made from the code by `cargo run -q -p scalelite-core --example environment_documents`: do not edit here. -->

All processes read the same environment variables, so one file (`/etc/default/scalelite`) serves all.
[environment.sample](environment.sample) is such a file. A value that cannot be used stops the start: every mistake is told
at once, a line each, and the exit status is 78. An empty value counts as none, unless it says otherwise here.

* **Units**: `seconds` may have fractions (`2.5`), `whole seconds`, `minutes` and `bytes` are whole numbers.
* **true or false**: only the word `true`, in any case, is true.
* **Used by**: `api`, `poller` and `importer` are the three services (`scalelite up` is all of them), `tasks` the tool
  `scalelite` (`bin/rake` in the image), `nginx` its start script, `units` the systemd units that start containers.
";

/// `docs/CONFIGURATION.md`: each variable with its unit, default, an example and who uses it, by groups.
#[must_use]
pub fn reference() -> String {
    let mut text = HEAD.to_owned();
    let mut group = None;
    for variable in VARIABLES.iter().filter(|variable| variable.group != Group::Ignored) {
        if group.replace(variable.group) != Some(variable.group) {
            let _ = write!(
                text,
                "\n## {}\n\n| variable | unit | default | example | used by | |\n| --- | --- | --- | --- | --- | --- |\n",
                title(variable.group)
            );
        }
        row(&mut text, variable);
    }
    text.push_str(
        "\n## Accepted without effect\n\nNames of the original that make no sense here. If one is set, a warning says \
         so once.\n\n| variable | why |\n| --- | --- |\n",
    );
    for variable in VARIABLES.iter().filter(|variable| variable.group == Group::Ignored) {
        let _ = writeln!(text, "| `{}` | {} |", variable.name, cell(variable.description));
    }
    text
}

fn row(text: &mut String, variable: &Variable) {
    let users: Vec<String> = used_by(variable).iter().map(ToString::to_string).collect();
    let _ = writeln!(
        text,
        "| `{}` | {} | {} | {} | {} | {} |",
        variable.name,
        cell(&variable.kind.to_string()),
        variable.default.map_or_else(|| "none".to_owned(), code),
        code(variable.example),
        users.join(", "),
        cell(variable.description),
    );
}

fn code(value: &str) -> String {
    if value.is_empty() { String::new() } else { format!("`{}`", cell(value)) }
}

/// A `|` would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_in_the_repository_is_up_to_date() {
        let committed = include_str!("../../../docs/CONFIGURATION.md");
        assert!(
            committed == reference(),
            "make it anew: cargo run -q -p scalelite-core --example environment_documents"
        );
    }

    #[test]
    fn every_variable_that_has_an_effect_is_used_by_somebody() {
        for variable in VARIABLES {
            assert_eq!(used_by(variable).is_empty(), variable.group == Group::Ignored, "{}", variable.name);
        }
    }
}
