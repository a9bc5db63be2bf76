//! The binary `scalelite-poller`.

use std::process::ExitCode;

/// In place of the system's, see docs/ARCHITECTURE.md.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    scalelite_poller::service::main()
}
