//! The sample environment file, made from the list of variables so that it cannot drift from it.

use std::fmt::Write;

use super::variables::{Group, VARIABLES, Variable};

/// The columns that a comment may have.
const WIDTH: usize = 100;

/// An `/etc/default/scalelite` with every variable, explained and commented out.
#[must_use]
pub fn sample() -> String {
    let mut text = String::from(
        "# Sample environment of the load balancer: /etc/default/scalelite\n\
         # Every variable with its default or an example. Made from the code: do not edit here.\n",
    );
    let mut group = None;
    for variable in VARIABLES.iter().filter(|variable| variable.group != Group::Ignored) {
        if group.replace(variable.group) != Some(variable.group) {
            let _ = write!(text, "\n# === {} ===\n", title(variable.group));
        }
        describe(&mut text, variable);
    }
    text.push_str("\n# === Accepted without effect, with a warning ===\n");
    for variable in VARIABLES.iter().filter(|variable| variable.group == Group::Ignored) {
        wrap(&mut text, &format!("{}: {}", variable.name, variable.description));
    }
    text
}

fn describe(text: &mut String, variable: &Variable) {
    let default = match variable.default {
        Some(default) => format!("default: {default}"),
        None => "default: none".to_owned(),
    };
    text.push('\n');
    wrap(text, &format!("{} ({}; {default})", variable.description, variable.kind));
    let _ = writeln!(text, "#{}={}", variable.name, variable.default.unwrap_or(variable.example));
}

pub(super) fn title(group: Group) -> &'static str {
    match group {
        Group::Secrets => "Secrets and signatures",
        Group::Http => "The HTTP front end",
        Group::Stores => "Live state and database",
        Group::Servers => "Servers: calls, health, load, polls",
        Group::Meetings => "Meetings",
        Group::Voice => "Voice bridge numbers and dial-in",
        Group::Recordings => "Recordings",
        Group::S3 => "Recordings in S3 and CloudFront",
        Group::Callbacks => "Callbacks to front ends",
        Group::Metrics => "Metrics",
        Group::Log => "Logs and language",
        Group::Tls => "Certificates of servers",
        Group::Images => "Container images and their units",
        Group::Ignored => "Ignored",
    }
}

fn wrap(text: &mut String, sentence: &str) {
    let mut line = String::from("#");
    for word in sentence.split_whitespace() {
        if line.len() + 1 + word.len() > WIDTH {
            let _ = writeln!(text, "{line}");
            line.truncate(1);
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_in_the_repository_is_up_to_date() {
        let committed = include_str!("../../../docs/environment.sample");
        assert!(
            committed == sample(),
            "make it anew: cargo run -q -p scalelite-core --example environment_documents"
        );
    }
}
