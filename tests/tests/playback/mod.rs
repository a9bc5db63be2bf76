//! Recordings are played (CONTRACT §6, "Playback").

mod given;

mod bucket;
mod direct;
mod nginx;
mod protected;
mod tenants;
