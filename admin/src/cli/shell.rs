//! What shells and packagers want: completions and manual pages.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `completions`
#[derive(PartialEq, Eq, Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: Shell,
}

/// A shell that completions are made for.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// `man`
#[derive(PartialEq, Eq, Args)]
pub(crate) struct Man {
    /// Write it and a page for each task into this directory, for packages
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
}
