//! Imports recordings: watches the spool, unpacks each tar, records it and puts its trees in place
//! (CONTRACT §6).

pub mod unpack;
