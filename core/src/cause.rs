//! What lies behind an error.

use std::error::Error;

/// An error and what caused it, in one line: the libraries' outermost texts say little.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let errors = std::iter::successors(Some(error), |&error| error.source());
    errors.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
