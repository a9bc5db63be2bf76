//! The binary `scalelite-recording-importer`.

fn main() {}
