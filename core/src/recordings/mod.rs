//! Recordings: what they are, where their data and their files are (CONTRACT §6, §10).
//!
//! * [`model`]: a recording, its playback formats, and filters of `getRecordings`.
//! * [`catalog`]: the database: one trait with an implementation for PostgreSQL and one for SQLite, and one
//!   contract suite in `core/tests/catalog`.
//! * [`held`]: a lease while it is held; [`operations`]: what changes files and rows together.
//! * [`metadata_xml`]: what an imported recording tells of itself.
//! * [`spool`]: the names of tars on their way into it and out of it, and what waits there.
//! * [`text_tracks`]: captions and subtitles, beside the files.
//! * [`walk`]: all recordings that a filter lets pass, bit by bit.
//! * [`upload_names`]: uploads to the spool that are under way.
//! * [`store`]: the files, on disk or in a bucket; [`cloudfront`]: the way to them through CloudFront.

#[macro_use]
mod delegation;

pub mod catalog;
pub mod cloudfront;
pub mod held;
pub mod metadata_xml;
pub mod model;
pub mod operations;
pub mod postgres;
mod prefix;
mod remembered;
mod rows;
mod schema;
pub mod spool;
pub mod sqlite;
pub mod store;
pub mod text_tracks;
pub mod upload_names;
pub mod walk;
