//! A file of SQLite that several processes of one host use: how it is made and opened, and the connections to it.

mod file;
mod link;

pub(crate) use file::{FileError, make, open, options};
pub(crate) use link::Link;
