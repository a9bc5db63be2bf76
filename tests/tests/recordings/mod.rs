//! The calls about recordings (issue 3).

mod changes;
mod disabled;
mod listing;
mod pages;
mod tenants;
