//! Moving over from the original and back, with stores as it leaves them (docs/MIGRATING.md): each side works on what
//! the other has left, one after the other and beside each other.

mod database;
mod original;
mod side_by_side;
mod there_and_back;
