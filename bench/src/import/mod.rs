//! Imports: one large tar against `tar` itself, and many small ones.

mod given;
mod plan;

pub(crate) use plan::{Options, run};
