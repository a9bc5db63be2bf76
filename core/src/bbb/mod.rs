//! The BigBlueButton protocol, as a client and as a server speak it (CONTRACT §2).

mod call_error;
pub mod checksum;
pub mod client;
mod connect;
pub mod error;
mod markup;
pub mod meetings;
pub mod params;
pub mod response;
pub mod xml;
