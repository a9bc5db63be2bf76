//! Recordings: `getRecordings` of a million of them, in both databases.

mod database;
mod direct;
mod http;
mod plan;
mod shape;

pub(crate) use plan::{Options, run};
