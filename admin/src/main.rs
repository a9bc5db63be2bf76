//! The binary `scalelite`: the operator's tasks, and everything in one process.
//!
//! Called by the name of a service, it is that service: container images hold this one binary.
//!
//! * `rake` and [`cli`]: what the command line says, in the spelling of rake and in that of a CLI.
//! * [`tasks`]: one file per namespace of tasks.
//! * [`up`]: the front end, the poller and the importer in one process; [`demo`] adds simulated servers and a recording.
//! * [`output`]: what the tasks print; [`progress`]: how far they are; [`environment`]: the configuration
//!   with defaults of our own; [`directories`]: where recordings are by default.

mod cli;
mod demo;
mod directories;
mod environment;
mod output;
mod progress;
mod rake;
mod secrets;
mod sparkline;
mod summary;
mod tasks;
mod up;

use std::path::Path;
use std::process::ExitCode;

/// In place of the system's, see docs/ARCHITECTURE.md.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    if let Some(service) = called_as() {
        return service();
    }
    let words: Vec<String> =
        std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let todo = match cli::read(&words) {
        Ok(todo) => todo,
        Err(error) => return cli::explain(&error),
    };
    for task in todo {
        let code = match task {
            cli::Task::Up(up) => up::start(&up),
            task => tasks::start(&task),
        };
        if code != ExitCode::SUCCESS {
            return code;
        }
    }
    ExitCode::SUCCESS
}

/// The service by whose name this program was called.
fn called_as() -> Option<fn() -> ExitCode> {
    let path = std::env::args_os().next()?;
    match Path::new(&path).file_name()?.to_str()? {
        "scalelite-api" => Some(scalelite_api::service::main),
        "scalelite-poller" => Some(scalelite_poller::service::main),
        "scalelite-recording-importer" => Some(scalelite_importer::service::main),
        _ => None,
    }
}
