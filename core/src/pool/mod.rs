//! Pure decisions about a pool of conferencing servers: numbers in, a decision out. Nothing here
//! knows a network, a store, a clock or BigBlueButton.

pub mod health;
pub mod load;
pub mod placement;
pub mod server;
pub mod voice_bridge;
