//! `completions` and `man`: made from what the command line is. They need no configuration.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use clap::Command;
use clap_complete::aot::{self, Generator};
use clap_mangen::Man as Page;

use super::TaskError;
use crate::cli::{self, Completions, Man, Shell};
use crate::output::Output;

/// The name of the program.
const NAME: &str = "scalelite";

/// bash takes a word apart at its colons, and the names of tasks have some.
const BASH_COLONS: &str = include_str!("colons.bash");

/// `completions`
pub(super) fn completions(arguments: &Completions) -> Result<(), TaskError> {
    let script = match arguments.shell {
        Shell::Bash => format!("{}\n{BASH_COLONS}", generated(aot::Bash)),
        Shell::Zsh => zsh(&generated(aot::Zsh)),
        Shell::Fish => generated(aot::Fish),
    };
    print(&script)
}

fn generated(shell: impl Generator) -> String {
    let mut script = Vec::new();
    aot::generate(shell, &mut cli::command(), NAME, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// In a list of names and what they mean, zsh takes the first colon for the end of the name unless a backslash stands
/// before it.
fn zsh(script: &str) -> String {
    let command = cli::command();
    let names = command
        .get_subcommands()
        .flat_map(|task| std::iter::once(task.get_name()).chain(task.get_all_aliases()));
    let names: Vec<&str> = names.filter(|name| name.contains(':')).collect();
    let escaped = |line: &str| {
        let entry = line.strip_prefix('\'')?;
        let name =
            names.iter().find(|name| entry.strip_prefix(**name).is_some_and(|rest| rest.starts_with(':')))?;
        Some(format!("'{}{}", name.replace(':', "\\:"), &entry[name.len()..]))
    };
    script.lines().map(|line| escaped(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
}

/// `man`
pub(super) fn man(arguments: &Man) -> Result<(), TaskError> {
    let mut command = cli::command().disable_help_subcommand(true);
    command.build();
    if let Some(directory) = &arguments.to {
        return write(&command, directory);
    }
    print(&String::from_utf8_lossy(&page(command)?))
}

/// A page for the tool, and one for each task.
fn write(command: &Command, directory: &Path) -> Result<(), TaskError> {
    let failed = |path: &Path, source| TaskError::Write { path: path.to_owned(), source };
    fs::create_dir_all(directory).map_err(|error| failed(directory, error))?;
    for command in std::iter::once(command).chain(command.get_subcommands()) {
        let name = command.get_display_name().unwrap_or(NAME);
        let path = directory.join(OsString::from(format!("{name}.1")));
        fs::write(&path, page(command.clone())?).map_err(|error| failed(&path, error))?;
    }
    Ok(())
}

fn page(command: Command) -> Result<Vec<u8>, TaskError> {
    let mut page = Vec::new();
    Page::new(command).render(&mut page)?;
    Ok(page)
}

fn print(text: &str) -> Result<(), TaskError> {
    let mut out = Output::stdout();
    out.text(text)?;
    Ok(out.flush()?)
}
