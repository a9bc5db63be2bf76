//! Prints the tables of `docs/METRICS.md`.
#![allow(clippy::print_stdout, reason = "that is its purpose")]

use scalelite_core::monitoring;

fn main() {
    print!(
        "{}",
        monitoring::reference(&[
            ("All processes", monitoring::METRICS),
            ("Front end", scalelite_api::METRICS),
            ("Poller", scalelite_poller::METRICS),
            ("Importer", scalelite_importer::METRICS),
        ])
    );
}
