//! Load multipliers as operators write them.

use std::io;

pub(super) use scalelite_core::operating::numbers::parse_multiplier as parse;

use crate::output::Output;

/// The multiplier that was given, or 1 and a warning.
pub(super) fn read(text: &str, out: &mut Output) -> io::Result<f64> {
    match parse(text) {
        Some(multiplier) => Ok(multiplier),
        None => {
            out.line("WARNING! Load-multiplier was not readable or 0, so it is now 1")?;
            Ok(1.0)
        }
    }
}
