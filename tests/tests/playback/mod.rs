//! Recordings are played (CONTRACT §6, "Playback").

pub(crate) mod given;

mod bucket;
mod direct;
mod nginx;
mod outages;
mod protected;
mod tenants;
